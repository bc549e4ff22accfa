import type { BuildWarning, Facts } from './facts.ts';

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

/** The failures of the tests' reports at the lines they are about; what is too many is counted in the last one. */
export function planAnnotations({ reports, image }: Pick<Facts, 'reports' | 'image'>): readonly LineAnnotation[] {
  return [...annotateFailures(reports), ...annotateWarnings(image?.warnings ?? [])];
}

/** BuildKit's findings; the rest of them is in the summary. */
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
