import { globPattern } from '../model/glob-pattern.ts';
import type { Ignore } from '../model/ignore.ts';
import { isNear } from '../model/near-miss.ts';
import type { Place } from '../model/place.ts';
import type { Judged } from './audit.ts';
import { type BuilderWarning, isBuilderCheck, readWarning } from './builder-checks.ts';
import type { Sighting } from './finding.ts';
import { readIgnores } from './ignore.ts';
import type { ImageFacts } from './image-facts.ts';
import { locator, namer } from './place.ts';
import type { Rule } from './rule.ts';

/** What readers are told of a rule, or of a check of BuildKit's. */
export interface Check extends Omit<Rule, 'judge'> {
  readonly by: 'slipway' | 'buildkit';
  /** Address of its page where that is not ours; empty: docs/checks has it. */
  readonly page: string;
}

/** A sighting, and the line of the Dockerfile to be changed for it. */
export interface Spot extends Sighting {
  /** By the path within the work tree; undefined where there is no Dockerfile. */
  readonly place: Place | undefined;
  /** What it is about in words that stay the same while lines and layers move: an instruction's text, a path, a name. */
  readonly key: string;
}

/** What one check came to, after what somebody chose to ignore. */
export interface Result {
  readonly check: Check;
  readonly state: 'passed' | 'open' | 'ignored' | 'unknown' | 'not-applicable';
  /** Why it is ignored, unknown or not applicable; empty otherwise. */
  readonly because: string;
  /** At least one where it is open, none otherwise. */
  readonly spots: readonly Spot[];
  /** How many of its sightings are ignored. */
  readonly ignored: number;
}

/** What is said of an image. */
export interface Assessment {
  readonly results: readonly Result[];
  /** What is to be said of `checks-ignore` and of comments in the Dockerfile, a sentence each. */
  readonly notices: readonly string[];
}

/** Lays what rules and BuildKit saw side by side, without what is ignored.
 * @param about `ignores` of the input; the Dockerfile's own are read here. `warnings` undefined: nothing was built. */
export function assess(
  judged: readonly Judged[],
  about: {
    readonly facts: ImageFacts;
    readonly ignores: readonly Ignore[];
    readonly warnings: readonly BuilderWarning[] | undefined;
  },
): Assessment {
  const { facts, warnings } = about;
  const written = readIgnores(facts.dockerfile?.text ?? '');
  const ignores = [...about.ignores, ...written.ignores];
  const used = new Set<Ignore>();
  const [at, keyOf] = [locator(facts), namer(facts)];
  const place = (sighting: Sighting): Spot => {
    const { subject } = sighting;
    return { ...sighting, place: at(subject), key: keyOf(subject) };
  };
  const found = [...judged.map((one) => settle(one, place)), ...settleWarnings(warnings ?? [], keyOf)];
  const results = found.map((one) => leaveOut(one, ignores, used));
  const file = facts.dockerfile?.file ?? '';
  const idle = ignores.filter((one) => !used.has(one)).flatMap((one) => tellIdle(one, { found, warnings, file }));
  return { results, notices: [...written.problems.map((one) => `${file}: ${one}`), ...idle] };
}

function settle({ rule, answer }: Judged, place: (sighting: Sighting) => Spot): Result {
  const { judge: _, ...told } = rule;
  const plain = { check: { ...told, by: 'slipway', page: '' }, because: '', spots: [], ignored: 0 } as const;
  switch (answer.kind) {
    case 'pass':
      return { ...plain, state: 'passed' };
    case 'not-applicable':
    case 'unknown':
      return { ...plain, state: answer.kind, because: answer.because };
    case 'found':
      return { ...plain, state: 'open', spots: answer.sightings.map(place) };
  }
}

/** BuildKit tells only what it found; warnings of one check are one result. */
function settleWarnings(
  warnings: readonly BuilderWarning[],
  keyOf: (subject: Sighting['subject']) => string,
): readonly Result[] {
  const results = new Map<string, Result>();
  for (const warning of warnings) {
    const { id, detail, stride, severity } = readWarning(warning);
    const subject = warning.place === undefined ? { kind: 'image' as const } : lineOf(warning.place);
    const check: Check = {
      ...{ id, stride, severity, by: 'buildkit', page: warning.url, needs: 'dockerfile' },
      title: `BuildKit warns of ${id}`,
      ...{ why: '', remedy: '', ignoreWhen: '' },
    };
    const before = results.get(id) ?? { check, state: 'open', because: '', spots: [], ignored: 0 };
    results.set(id, {
      ...before,
      spots: [...before.spots, { subject, detail, place: warning.place, key: keyOf(subject) }],
    });
  }
  return [...results.values()];
}

function lineOf({ line }: Place): Sighting['subject'] {
  return { kind: 'line', line };
}

function leaveOut(result: Result, ignores: readonly Ignore[], used: Set<Ignore>): Result {
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
function tellIdle(
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
