import type { GitContext } from '../model/git-context.ts';

/** One image label. */
export interface Label {
  readonly name: string;
  readonly value: string;
}

/** Our labels of an image, `io.slipway.*`; empty where unknown, and empty never matches (INTERFACE, "Labels"). */
export interface OurLabels {
  /** Commit that built it. */
  readonly revision: string;
  /** Head commit of the pull request that built it; the revision elsewhere. */
  readonly head: string;
  /** Content key. */
  readonly key: string;
  /** Hash of the images that it is made from, as far as their names may move; empty as well where they could not be known. */
  readonly bases: string;
  /** Hash of the tests that passed: the commands, and the git tree they ran on. */
  readonly tests: string;
  /** `true` or `false`: was the work tree dirty. */
  readonly dirty: string;
}

/** What the labels are a function of. */
export interface LabelFacts {
  readonly git: GitContext;
  /** Content key, empty where unknown. */
  readonly key: string;
  /** Hash of the images that it is made from, empty where unknown. */
  readonly bases: string;
  /** Hash of the tests, empty where unknown. */
  readonly tests: string;
}

const space = 'io.slipway.';
const fields = ['revision', 'head', 'key', 'bases', 'tests', 'dirty'] as const;

/** Every label that the build sets, each name once: ours, then the user's, which win over `org.opencontainers.*` alone. */
export function planLabels(facts: LabelFacts, asked: readonly Label[]): readonly Label[] {
  const { checkout, source } = facts.git;
  const ours = ourLabels(facts);
  const merged = new Map<string, string>([
    ['org.opencontainers.image.revision', checkout.head],
    ['org.opencontainers.image.source', source],
    ['org.opencontainers.image.created', new Date(checkout.commitTime * 1_000).toISOString()],
    ...fields.map((field): [string, string] => [space + field, ours[field]]),
  ]);
  for (const { name, value } of asked) if (!isOurs(name)) merged.set(name, value);
  return [...merged].map(([name, value]) => ({ name, value }));
}

/** The values of our own labels for this run: of the commit and what goes into the image, never of ref, version or run. */
export function ourLabels(facts: LabelFacts): OurLabels {
  const { checkout, event } = facts.git;
  return {
    revision: checkout.head,
    head: event.kind === 'pull-request' ? event.pull.headSha : checkout.head,
    key: facts.key,
    bases: facts.bases,
    tests: facts.tests,
    dirty: String(checkout.dirty),
  };
}

/** The names among the user's labels that are not the user's to set. */
export function untouchableLabels(asked: readonly Label[]): readonly string[] {
  return asked.map(({ name }) => name).filter(isOurs);
}

/** Our labels of one image config's `Labels`; undefined where it carries none of them. */
export function readLabels(labels: unknown): OurLabels | undefined {
  if (typeof labels !== 'object' || labels === null) return undefined;
  const own = new Map<string, unknown>(Object.entries(labels));
  if (!fields.some((field) => own.has(space + field))) return undefined;
  const at = (field: (typeof fields)[number]): string => {
    const value = own.get(space + field);
    return typeof value === 'string' ? value : '';
  };
  return {
    revision: at('revision'),
    head: at('head'),
    key: at('key'),
    bases: at('bases'),
    tests: at('tests'),
    dirty: at('dirty'),
  };
}

/** Our labels of an index: those of every platform's config, attestations left out by the caller, where all are equal. */
export function commonLabels(platforms: readonly (OurLabels | undefined)[]): OurLabels | undefined {
  const [first, ...rest] = platforms;
  if (first === undefined) return undefined;
  const same = (other: OurLabels | undefined) =>
    other !== undefined && fields.every((field) => other[field] === first[field]);
  return rest.every(same) ? first : undefined;
}

function isOurs(name: string): boolean {
  return name.toLowerCase().startsWith(space);
}
