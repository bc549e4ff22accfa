import { isDigest } from '../../../src/model/digest.ts';
import type { GitContext, RemoteHead } from '../../../src/model/git-context.ts';
import { parseRepository } from '../../../src/model/image-ref.ts';
import type { ManifestBytes } from '../../../src/model/manifest.ts';
import type { Registry } from '../../../src/model/registry.ts';
import { parseTag } from '../../../src/model/tag.ts';
import { compareVersions, formatVersion } from '../../../src/model/version.ts';
import { authorize } from '../../../src/plan/authorize.ts';
import { planRepairs } from '../../../src/plan/repairs.ts';
import type { History } from '../../../src/plan/standing.ts';
import type { TagPlan } from '../../../src/plan/tag-plan.ts';
import { planVersionQuestion, sortVersions } from '../../../src/plan/version-question.ts';
import type { KnownVersions, LatestPolicy } from '../../../src/plan/wanted-tag.ts';
import { planWrites } from '../../../src/plan/write-plan.ts';
import type { TagRecord } from '../../../src/report/facts.ts';
import { firstParents } from '../../../src/tools/checkout/history.ts';
import { lookAfterwards } from '../../../src/tools/look-afterwards.ts';
import { Guard } from '../../../src/tools/publish/guard.ts';
import { judgeEverywhere } from '../../../src/tools/publish/judge-everywhere.ts';
import type { RefQuestions } from '../../../src/tools/publish/judge-held.ts';
import { moveEverywhere } from '../../../src/tools/publish/move-everywhere.ts';
import { land } from '../../../src/tools/publish/publish.ts';
import { repairTags } from '../../../src/tools/publish/repair-tags.ts';
import { createMemoryRegistries } from '../memory-registry.ts';
import { planOf, policy, rules } from '../oracle-runs.ts';
import { semver } from '../versions.ts';
import { labelledImage } from './image.ts';
import { type Choose, type Crash, drive, Gate } from './scheduler.ts';

export const repository = parseRepository('registry.test/acme/app');

/** One run in a race. */
export interface Writer {
  readonly name: string;
  readonly git: GitContext;
  /** Pushed to git by this run's developer as its first step; undefined: it was there before the race began. */
  readonly pushes: { readonly ref: string; readonly commit: string; readonly force: boolean } | undefined;
}

/** Where a race begins. */
export interface Start {
  readonly writers: readonly Writer[];
  /** First parents. */
  readonly parents: Readonly<Record<string, string>>;
  /** Full refs and the commits they point at. */
  readonly refs: Readonly<Record<string, string>>;
  /** What is published: tag to commit. */
  readonly tags: Readonly<Record<string, string>>;
  /** Git tags of the remote that are versions. */
  readonly versions: readonly string[];
  /** Tags that only one writer ever touches need no order. */
  readonly watched: readonly string[];
  readonly latest: LatestPolicy;
}

/** How a writer ended. */
export interface Ending {
  readonly writer: Writer;
  readonly error: unknown;
  readonly records: readonly TagRecord[];
  readonly digest: string;
  /** What each tag held when this writer last looked. */
  readonly lastSeen: ReadonlyMap<string, string | undefined>;
  readonly crashed: boolean;
}

export interface Finish {
  readonly trace: readonly string[];
  readonly endings: readonly Ending[];
  /** The label of the image that each tag holds: a writer's name, or the commit that was published at the start. */
  readonly holds: (tag: string) => string | undefined;
  /** Every value that a tag was given, oldest first. */
  readonly given: (tag: string) => readonly string[];
}

/** Runs one race in one order, with the real code from the plan to the repairs.
 * @returns undefined where the order was given up. */
export async function race(
  start: Start,
  how: { choose: Choose; crash?: Crash | undefined },
): Promise<Finish | undefined> {
  const registries = createMemoryRegistries();
  const plain = registries.open(repository);
  const gate = new Gate();
  const names = new Map<string, string>();
  const makeImage = (name: string, git: { head: string; revision: string }): ManifestBytes => {
    const image = labelledImage(registries, repository, { name, ...git });
    names.set(image.digest, name);
    return image;
  };
  for (const [tag, commit] of Object.entries(start.tags))
    await plain.put(parseTag(tag), makeImage(commit, { head: commit, revision: commit }), undefined);
  const begun = registries.writes.length;
  const refs = new Map(Object.entries(start.refs));
  const history = readGraph(start.parents);
  const endings = start.writers.map((writer): Ending & { error: unknown; crashed: boolean } => ({
    writer,
    error: undefined,
    records: [],
    digest: '',
    lastSeen: new Map(),
    crashed: false,
  }));
  const works = endings.map((ending) => {
    const { writer } = ending;
    const head = writer.git.event.kind === 'pull-request' ? writer.git.event.pull.headSha : writer.git.checkout.head;
    const image = makeImage(writer.name, { head, revision: writer.git.checkout.head });
    const lastSeen = new Map<string, string | undefined>();
    const records = new Map<string, TagRecord>();
    const registry = watchRegistry(plain, { start, lastSeen, enter: (label) => gate.enter(writer.name, label) });
    const ask: RefQuestions = {
      head: async (): Promise<RemoteHead> => {
        if (start.writers.some((one) => one !== writer && one.pushes !== undefined))
          await gate.enter(writer.name, 'asks remote');
        const commit = refs.get(followed(writer.git));
        return commit === undefined ? { kind: 'gone' } : { kind: 'known', commit };
      },
      history,
      seen: () => undefined,
    };
    const run = async (): Promise<void> => {
      if (writer.pushes !== undefined) {
        await gate.enter(writer.name, 'pushes remote');
        const { ref, commit, force } = writer.pushes;
        const isThere = (await history(commit, refs.get(ref) ?? commit)).kind === 'ancestor';
        if (force || !isThere) refs.set(ref, commit);
      }
      await publish(writer, {
        registry,
        image,
        ask,
        start,
        record: (one) => records.set(one.tag, one),
      });
    };
    const work = run().catch((error: unknown) => {
      ending.error = error;
    });
    Object.assign(ending, { digest: image.digest, lastSeen });
    return { name: writer.name, work: work.then(() => void Object.assign(ending, { records: [...records.values()] })) };
  });
  const trace = await drive(gate, works, { choose: how.choose, crash: how.crash });
  if (trace === undefined) return undefined;
  for (const ending of endings) ending.crashed = gate.isDead(ending.writer.name);
  const given = (tag: string) =>
    registries.writes.slice(begun).flatMap((one) => (one.tag === tag ? [names.get(one.digest) ?? one.digest] : []));
  return {
    trace,
    endings,
    given,
    holds: (tag) => {
      const last = registries.writes.filter((one) => one.tag === tag).at(-1);
      return last === undefined ? undefined : names.get(last.digest);
    },
  };
}

