import { Masker } from '../../model/masker.ts';
import { plainText } from '../../model/plain-text.ts';
import { fields, refused, text } from '../engine/ask.ts';
import { callEngine, type Engine, type EngineReply, messageOf } from '../engine/call.ts';
import { removeContainer } from '../engine/removal.ts';
import { knownSecrets } from '../known-secrets.ts';
import { type CellPlan, planCreation } from './cell-plan.ts';

export interface Cell {
  readonly engine: Engine;
  readonly platform: string | undefined;
  readonly id: string;
  readonly cancel: AbortSignal;
  /** Makes a text from within fit to be shown: without the secrets of the run, and the values that it was given. */
  readonly show: (text: string) => string;
}

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

export async function readState(cell: Cell): Promise<CellState> {
  const state = fields(fields(await read(cell, 'json', 'inspect a container'))['State']);
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
export async function readChanges(cell: Cell): Promise<readonly string[]> {
  const answer = await read(cell, 'changes', 'compare a container with its image');
  const changes = Array.isArray(answer) ? answer : [];
  const paths = changes.map((one) => text(fields(one)['Path']));
  return paths.filter((path) => !path.includes('/__pycache__')).slice(0, 200);
}

async function read({ engine, id, cancel }: Cell, about: 'json' | 'changes', what: string): Promise<unknown> {
  const path = ['containers', id, about];
  const reply = await callEngine(engine, { method: 'GET', path, query: {}, headers: {}, cancel });
  if (reply.status !== 200) throw refused(what, reply);
  return reply.body;
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
