import { globPattern } from '../model/glob-pattern.ts';
import type { Ignore } from '../model/ignore.ts';
import { isNear } from '../model/near-miss.ts';
import type { Result, Spot } from './assessment.ts';
import { isBuilderCheck } from './builder-checks.ts';

/** A result without what is ignored.
 * @param used what had an effect is added to it. */
export function leaveOut(result: Result, ignores: readonly Ignore[], used: Set<Ignore>): Result {
  const mine = ignores.filter(({ id }) => id === result.check.id);
  if (mine.length === 0) return result;
  if (result.state === 'unknown') {
    // what cannot be found out has no path and no line
    const whole = mine.find(({ path, from }) => path === undefined && from.kind === 'input');
    if (whole === undefined) return result;
    used.add(whole);
    return { ...result, state: 'ignored', because: whole.reason };
  }
  const reasons = new Set<string>();
  const left = result.spots.filter((spot) => {
    const covering = mine.filter((one) => covers(one, spot));
    for (const one of covering) {
      used.add(one);
      if (one.reason !== '') reasons.add(one.reason);
    }
    return covering.length === 0;
  });
  const ignored = result.spots.length - left.length;
  if (ignored === 0) return result;
  const because = left.length === 0 ? [...reasons].join('; ') : '';
  return { ...result, state: left.length === 0 ? 'ignored' : 'open', because, spots: left, ignored };
}

function covers({ path, from }: Ignore, { subject, place }: Spot): boolean {
  const isThere = from.kind === 'input' || (place !== undefined && from.first <= place.line && place.line <= from.last);
  if (path === undefined || !isThere) return isThere;
  return subject.kind === 'file' && new RegExp(`^${globPattern(path)}(?:/.*)?$`, 's').test(subject.path);
}

/** What is to be said of an ignore that changed nothing; nothing where the question itself was not answered. */
export function tellIdle(
  { id, path, from }: Ignore,
  run: { readonly found: readonly Result[]; readonly warnings: readonly unknown[] | undefined; readonly file: string },
): readonly string[] {
  const where = from.kind === 'input' ? 'checks-ignore' : `${run.file}:${from.line}`;
  const result = run.found.find(({ check }) => check.id === id);
  if (result === undefined && isBuilderCheck(id))
    return run.warnings === undefined ? [] : [`${where}: ${id} has no effect: BuildKit does not warn of it`];
  if (result === undefined) {
    const near = run.found.find(({ check }) => isNear(check.id, id.toLowerCase()))?.check.id;
    return [`${where}: there is no check ${id}${near === undefined ? '' : `: did you mean ${near}?`}`];
  }
  switch (result.state) {
    case 'passed':
      return [`${where}: ${id} has no effect: the image passes it`];
    case 'open':
    case 'ignored': {
      const what = path === undefined ? 'that instruction' : path;
      return [`${where}: ${id} has no effect: nothing of what it found is about ${what}`];
    }
    case 'unknown':
    case 'not-applicable':
      return [];
  }
}