interface Desk {
  readonly registry: Registry;
  readonly image: ManifestBytes;
  readonly ask: RefQuestions;
  readonly start: Start;
  readonly record: (record: TagRecord) => void;
}

/** What `release` does from the last look before the upload to the end. */
async function publish({ git, name }: Writer, { registry, image, ask, start, record }: Desk): Promise<void> {
  const { versions, latest } = start;
  const rights = authorize(git, rules);
  const question = planVersionQuestion({ ...policy, latest }, { git, rights });
  const readVersions = async (): Promise<KnownVersions> => {
    if (question.kind === 'none') return { kind: 'known', versions: [] };
    const all = semver(...versions);
    const asked = question.kind === 'higher' ? all.filter((one) => compareVersions(one, question.than) > 0) : all;
    const held = await Promise.all(asked.map((one) => registry.head(parseTag(formatVersion(one)))));
    return { kind: 'known', versions: sortVersions(asked.filter((_, at) => held[at] !== undefined)) };
  };
  const wanted: TagPlan = planOf(git, { latest }, await readVersions());
  const head = await ask.head();
  const judged = await judgeEverywhere([registry], { wanted, head, adopted: undefined }, ask);
  const adoption = { kind: 'build', firstTag: wanted.first, keep: [], because: '', notices: [] } as const;
  const writes = planWrites(wanted, adoption, { judged, stale: 'skip' });
  const guard = new Guard(writes, ask);
  const { first } = writes;
  const landed = [];
  if (first !== undefined) {
    const publisher = {
      registry,
      record,
      copy: async () => undefined,
      upload: async (tag: { name: typeof first.name }) => {
        await registry.put(tag.name, image, undefined);
        return image.digest;
      },
      refuse: (tag: typeof first, held: Parameters<Guard['refuse']>[2]) => guard.lookAndRefuse(registry, tag, held),
    };
    const spelled = { ...first, name: parseTag(`${first.name}-${name}-1`) };
    const arrived = await land(publisher, { kind: 'found', digest: image.digest }, (held) =>
      first.moves === 'never' && held !== undefined ? spelled : first,
    );
    if (arrived !== undefined) landed.push(arrived);
  }
  const contests = await moveEverywhere(landed, writes, { record, guard });
  const plan = async (crossed: boolean) => {
    const { known, standing } = await lookAfterwards(
      question,
      { wanted, writes, crossed },
      {
        remote: async () => ({ head: await ask.head(), tags: [] }),
        versions: readVersions,
        standing: (now) => guard.take(now),
        tell: () => undefined,
      },
    );
    return planRepairs(wanted, known.kind === 'known' ? planOf(git, { latest }, known) : wanted, { known, standing });
  };
  await repairTags(landed, { writes, contests, plan }, { record, guard });
}

function watchRegistry(
  plain: Registry,
  at: {
    readonly start: Start;
    readonly lastSeen: Map<string, string | undefined>;
    readonly enter: (label: string) => Promise<void>;
  },
): Registry {
  const enter = async (tag: string, what: string): Promise<void> => {
    if (at.start.watched.includes(tag)) await at.enter(`${what} ${tag}`);
  };
  const see = <T>(tag: string, digest: string | undefined, found: T): T => {
    if (!isDigest(tag)) at.lastSeen.set(tag, digest);
    return found;
  };
  return {
    ...plain,
    head: async (tag) => {
      await enter(tag, 'HEAD');
      const found = await plain.head(tag);
      return see(tag, found, found);
    },
    manifest: async (tag) => {
      await enter(tag, 'GET');
      const found = await plain.manifest(tag);
      return see(tag, found?.digest, found);
    },
    put: async (tag, manifest, seen) => {
      await enter(tag, 'PUT');
      await plain.put(tag, manifest, seen);
    },
  };
}

function followed({ event }: GitContext): string {
  return event.kind === 'pull-request' ? `refs/heads/${event.pull.headRef}` : event.ref.ref;
}

function readGraph(parents: Readonly<Record<string, string>>) {
  const commits = Object.entries(parents).map(([id, parent]) => ({ id, parents: [parent] }));
  return async (older: string, newer: string): Promise<History> => {
    for (let at: string | undefined = newer; at !== undefined; at = parents[at])
      if (at === older) return { kind: 'ancestor', since: firstParents(commits, [older, newer]) };
    return { kind: 'other' };
  };
}
