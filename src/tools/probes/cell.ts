import { Masker } from '../../model/masker.ts';
import { plainText } from '../../model/plain-text.ts';
import { fields, refused, text } from '../engine/ask.ts';
import { callEngine, type Engine, type EngineReply, messageOf } from '../engine/call.ts';
import { removeContainer } from '../engine/removal.ts';
import { knownSecrets } from '../known-secrets.ts';

/** What of the usual walls stands around a start. */
export type Walls = 'strict' | 'read-only' | 'plain';

/** A container in which a probe runs. */
export interface CellPlan {
  readonly image: string;
  /** In place of ENTRYPOINT and CMD; undefined: the image's own. */
  readonly program: readonly [string, ...string[]] | undefined;
  /** In place of CMD; undefined: the image's own. */
  readonly args: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly walls: Walls;
  /** Where it is not the engine's own: that of an image that only an emulator runs. */
  readonly platform: string | undefined;
  /** The run's nonce, under which post finds it, and the probes' own label. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Cell {
  readonly engine: Engine;
  readonly platform: string | undefined;
  readonly id: string;
  readonly cancel: AbortSignal;
  /** Makes a text from within fit to be shown: without the secrets of the run, and the values that it was given. */
  readonly show: (text: string) => string;
}

const mebibyte = 1024 * 1024;
const tmp = { '/tmp': `mode=1777,exec,size=${256 * mebibyte}` };

/** Makes a container, hands it to a piece of work, and removes it whatever comes of that.
 * @throws ActionError `engine-missing` where the engine makes none, `cancelled`. */
export async function withCell<T>(
  engine: Engine,
  plan: CellPlan,
  { cancel, work }: { readonly cancel: AbortSignal; readonly work: (cell: Cell) => Promise<T> },
): Promise<T> {
  const { platform, env } = plan;
  const query = platform === undefined ? {} : { platform };
  cancel.throwIfAborted();
  // not cut short: nobody would know what the engine goes on to make
  const patience = AbortSignal.timeout(30_000);
  const reply = await post(engine, ['containers', 'create'], { cancel: patience, query, json: planCreation(plan) });
  const id = text(fields(reply.body)['Id']);
  if (reply.status !== 201 || id === '') throw refused(`make a container of ${plan.image}`, reply);
  try {
    return await work({ engine, id, platform, cancel, show: hideValues(env) });
  } finally {
    // what cannot be removed now is removed by its label, by us once more and in post
    await removeContainer(engine, id, AbortSignal.timeout(10_000)).catch(() => undefined);
  }
}

/** Shorter ones are words that occur anyhow. */
const shortestValue = 8;

function hideValues(env: CellPlan['env']): Cell['show'] {
  const given = new Masker();
  for (const value of Object.values(env)) if (value.length >= shortestValue) given.learn(Buffer.from(value));
  return (text) => given.redact(knownSecrets.redact(plainText(text)));
}

function planCreation({ image, program, args, env, walls, labels }: CellPlan): Readonly<Record<string, unknown>> {
  const [entrypoint, ...rest] = program ?? [];
  return {
    Image: image,
    ...(entrypoint === undefined ? {} : { Entrypoint: [entrypoint], Cmd: rest }),
    ...(entrypoint === undefined && args !== undefined ? { Cmd: args } : {}),
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    Labels: labels,
    AttachStdout: true,
    AttachStderr: true,
    // asked by us when its turn has come
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: 'none',
      Init: false,
      Memory: 1024 * mebibyte,
      MemorySwap: 1024 * mebibyte,
      PidsLimit: 256,
      // half of what another container of the machine gets
      CpuShares: 512,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
      Tmpfs: tmp,
      ReadonlyRootfs: walls !== 'plain',
      ...(walls === 'strict' ? { CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] } : {}),
    },
  };
}

/** Starts a container.
 * @returns why the image cannot be started, in the engine's words; empty where it runs.
 * @throws ActionError `engine-missing` where the reason is not the image's. */
export async function startCell({ engine, id, platform, cancel }: Cell): Promise<string> {
  const reply = await post(engine, ['containers', id, 'start'], { cancel });
  if (reply.status === 204 || reply.status === 304) return '';
  const message = messageOf(reply);
  if (platform !== undefined && /exec format error/i.test(message))
    throw new Error(`this machine does not run programs of ${platform}`);
  if (blamesImage.test(message)) return shorten(message);
  throw refused('start a container', reply);
}

const blamesImage =
  /executable file not found|no such file or directory|permission denied|exec format error|is a directory|unable to find user|unable to find group|chdir to cwd|no command specified|not a directory/i;

/** The engine's own preliminaries say nothing about the image. */
function shorten(message: string): string {
  const from = message.search(/\bexec: |unable to find |chdir to cwd|no command specified/);
  return (from < 0 ? message : message.slice(from)).slice(0, 300).trim();
}

export interface CellState {
  readonly running: boolean;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
}

export async function readState({ engine, id, cancel }: Cell): Promise<CellState> {
  const path = ['containers', id, 'json'];
  const reply = await callEngine(engine, { method: 'GET', path, query: {}, headers: {}, cancel });
  if (reply.status !== 200) throw refused('inspect a container', reply);
  const state = fields(fields(reply.body)['State']);
  return {
    running: state['Running'] === true,
    exitCode: typeof state['ExitCode'] === 'number' ? state['ExitCode'] : -1,
    outOfMemory: state['OOMKilled'] === true,
  };
}

/** Sends a signal to PID 1; that there is none any more is fine. */
export async function signalCell({ engine, id, cancel }: Cell, signal: string): Promise<void> {
  const reply = await post(engine, ['containers', id, 'kill'], { cancel, query: { signal } });
  if (![204, 404, 409].includes(reply.status)) throw refused(`send ${signal} to a container`, reply);
}

/** Files that differ from the image's, without bytecode, at most 200. */
export async function readChanges({ engine, id, cancel }: Cell): Promise<readonly string[]> {
  const path = ['containers', id, 'changes'];
  const reply = await callEngine(engine, { method: 'GET', path, query: {}, headers: {}, cancel });
  if (reply.status !== 200) throw refused('compare a container with its image', reply);
  const changes = Array.isArray(reply.body) ? reply.body : [];
  const paths = changes.map((one) => text(fields(one)['Path']));
  return paths.filter((path) => !path.includes('/__pycache__')).slice(0, 200);
}

interface Post {
  readonly cancel: AbortSignal;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: Readonly<Record<string, unknown>>;
}

export async function post(
  engine: Engine,
  path: readonly string[],
  { query = {}, ...more }: Post,
): Promise<EngineReply> {
  return await callEngine(engine, { method: 'POST', path, query, headers: {}, ...more });
}
