import type { Result } from '../audit/assessment.ts';
import { worstFirst } from '../audit/hold.ts';
import type { BuildWarning } from './built-image.ts';
import type { Facts } from './facts.ts';

/** A message at a line of a file, as GitHub shows it beside the code. */
export interface LineAnnotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
  /** Path within the work tree. */
  readonly file: string;
  readonly line: number;
}

/** GitHub keeps ten errors of a step and drops the rest unsaid; one is the run's own. */
const most = 9;
/** As many warnings, and the run has none of its own. */
const mostFindings = 10;

/** The failures of the tests' reports at the lines they are about, then what the checks found; what is too many is counted in the last one of
 * each. */
export function planAnnotations({
  reports,
  image,
  audit,
}: Pick<Facts, 'reports' | 'image' | 'audit'>): readonly LineAnnotation[] {
  const found = audit === undefined ? annotateWarnings(image?.warnings ?? []) : annotateFindings(audit.results);
  return [...annotateFailures(reports), ...found];
}

/** The worst first, one for each check, at the first line that it is about. Hints are in the summary alone. */
function annotateFindings(results: readonly Result[]): readonly LineAnnotation[] {
  const open = worstFirst(results.filter(({ state, check }) => state === 'open' && check.severity !== 'info'));
  const placed = open.flatMap(({ check, spots }) => {
    const spot = spots.find(({ place }) => place !== undefined);
    if (spot?.place === undefined) return [];
    const more = spots.length === 1 ? '' : `, and ${spots.length - 1} more`;
    const message = [`${spot.detail}${more}`, ...(check.remedy === '' ? [] : [check.remedy])].join('\n');
    return [{ level: 'warning' as const, title: `${check.severity}: ${check.title}`, message, ...spot.place }];
  });
  return countRest(placed.slice(0, mostFindings), placed.length, 'finding');
}

function countRest(shown: readonly LineAnnotation[], all: number, what: string): readonly LineAnnotation[] {
  const last = shown.at(-1);
  const more = all - shown.length;
  if (last === undefined || more <= 0) return shown;
  const counted = `${last.message}\n(${more} more ${what}${more === 1 ? '' : 's'}; the job’s summary has ${more === 1 ? 'it' : 'them'})`;
  return [...shown.slice(0, -1), { ...last, message: counted }];
}

/** BuildKit's findings, where nothing else was checked; the rest of them is in the summary. */
function annotateWarnings(warnings: readonly BuildWarning[]): readonly LineAnnotation[] {
  const placed = warnings.flatMap(({ text, url, place }) =>
    place === undefined
      ? []
      : [{ level: 'warning' as const, title: 'Dockerfile', message: url === '' ? text : `${text}\n${url}`, ...place }],
  );
  return placed.slice(0, most);
}

function annotateFailures(reports: Facts['reports']): readonly LineAnnotation[] {
  const failures = reports?.counts.failures ?? [];
  const placed = failures.flatMap(({ name, message, place }) =>
    place === undefined ? [] : [{ level: 'error' as const, title: `Test failed: ${name}`, message, ...place }],
  );
  const shown = placed.slice(0, most);
  const last = shown.at(-1);
  const more = (reports?.counts.failed ?? 0) - shown.length;
  if (last === undefined || more === 0) return shown;
  const counted = `${last.message}\n(${more} more failed; the job’s summary has ${more === 1 ? 'it' : 'them'})`;
  return [...shown.slice(0, -1), { ...last, message: counted }];
}
