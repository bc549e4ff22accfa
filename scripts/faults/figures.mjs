// What a part of the sweep came to.

/**
 * @typedef {object} Figures
 * @property {string} name
 * @property {number} cases
 * @property {number} passed
 * @property {number} [red] of those that passed: red, with a receipt that says what the registry holds
 * @property {string[]} failed each case that did not pass, by its name and what was wrong
 * @property {string} note what they ran on
 */
/** @typedef {{ quick: boolean, log: (line: string) => void }} How */

/** Counts verdicts one by one, and tells of failures and of each hundredth case. */
export class Tally {
  cases = 0;
  passed = 0;
  red = 0;
  /** @type {string[]} */
  failed = [];

  /** @param {string} name @param {(line: string) => void} log */
  constructor(name, log) {
    this.name = name;
    this.log = log;
  }

  /** @param {{ name: string, kind: string, wrong: readonly string[] }} verdict one whose request was never sent counts as none */
  add({ name, kind, wrong }) {
    if (kind === 'not met') return;
    this.cases += 1;
    if (kind === 'wrong') {
      this.failed.push(`${name}: ${wrong.join('; ')}`);
      this.log(`FAILED ${name}: ${wrong.join('; ')}`);
    } else {
      this.passed += 1;
      if (kind !== 'green') this.red += 1;
    }
    if (this.cases % 100 === 0) this.log(`${this.name}: ${this.cases} cases, ${this.failed.length} failed`);
  }

  /** @param {string} note @returns {Figures} */
  figures(note) {
    const { name, cases, passed, red, failed } = this;
    return { name, cases, passed, red, failed, note };
  }
}
