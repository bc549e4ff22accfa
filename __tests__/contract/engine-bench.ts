import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseEngineKind } from '../../scripts/testbed/engine.mjs';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import type { ActionError } from '../../src/errors.ts';
import { type BuildRequest, planBake, planLocalName } from '../../src/plan/build-plan.ts';
import { type BakeWatch, bake, findBuildx, type SolvedImage, type Spare } from '../../src/tools/buildx/buildx.ts';
import { callEngine } from '../../src/tools/engine/call.ts';
import { findEngine } from '../../src/tools/engine/endpoint.ts';
import { plainRequest } from '../support/build-request.ts';

export const bench = await ensureTestbed({
  log: (line) => process.stderr.write(`${line}\n`),
  engine: parseEngineKind(process.env['SLIPWAY_TESTBED_ENGINE'] || 'default'),
});
export const env = { ...bench.env, HOME: tmpdir() };
export const engine = await findEngine(env);
export const buildx = await findBuildx(env);
export const never = new AbortController().signal;

/** For a solve that is repeated with nothing else. */
const noSpare: Spare = {
  withoutCache: undefined,
  cacheTrouble: () => undefined,
  isUntouched: () => false,
  mayMakeAnew: true,
};

const folders: string[] = [];

/** A new folder with these files; removed by `sweep`. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-contract-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export function sweep(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A request for this folder that differs from every other one, so that nothing is cached but what is meant to be. */
export function requestFor(context: string, more: Partial<BuildRequest> = {}): BuildRequest {
  const nonce = randomBytes(8).toString('hex');
  return plainRequest({
    context,
    dockerfile: join(context, 'Dockerfile'),
    args: new Map([['NONCE', nonce]]),
    name: planLocalName(nonce),
    ...more,
  });
}

export interface Build {
  readonly request: BuildRequest;
  readonly lines: readonly string[];
  readonly free: number;
  readonly image: SolvedImage | undefined;
  readonly error: ActionError | undefined;
}

interface How {
  readonly onContextRead?: () => void;
  readonly onLine?: (line: string) => void;
  readonly cancel?: AbortSignal;
  readonly limit?: number;
  readonly secretEnv?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly spare?: Spare;
}

/** What a solve is watched with, in a folder of its own. */
export function watchWith(how: How = {}): BakeWatch {
  return {
    onContextRead: how.onContextRead ?? (() => undefined),
    onLine: how.onLine ?? (() => undefined),
    cancel: how.cancel ?? never,
    limit: how.limit ?? 60_000,
    folder: folderWith({}),
    secretEnv: how.secretEnv ?? {},
    spare: how.spare ?? noSpare,
  };
}

/** Builds and answers with what came of it; only what is no ActionError is thrown. */
export async function build(request: BuildRequest, how: How = {}): Promise<Build> {
  const lines: string[] = [];
  let free = 0;
  const watch = watchWith({
    ...how,
    onContextRead: () => {
      free += 1;
      how.onContextRead?.();
    },
    onLine: (line: string) => {
      lines.push(line);
      how.onLine?.(line);
    },
  });
  const plugin = { ...buildx, env: { ...buildx.env, ...how.env } };
  try {
    const image = await bake({ buildx: plugin, engine }, planBake(request), watch);
    return { request, lines, free, image, error: undefined };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ActionError') throw error;
    return { request, lines, free, image: undefined, error: error as ActionError };
  }
}

/** Builds what the files of a folder say, and answers with its local name. */
export async function buildImage(files: Readonly<Record<string, string | Uint8Array>>, how: How = {}): Promise<string> {
  const made = await build(requestFor(folderWith(files)), how);
  if (made.image === undefined) throw made.error ?? new Error('no image');
  return made.image.name;
}

/** How many containers of a run the engine has, running or not. */
export async function countContainers(nonce: string): Promise<number> {
  const query = { all: '1', filters: JSON.stringify({ label: [`io.slipway.run=${nonce}`] }) };
  const { body } = await callEngine(engine, {
    method: 'GET',
    path: ['containers', 'json'],
    query,
    headers: {},
    cancel: never,
  });
  return Array.isArray(body) ? body.length : -1;
}
