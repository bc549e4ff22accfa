import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ActionError } from '../../errors.ts';
import { type Builder, parseBuilder } from '../../model/builder.ts';
import type { Platform } from '../../model/platform.ts';
import { type BuilderChoice, explainBuilder, planBuilder } from '../../plan/builder.ts';
import { listMissing, listSilent, requirePlatforms } from '../../plan/platforms.ts';
import { say } from '../actions.ts';
import { run } from '../command.ts';
import { currentContext } from '../engine/endpoint.ts';
import type { Buildx } from './find.ts';
import { lend } from './private-config.ts';
import { findFault } from './reach.ts';

/** As long as buildx waits for a node. */
const answerLimit = 20_000;
const inspectLimit = 60_000;
/** BuildKit looks for emulators again only where its last look is 20 s ago (util/archutil/detect.go): one may just have come. */
const lookPause = 21_000;

/** Which builder is asked for. */
export interface BuilderQuestion {
  readonly name: string | undefined;
  /** What it is to build for, where that is not what it builds for anyway. */
  readonly platforms: readonly Platform[];
  /** Private to the run. */
  readonly folder: string;
}

/** Asks buildx for the builder of a name, else for its current one; it contacts that builder and boots none.
 * @returns undefined where nobody named or made one: that is the engine's own, and nothing is asked.
 * @throws ActionError `builder-missing` where there is none of that name; `timeout`, `cancelled`. */
export async function inspectBuilder(
  buildx: Buildx,
  asked: BuilderQuestion,
  cancel: AbortSignal,
): Promise<Builder | undefined> {
  if (asked.name === undefined && asked.platforms.length === 0 && !mayBeAnother(buildx.env)) return undefined;
  return inspect(buildx, { ...asked, options: [] }, cancel);
}

/** Finds out who builds. A builder is booted only where it is to say which platforms it has.
 * @param asked `seen`: what `inspectBuilder` says of it
 * @throws ActionError `builder-missing` where it cannot build for Slipway; what `inspectBuilder` throws. */
export async function findBuilder(
  buildx: Buildx,
  asked: BuilderQuestion & { readonly seen: Promise<Builder | undefined> },
  cancel: AbortSignal,
): Promise<BuilderChoice> {
  const { platforms, seen } = asked;
  const builder = await seen;
  if (builder === undefined) return { kind: 'engine' };
  const look = (...options: readonly string[]): Promise<Builder> => inspect(buildx, { ...asked, options }, cancel);
  const choose = (one: Builder): BuilderChoice => planBuilder(one, currentContext(buildx.env));
  const choice = choose(builder);
  const silent = listSilent(builder.nodes, platforms);
  if (builder.driver === 'remote') {
    const faults = silent.map(async (node) => {
      const fault = await findFault(node, answerLimit, cancel);
      if (fault !== undefined) throw explainBuilder(builder.name, `${node.endpoint}: ${fault}`);
    });
    await Promise.all(faults);
  }
  if (platforms.length === 0) return choice;
  const awake = silent.length === 0 ? builder : await look('--bootstrap');
  const known = await lookAgain(awake, platforms, { inspect: look, pause: lookPause, cancel });
  requirePlatforms(known, platforms);
  return choose(known); // what slept says only now which BuildKit it runs
}

/** What a builder says of itself; where it lacks a platform, what it says a while later. */
export async function lookAgain(
  builder: Builder,
  platforms: readonly Platform[],
  { inspect, pause, cancel }: { inspect: () => Promise<Builder>; pause: number; cancel: AbortSignal },
): Promise<Builder> {
  const missing = listMissing(builder, platforms);
  if (missing.length === 0) return builder;
  say(`the builder does not run ${missing.join(', ')} yet: asking once more in ${pause / 1_000} s`);
  await delay(pause, undefined, { signal: cancel });
  return inspect();
}

async function inspect(
  buildx: Buildx,
  { name, folder, options }: BuilderQuestion & { readonly options: readonly string[] },
  cancel: AbortSignal,
): Promise<Builder> {
  const args = ['inspect', ...options, ...(name === undefined ? [] : [name])];
  return parseBuilder(await askBuildx(buildx, { args, folder }, cancel));
}

/** @returns what it prints.
 * @throws ActionError `builder-missing` with its last word, `timeout`, `cancelled`. */
async function askBuildx(
  { path, env }: Buildx,
  { args, folder }: { readonly args: readonly string[]; readonly folder: string },
  cancel: AbortSignal,
): Promise<string> {
  const lines: string[] = [];
  const said: string[] = [];
  const state = lend(env, [], folder).env; // the same that builds
  const command = {
    program: path,
    args,
    cwd: undefined,
    env: { ...state, DEBUG: '1' }, // features are printed with it only; the flag has another name in every buildx
    stdin: undefined,
    limit: inspectLimit,
    phase: '`docker-buildx inspect`',
  };
  const listener = { stdout: (line: string) => void lines.push(line), stderr: (line: string) => void said.push(line) };
  const exit = await run(command, listener, cancel);
  const error = said.findLast((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length);
  if (exit.code !== 0) throw explainInspect(error ?? `docker-buildx inspect ended with ${exit.signal ?? exit.code}`);
  return lines.join('\n');
}

function explainInspect(reason: string): ActionError {
  const isMissing = /^no builder ".*" found$/.test(reason);
  return new ActionError('builder-missing', isMissing ? `there is ${reason.replace(/ found$/, '')}` : reason, {
    hint: '`builder`, BUILDX_BUILDER or `docker buildx use` names a builder: `docker buildx ls` lists what there is on this runner; docker/setup-buildx-action makes one and has its name as output `name`',
  });
}

/** Another builder must have been chosen, and somebody must have made it. */
function mayBeAnother(env: Buildx['env']): boolean {
  if (env['BUILDX_BUILDER'] !== undefined) return true;
  const folder = env['BUILDX_CONFIG'] ?? (env['DOCKER_CONFIG'] && join(env['DOCKER_CONFIG'], 'buildx'));
  if (folder === undefined || folder === '') return false;
  try {
    return readdirSync(join(folder, 'instances')).length > 0;
  } catch {
    return false; // no such folder: no builder was ever made
  }
}
