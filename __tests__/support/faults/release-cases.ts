import type { DoorFault, Passed } from './fault-door.ts';
import { atPlace, matching, type ReleaseCase, type Releases } from './release-run.ts';

const once: readonly DoorFault[] = ['500', '429', 'reset', 'lost reply', 'stall', 'stop'];
const lasting: readonly DoorFault[] = ['500', '429', 'reset', 'stall'];

/** Every request of a release with every fault once, then each kind of request with faults that stay. */
export function planReleaseCases(seen: readonly Passed[]): readonly ReleaseCase[] {
  const single = seen.flatMap((request, place) =>
    once.map(
      (fault): ReleaseCase => ({
        name: `${fault}, once, at request ${place} (${shorten(request)})`,
        rule: atPlace(fault, place),
        absorbed: true,
      }),
    ),
  );
  const twice = seen.flatMap(({ method, path }, place) =>
    (['500', 'reset'] as const).map(
      (fault): ReleaseCase => ({
        name: `${fault}, twice, at request ${place} (${shorten({ method, path })})`,
        rule: { ...atPlace(fault, place), times: 2, hits: (_, all) => all.length - 1 >= place },
        absorbed: false,
      }),
    ),
  );
  const kinds = [...new Set(seen.map(shorten))];
  const always = kinds.flatMap((kind) =>
    lasting.map(
      (fault): ReleaseCase => ({
        name: `${fault}, always (${kind})`,
        rule: { fault, times: Number.POSITIVE_INFINITY, hits: (one) => shorten(one) === kind },
        absorbed: false,
      }),
    ),
  );
  return [...single, ...twice, ...always];
}

/** A request without what differs from run to run. */
function shorten({ method, path }: Pick<Passed, 'method' | 'path'>): string {
  const short = path
    .replace(/^\/v2\/acme\/app\//, '')
    .replace(/sha256:.*/, '<digest>')
    .replace(/sha-[0-9a-f]{12}/, 'sha-<commit>')
    .replace(/uploads\/.+/, 'uploads/<id>');
  return `${method} ${short}`;
}

const fixed = /\/manifests\/sha-[0-9a-f]{12}$/;
const [main, latest, cache] = [/\/manifests\/main$/, /\/manifests\/latest$/, /\/manifests\/cache-main$/];
const byDigest = /\/manifests\/sha256:/;
const [opened, upload, blob] = [/\/uploads\/$/, /\/uploads\/.+/, /\/blobs\/sha256:/];

type Row = readonly [fault: DoorFault, method: string, path: RegExp, nth: number, times: number];

/** The sample of `npm test`: over all kinds of requests and faults. The classic image store pushes by other requests. */
export const sample: Readonly<Record<'containerd' | 'classic', readonly Row[]>> = {
  containerd: [
    ['500', 'GET', main, 1, 1],
    ['reset', 'GET', fixed, 1, 1],
    ['429', 'POST', opened, 1, 1],
    ['lost reply', 'GET', cache, 1, 1],
    ['reset', 'HEAD', fixed, 1, 1],
    ['500', 'GET', byDigest, 1, 1],
    ['500', 'POST', opened, 2, 1],
    ['lost reply', 'PUT', upload, 1, 1],
    ['429', 'PUT', fixed, 1, 1],
    ['lost reply', 'PUT', fixed, 1, 1],
    ['500', 'GET', fixed, 2, 1],
    ['stop', 'HEAD', main, 1, 1],
    ['lost reply', 'PUT', main, 1, 1],
    ['stall', 'PUT', latest, 1, 1],
    ['500', 'PUT', latest, 1, 99],
    ['reset', 'PUT', cache, 1, 1],
  ],
  classic: [
    ['500', 'GET', fixed, 1, 1],
    ['lost reply', 'POST', opened, 1, 1],
    ['reset', 'GET', main, 1, 1],
    ['429', 'HEAD', fixed, 1, 1],
    ['reset', 'POST', opened, 2, 1],
    ['500', 'PATCH', upload, 1, 1],
    ['lost reply', 'PUT', upload, 1, 1],
    ['500', 'PUT', fixed, 1, 1],
    ['lost reply', 'PUT', fixed, 1, 1],
    ['stop', 'PUT', main, 1, 1],
    ['429', 'HEAD', latest, 1, 1],
    ['reset', 'PUT', latest, 1, 1],
    ['stall', 'PUT', main, 1, 99],
    ['500', 'HEAD', blob, 1, 1],
  ],
};

/** A row of the sample as a case. */
export function caseOf([fault, method, path, nth, times]: Row): ReleaseCase {
  const often = times === 1 ? 'once' : 'always';
  const name = `${fault}, ${often}, at ${method} ${path.source} number ${nth}`;
  return { name, rule: matching(fault, { method, path, nth, times }), absorbed: times === 1 };
}

/** Judges cases, as many side by side as there are workers. */
export async function judgeAll<T extends ReleaseCase>(
  workers: readonly Releases[],
  cases: readonly T[],
  onVerdict: (verdict: Awaited<ReturnType<Releases['judge']>>, one: T) => void,
): Promise<void> {
  const open = [...cases];
  const work = async (worker: Releases): Promise<void> => {
    for (let one = open.shift(); one !== undefined; one = open.shift()) onVerdict(await worker.judge(one), one);
  };
  await Promise.all(workers.map(work));
}
