import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Platform } from '../../model/platform.ts';
import { parseStartEvent, renderStartHook, type StartEvent } from '../../plan/bytecode/start-hook.ts';
import { type Exit, run } from '../command.ts';
import { findDocker } from '../engine/containers.ts';
import { createContainer, readProcessorTime } from '../engine/created.ts';
import { removeContainer } from '../engine/removal.ts';
import { knownSecrets } from '../known-secrets.ts';
import type { Workbench } from '../workbench.ts';

/** How an image is started to look at it. */
export interface StartPlan {
  readonly image: string;
  /** Which of several; undefined: the one there is. */
  readonly platform: Platform | undefined;
  readonly command: readonly [string, ...string[]] | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** The image's own PYTHONPATH, empty where it has none. */
  readonly pythonPath: string;
  /** Milliseconds without an import after which a program counts as started. */
  readonly quiet: number;
  /** Milliseconds after which it is ended, started or not. */
  readonly limit: number;
}

/** What a start showed. */
export interface Start {
  readonly events: readonly StartEvent[];
  /** `quiet`: started, and ended by us. `limit`: still importing when its time was up, or no Python was seen by then. */
  readonly end: { readonly kind: 'quiet' | 'limit' } | { readonly kind: 'exit'; readonly code: number | null };
  /** Its last line on stderr or stdout that is not the hook's. */
  readonly lastWords: string;
}

/** Starts an image without network on a read-only root, until it ends or has loaded what it loads. What it prints is kept to itself.
 * @throws ActionError `engine-missing`, `cancelled`. */
export async function startImage(bench: Workbench, plan: StartPlan): Promise<Start> {
  const { engine, cancel } = bench;
  const token = randomBytes(16).toString('hex');
  const folder = `/slipway-${token}`;
  const env = { ...plan.env, PYTHONPATH: plan.pythonPath === '' ? folder : `${folder}:${plan.pythonPath}` };
  const files = { 'sitecustomize.py': renderStartHook(token) };
  const id = await createContainer(engine, { ...plan, env, nonce: bench.nonce, folder, files }, cancel);
  try {
    return await follow(bench, plan, { id, token });
  } finally {
    // post removes by label what cannot be removed now
    await removeContainer(engine, id, AbortSignal.timeout(10_000)).catch(() => undefined);
  }
}

async function follow(
  bench: Workbench,
  plan: StartPlan,
  { id, token }: { readonly id: string; readonly token: string },
): Promise<Start> {
  const { path, env } = findDocker(bench.environment.all);
  const events: StartEvent[] = [];
  let [heard, lastWords] = [performance.now() + patienceFor(plan), ''];
  const listen = (line: string): void => {
    const event = parseStartEvent(line, token);
    if (event === undefined) lastWords = line.trim() === '' ? lastWords : knownSecrets.redact(line).slice(0, 500);
    else {
      events.push(event);
      heard = performance.now();
    }
  };
  const args = ['start', '--attach', id];
  const command = { program: path, args, cwd: undefined, env, stdin: undefined, phase: 'a start of the image' };
  const running = run({ ...command, limit: plan.limit + 60_000 }, { stdout: listen, stderr: listen }, bench.cancel);
  const lull = waitForLull(bench, { id, plan, silence: () => performance.now() - heard });
  running.catch(() => undefined); // awaited below; while the lull is waited for nobody listens
  const first = await Promise.race([running, lull.reached]);
  lull.stop();
  if (isExit(first)) return { events, end: { kind: 'exit', code: first.code }, lastWords };
  await removeContainer(bench.engine, id, bench.cancel);
  await running;
  return { events, end: { kind: first }, lastWords };
}

function isExit(value: Exit | 'quiet' | 'limit'): value is Exit {
  return typeof value === 'object';
}

const every = 100;
/** An entrypoint may do other things before it starts Python, and under emulation that alone takes a while. */
const patienceFor = ({ platform }: StartPlan): number => (platform === undefined ? 4_000 : 10_000);

/** Waits until nothing is imported any more: not for a while, and without work for the processor, since a large library may take seconds
 * between two imports. */
function waitForLull(
  { engine, cancel }: Workbench,
  { id, plan, silence }: { readonly id: string; readonly plan: StartPlan; readonly silence: () => number },
): { readonly reached: Promise<'quiet' | 'limit'>; readonly stop: () => void } {
  const stopped = new AbortController();
  const until = performance.now() + plan.limit;
  const wait = async (): Promise<'quiet' | 'limit'> => {
    while (performance.now() < until && !stopped.signal.aborted) {
      await delay(every);
      if (silence() < plan.quiet) continue;
      const before = await readProcessorTime(engine, id, cancel);
      const began = performance.now();
      await delay(2 * every);
      const after = await readProcessorTime(engine, id, cancel);
      const busy = before !== undefined && after !== undefined && after - before > (performance.now() - began) / 4;
      if (!busy && silence() >= plan.quiet) return 'quiet';
    }
    return 'limit';
  };
  const reached = wait();
  reached.catch(() => undefined);
  return { reached, stop: () => stopped.abort() };
}
