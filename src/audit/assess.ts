import type { Ignore } from '../model/ignore.ts';
import type { Place } from '../model/place.ts';
import type { Assessment, Check, Result, Spot } from './assessment.ts';
import type { Judged } from './audit.ts';
import { type BuilderWarning, readWarning } from './builder-checks.ts';
import type { Sighting } from './finding.ts';
import { readIgnores } from './ignore.ts';
import type { ImageFacts } from './image-facts.ts';
import { leaveOut, tellIdle } from './leave-out.ts';
import { locator, namer } from './place.ts';

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
