// The figures as a page of the documentation.

/** @typedef {import('./figures.mjs').Figures} Figures */
/** @typedef {{ quick: boolean, date: string, minutes: number, machine: string[], figures: Figures[] }} Sweep */

/** The page, and nothing but what the sweep says. @param {Sweep} sweep */
export function renderReliability({ quick, date, minutes, machine, figures }) {
  const sum = (/** @type {(one: Figures) => number} */ of) => figures.reduce((total, one) => total + of(one), 0);
  const open = figures.flatMap(({ name, failed }) => failed.map((text) => `- ${name}: ${plain(text)}`));
  return [
    '# What Slipway does when something fails',
    '',
    'Written by `npm run test:faults`, from that run; the figures stand in [reliability.json](reliability.json) too. A case of `client`',
    'and `releases` is one publication that meets one fault. It passes where the run is green with every tag read back at the tested',
    'digest, or red with a receipt that says of each tag what the registry holds, and where the same run without the fault is green',
    'with the same tags. "Red first" counts the latter: most are faults that stay. The other parts have laws of their own, in their tests.',
    '',
    ...machine.map((line) => `- ${line}`),
    `- ${date}, ${minutes.toFixed(0)} minutes${quick ? '; a short run of a few cases of each part (`--quick`), not the whole sweep' : ''}`,
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
  ].join('\n');
}

/** A text that neither ends a table's cell nor a line. @param {string} text */
function plain(text) {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
