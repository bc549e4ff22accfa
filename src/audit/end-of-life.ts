/** When nobody repairs security holes any more, by day; the last day on which it still was so.
 *
 * Published by Python's developer guide ("Status of Python versions"; a month alone is its last day), Debian's LTS wiki (the end of LTS,
 * later than that of the security team), Ubuntu's release cycle (standard support, without Pro) and Alpine's releases page; put together on
 * 2026-11-21 from copies of them (endoflife.date) and from memory, not from the pages themselves.
 * What a table does not hold is not known, and never taken for supported. */
export const endOfLife: Readonly<Record<'python' | Distribution, ReadonlyMap<string, string>>> = {
  python: new Map([
    ['2.7', '2020-01-01'],
    ['3.4', '2019-03-18'],
    ['3.5', '2020-09-30'],
    ['3.6', '2021-12-23'],
    ['3.7', '2023-06-27'],
    ['3.8', '2024-10-07'],
    ['3.9', '2025-10-31'],
    ['3.10', '2026-10-31'],
    ['3.11', '2027-10-31'],
    ['3.12', '2028-10-31'],
    ['3.13', '2029-10-31'],
    ['3.14', '2030-10-31'],
  ]),
  debian: new Map([
    ['8', '2020-06-30'],
    ['9', '2022-06-30'],
    ['10', '2024-06-30'],
    ['11', '2026-08-31'],
    ['12', '2028-06-30'],
    ['13', '2030-06-30'],
  ]),
  ubuntu: new Map([
    ['14.04', '2019-04-02'],
    ['16.04', '2021-04-30'],
    ['18.04', '2023-05-31'],
    ['20.04', '2025-05-31'],
    ['22.04', '2027-04-01'],
    ['22.10', '2023-07-20'],
    ['23.04', '2024-01-20'],
    ['23.10', '2024-07-12'],
    ['24.04', '2029-05-31'],
    ['24.10', '2025-07-10'],
    ['25.04', '2026-01-17'],
    ['25.10', '2026-07-01'],
    ['26.04', '2031-04-30'],
  ]),
  alpine: new Map([
    ['3.13', '2022-11-01'],
    ['3.14', '2023-05-01'],
    ['3.15', '2023-11-01'],
    ['3.16', '2024-05-23'],
    ['3.17', '2024-11-22'],
    ['3.18', '2025-05-09'],
    ['3.19', '2025-11-01'],
    ['3.20', '2026-04-01'],
    ['3.21', '2026-11-01'],
    ['3.22', '2027-05-01'],
    ['3.23', '2027-11-01'],
  ]),
};

export type Distribution = 'debian' | 'ubuntu' | 'alpine';

/** The fields of `os-release(5)`. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).flatMap((line) => {
    const [, name, value = ''] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? [];
    return name === undefined ? [] : [[name, value.replace(/^(['"])(.*)\1$/, '$2')] as const];
  });
  return new Map(lines);
}
