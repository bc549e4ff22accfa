// The figures as a page of the documentation.

/** @typedef {import('./figures.mjs').Figures} Figures */
/**
 * @typedef {object} Run a part of the sweep that was run
 * @property {string} part
 * @property {boolean} quick a few cases, not all
 * @property {string} date
 * @property {number} minutes
 * @property {string[]} machine
 * @property {Figures[]} figures
 */

/** The runs with one that has just ended, in place of the part's last one. @param {Run[]} runs @param {Run} run @param {string[]} order of the parts */
export function keepRun(runs, run, order) {
  const kept = [...runs.filter(({ part }) => part !== run.part && order.includes(part)), run];
  return kept.toSorted((one, other) => order.indexOf(one.part) - order.indexOf(other.part));
}

/** The page, and nothing but what the runs say. @param {Run[]} runs */
export function renderReliability(runs) {
  const figures = runs.flatMap((run) => run.figures);
  const sum = (/** @type {(one: Figures) => number} */ of) => figures.reduce((total, one) => total + of(one), 0);
  const open = figures.flatMap(({ name, failed }) => failed.map((text) => `- ${name}: ${plain(text)}`));
  return [
    '# What Slipway does when something fails',
    '',
    'Written by `npm run test:faults`, part by part as they were run; the figures stand in [reliability.json](reliability.json) too. A case of',
    '`client` and `releases` is one publication that meets one fault. It passes where the run is green with every tag read back at the tested',
    'digest, or red with a receipt that says of each tag what the registry holds, and where the same run without the fault is green',
    'with the same tags. "Red first" counts the latter: most are faults that stay. The other parts have laws of their own, in their tests.',
    '',
    '| part | cases | converged | of these red first | did not converge | on |',
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...figures.map(
      ({ name, cases, passed, red, note }) =>
        `| ${plain(name)} | ${cases} | ${passed} | ${red ?? ''} | ${cases - passed} | ${plain(note)} |`,
    ),
    `| all | ${sum(({ cases }) => cases)} | ${sum(({ passed }) => passed)} | ${sum(({ red = 0 }) => red)} | ${sum(({ cases, passed }) => cases - passed)} | |`,
    '',
    '## Cases that did not converge',
    '',
    ...(open.length === 0 ? ['None.'] : open),
    '',
    '## The runs',
    '',
    ...runs.map(
      ({ part, quick, date, minutes, machine }) =>
        `- ${part}: ${date}, ${minutes} min${quick ? ', a few cases only (`--quick`)' : ''}; ${machine.map(plain).join('; ')}`,
    ),
    '',
  ].join('\n');
}

/** A text that neither ends a table's cell nor a line. @param {string} text */
function plain(text) {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
