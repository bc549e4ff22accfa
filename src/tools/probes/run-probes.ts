import { randomBytes } from 'node:crypto';
import type { HealthFacts, ProbeFacts } from '../../audit/probe-facts.ts';
import { isUp } from '../../audit/probed.ts';
import { known, type Probed, unprobed } from '../../audit/probed-value.ts';
import type { ImageConfig } from '../../model/image-config.ts';
import { findEntryModule } from '../../plan/bytecode/entry-module.ts';
import { readDeclared } from '../../plan/probes/declared.ts';
import { pythonsOf } from '../../plan/probes/pythons.ts';
import { fields, text } from '../engine/ask.ts';
import { callEngine, type Engine } from '../engine/call.ts';
import { removeContainers } from '../engine/removal.ts';
import type { Workbench } from '../workbench.ts';
import { attempt } from './attempt.ts';
import { withCell } from './cell.ts';
import type { CellPlan, Walls } from './cell-plan.ts';
import { probePlain } from './plain.ts';
import { askPython } from './python.ts';
import { watchStart } from './watch.ts';
import { type ProbeContext, probeWatched } from './watched.ts';

/** What a container is made of: all of a configuration but how it came about. */
export type RunConfig = Omit<ImageConfig, 'history'>;

/** What is run, and how. */
export interface ProbeWork {
  /** Name or id of an image in the engine's store. */
  readonly image: string;
  readonly config: RunConfig;
  /** In place of CMD, as words behind `docker run IMAGE`; undefined: the image's own. */
  readonly command: readonly string[] | undefined;
  /** Beside the image's own variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly cancel: AbortSignal;
}

/** Milliseconds for all probes together. */
const limit = 120_000;

/** Runs an image in some containers, at most two at a time, and tells what that showed. None is left behind; nothing of what they print
 * reaches the log. What could not be found out is unknown.
 * @throws ActionError `cancelled`, `engine-missing`. */
export async function runProbes(bench: Pick<Workbench, 'engine' | 'nonce'>, work: ProbeWork): Promise<ProbeFacts> {
  const { engine, nonce } = bench;
  const { image, config, env } = work;
  const own = randomBytes(8).toString('hex');
  const cancel = AbortSignal.any([work.cancel, AbortSignal.timeout(limit)]);
  const declared = readDeclared(config);
  const labels = { 'io.slipway.run': nonce, 'io.slipway.probe': own };
  const platform = await readForeign(engine, config.platform, cancel);
  const shared = { image, env, platform, labels };
  const cellFor = (walls: Walls): CellPlan => ({ ...shared, program: undefined, args: work.command, walls });
  const again = <T>(walls: Walls, probe: (plan: CellPlan) => Promise<T>) =>
    attempt(work.cancel, () => probe(cellFor(walls)));
  let tellPython = (_path: string): void => undefined;
  const seen = new Promise<string>((resolve) => {
    tellPython = resolve;
  });
  const context = { declared, cancel, config, tellPython };
  const plain = again('plain', (one) => probePlain(engine, one, context));
  const watching = watch(engine, again, context);
  const asking = async (): Promise<ProbeFacts['python']> => {
    const running = await Promise.race([seen, watching.then(() => '')]);
    await Promise.race([plain, watching]); // two at a time
    const pythons = [...new Set([running, ...pythonsOf(config)])].filter((one) => one !== '');
    const module = findEntryModule({ ...config, cmd: work.command ?? config.cmd });
    const asked = { pythons, modules: module === undefined ? [] : [module], cancel };
    return await attempt(work.cancel, () => askPython(engine, { ...shared, walls: 'plain' }, asked));
  };
  const all = [watching, plain, asking()] as const;
  try {
    const [watched, plainly, python] = await Promise.all(all);
    return assemble({ ...watched, plain: plainly, python, declared });
  } finally {
    await Promise.allSettled(all);
    await removeContainers(engine, `io.slipway.probe=${own}`, AbortSignal.timeout(15_000)).catch(() => undefined);
  }
}

/** Starts the image within all walls; where it does not come up there, it is looked at without them. */
async function watch(
  engine: Engine,
  again: <T>(walls: Walls, probe: (plan: CellPlan) => Promise<T>) => Promise<Probed<T>>,
  context: ProbeContext,
): Promise<Pick<Parts, 'start' | 'watched' | 'readOnly'>> {
  const probe = (plan: CellPlan): ReturnType<typeof probeWatched> => probeWatched(engine, plan, context);
  const strict = await again('strict', probe);
  const start = part(strict, (one) => known(one.start));
  if (start.kind === 'unknown' || start.value.refusal !== '' || isUp(start.value))
    return { start, watched: strict, readOnly: unprobed('there was no need to ask') };
  const { cancel } = context;
  const readOnly = await again('read-only', (plan) => withCell(engine, plan, { cancel, work: watchStart }));
  return { start, watched: await again('plain', probe), readOnly };
}

/** The image's platform where the engine's machine has another architecture. */
async function readForeign(engine: Engine, platform: string, cancel: AbortSignal): Promise<string | undefined> {
  const { body } = await callEngine(engine, { method: 'GET', path: ['version'], query: {}, headers: {}, cancel });
  const own = text(fields(body)['Arch']);
  return own === '' || own === platform.split('/')[1] ? undefined : platform;
}

interface Parts {
  readonly start: ProbeFacts['start'];
  readonly watched: Probed<Awaited<ReturnType<typeof probeWatched>>>;
  readonly plain: Probed<Awaited<ReturnType<typeof probePlain>>>;
  readonly readOnly: ProbeFacts['readOnlyStart'];
  readonly python: ProbeFacts['python'];
  readonly declared: ReturnType<typeof readDeclared>;
}

function assemble({ start, watched, plain, readOnly, python, declared }: Parts): ProbeFacts {
  return {
    start,
    plainStart: part(plain, (one) => known(one.start)),
    readOnlyStart: readOnly,
    watched: part(watched, (one) => known(one.start)),
    secondStart: part(plain, ({ secondStart }) => secondStart),
    written: part(plain, ({ written }) => written),
    exposed: declared.exposed,
    listening: part(watched, ({ listening }) => listening),
    processes: part(watched, ({ processes }) => processes),
    orphan: part(watched, ({ orphan }) => orphan),
    stop: part(watched, ({ stop }) => stop),
    health: joinHealth(
      part(watched, ({ health }) => health),
      part(plain, ({ frozen }) => frozen),
    ),
    python,
  };
}

function part<T, U>(whole: Probed<T>, pick: (value: T) => Probed<U>): Probed<U> {
  return whole.kind === 'known' ? pick(whole.value) : whole;
}

function joinHealth(
  health: Probed<HealthFacts | undefined>,
  frozen: HealthFacts['frozen'],
): Probed<HealthFacts | undefined> {
  if (health.kind === 'unknown' || health.value === undefined) return health;
  return known({ ...health.value, frozen });
}
