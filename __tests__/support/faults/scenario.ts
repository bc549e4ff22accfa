import type { Digest } from '../../../src/model/digest.ts';
import { formatReference } from '../../../src/model/image-ref.ts';
import type { Registry } from '../../../src/model/registry.ts';
import type { WritePlan } from '../../../src/plan/write-plan.ts';
import type { TagRecord } from '../../../src/report/facts.ts';
import type { Http } from '../../../src/tools/http/http.ts';
import { explainWritten } from '../../../src/tools/publish/account.ts';
import { copyWithin } from '../../../src/tools/publish/copy.ts';
import { explained, settleAll } from '../../../src/tools/publish/failures.ts';
import { Guard } from '../../../src/tools/publish/guard.ts';
import { moveEverywhere } from '../../../src/tools/publish/move-everywhere.ts';
import { type Landed, land } from '../../../src/tools/publish/publish.ts';
import { repairTags } from '../../../src/tools/publish/repair-tags.ts';
import { readAbsence } from '../../../src/tools/registry/allowed.ts';
import { accountingPace, openRegistry, type Pace, publishingPace } from '../../../src/tools/registry/open-registry.ts';
import type { FaultKind } from './fault-kinds.ts';
import { pushAsEngine } from './model-engine.ts';
import { type ModelRegistry, modelLogin } from './model-registry.ts';
import type { Stage } from './stages.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How often a fault comes: the request alone, its first repetition too, it and all like it, or every request from then on. */
export const persistences = ['once', 'twice', 'always', 'everything'] as const;
export type Persistence = (typeof persistences)[number];

export interface Fault {
  readonly at: number;
  readonly kind: FaultKind;
  readonly times: Persistence;
}

/** What one publication came to. */
export interface Published {
  readonly error: unknown;
  readonly records: readonly TagRecord[];
  /** Every request in short. */
  readonly seen: readonly string[];
  /** Milliseconds of the clock. */
  readonly took: number;
  /** Whether the fault's request was sent at all. */
  readonly met: boolean;
}

/** Land, move, read-back and repair, with the real client, on a registry that meets a fault. */
export async function publish(
  stage: Stage,
  registry: ModelRegistry,
  clock: VirtualClock,
  fault?: Fault,
): Promise<Published> {
  const began = clock.now();
  const wire = openWire(registry, clock, fault);
  const records = new Map<string, TagRecord>();
  const record = (one: TagRecord): void => void records.set(`${one.repository}:${one.tag}`, one);
  const open = (pace: Pace) => (repository: Registry['repository']) =>
    readAbsence(
      openRegistry(repository, {
        http: wire.http,
        rules: { insecure: new Set(), authorities: new Map() },
        credentials: async () => ({ kind: 'basic', ...modelLogin }),
        onSecret: () => undefined,
        pace,
        clock,
        cancel: new AbortController().signal,
      }),
    );
  const publishing = runPublication(stage, { open: open(publishingPace), record, http: wire.http, clock });
  const account = { records: () => [...records.values()], record, image: stage.image.manifest.digest };
  const ended = publishing.then(
    () => undefined,
    (error: unknown) => explainWritten({ ...account, open: async (one) => open(accountingPace)(one) }, error),
  );
  const error = await clock.run(ended);
  return { error, records: account.records(), seen: wire.seen, took: clock.now() - began, met: wire.isMet() };
}

interface World {
  readonly open: (repository: Registry['repository']) => Registry;
  readonly record: (record: TagRecord) => void;
  readonly http: Http;
  readonly clock: VirtualClock;
}

async function runPublication(stage: Stage, { open, record, http, clock }: World): Promise<void> {
  const { image, first, further, repairs } = stage;
  for (const { name: repository } of stage.repositories)
    for (const { name: tag, kind } of [first, ...further])
      record({ repository, tag, kind, before: undefined, after: undefined, outcome: 'not-written', reason: '' });
  const follows = { ref: 'refs/heads/main', commit: 'a'.repeat(40), merged: false, mendable: true };
  const writes: WritePlan = { follows, stale: 'skip', first, further, superseded: [], kept: [], notices: [] };
  const guard = new Guard(writes, {
    head: async () => ({ kind: 'known', commit: follows.commit }),
    seen: () => undefined,
    history: async () => ({ kind: 'unknown', reason: 'nobody asks' }),
  });
  const landed: Landed[] = [];
  let before: Promise<unknown> = Promise.resolve();
  const arrivals = stage.repositories.map((repository) => {
    const registry = open(repository);
    const copy = async () => {
      const [source] = landed;
      return source === undefined ? undefined : copyWithin(source.registry, registry, image.manifest.digest);
    };
    const upload = ({ name: tag }: { name: typeof first.name }): Promise<Digest> =>
      pushAsEngine(http, clock, { repository, tag, image });
    const arrival = before.then(async () => {
      const refuse = (tag: typeof first, held: Digest | undefined) => guard.refuse(registry, tag, held);
      const arrived = await explained(
        { registry },
        land({ registry, record, copy, upload, refuse }, stage.identity, () => first),
      );
      if (arrived !== undefined) landed.push(arrived);
    });
    before = arrival.catch(() => undefined);
    return arrival;
  });
  await settleAll(arrivals);
  const contests = await moveEverywhere(landed, writes, { record, guard });
  await repairTags(landed, { writes, contests, plan: async () => repairs }, { record, guard });
}

/** The place of node's HTTP client: every request is counted, and the chosen ones meet the fault. */
function openWire(registry: ModelRegistry, clock: VirtualClock, fault: Fault | undefined) {
  const seen: string[] = [];
  let met = 0;
  const hits = (at: number): boolean => {
    if (fault === undefined || at < fault.at) return false;
    if (at === fault.at || fault.times === 'everything') return true;
    if (fault.times === 'once' || seen[at] !== seen[fault.at]) return false;
    return fault.times === 'always' || met < 2;
  };
  const http: Http = {
    request: async (request) => {
      const { method, url, headers, body } = request;
      const at = seen.push(`${method} ${url.host}${url.pathname.replace(/uploads\/u\d+/, 'uploads/…')}`) - 1;
      const bytes = body instanceof Uint8Array ? body : new Uint8Array(0);
      const serve = () => registry.serve({ method, url, headers, body: bytes });
      if (fault === undefined || !hits(at)) return serve();
      met++;
      const applies = fault.kind.writesOnly === undefined || method === 'PUT' || method === 'POST';
      return applies ? fault.kind.meet({ request, serve, registry, clock }) : serve();
    },
    stream: () => Promise.reject(new Error('registries are not read as streams')),
    close: () => undefined,
  };
  return { http, seen, isMet: () => met > 0 };
}

/** What a registry holds under the tags of a stage, by `repository:tag`. */
export function readState(stage: Stage, registry: ModelRegistry): ReadonlyMap<string, Digest | undefined> {
  const names = stage.repositories.flatMap((repository) =>
    [...stage.expected.keys()].map((tag) => [repository, tag as typeof stage.first.name] as const),
  );
  return new Map(
    names.map(([repository, tag]) => [formatReference(repository, tag), registry.shelf(repository.path).tags.get(tag)]),
  );
}
