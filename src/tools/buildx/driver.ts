import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../command.ts';
import type { Buildx } from './find.ts';

const inspectLimit = 5_000;

/** Tells whether a build goes to the engine's own builder. Where nobody made another one that is plain; else buildx is asked.
 * @throws ActionError `cancelled`. */
export async function isEnginesBuilder(buildx: Buildx, cancel: AbortSignal): Promise<boolean> {
  if (!mayBeAnother(buildx.env)) return true;
  const lines: string[] = [];
  const inspect = { program: buildx.path, args: ['inspect'], cwd: undefined, env: buildx.env, stdin: undefined };
  const listener = { stdout: (line: string) => void lines.push(line), stderr: () => undefined };
  try {
    await run({ ...inspect, limit: inspectLimit, phase: '`docker-buildx inspect`' }, listener, cancel);
  } catch (error) {
    if (cancel.aborted) throw error;
    return false; // a builder that does not say what it is: the build will tell
  }
  return lines.some((line) => /^Driver:\s+docker$/.test(line));
}

/** Another builder must have been chosen, and somebody must have made it. */
function mayBeAnother(env: Buildx['env']): boolean {
  if (env['BUILDX_BUILDER'] !== undefined) return true;
  const folder = env['BUILDX_CONFIG'] ?? (env['DOCKER_CONFIG'] && join(env['DOCKER_CONFIG'], 'buildx'));
  if (folder === undefined || folder === '') return false;
  try {
    return readdirSync(join(folder, 'instances')).length > 0 && readFileSync(join(folder, 'current'), 'utf8') !== '';
  } catch {
    return false; // no such folder or file: no builder was ever made or chosen
  }
}
