import { canEmulate, ensureEmulation, FOREIGN, NATIVE } from '../../scripts/testbed/emulation.mjs';
import { ensureBaseOfBoth } from '../../scripts/testbed/several-platforms.mjs';
import { app, bench } from './project.ts';

/** Whether this machine can run programs of another platform; on Debian it is made to. */
export const runsForeign = canEmulate();
export const native = NATIVE.platform;
export const foreign = FOREIGN.platform;
/** What `uname -m` says on each. */
export const machines = { native: NATIVE.machine, foreign: FOREIGN.machine };

/** The app of the end-to-end tests on a base that has two platforms; it keeps what `uname -m` said while it was built. */
export async function prepareApp(): Promise<Readonly<Record<string, string>>> {
  await ensureEmulation((line) => process.stderr.write(`${line}\n`));
  const { bases } = bench;
  const env = { ...process.env, ...bench.env };
  const base = bases === undefined ? 'busybox:stable' : await ensureBaseOfBoth({ host: bases, env });
  const dockerfile = (app['Dockerfile'] ?? '')
    .replace('busybox:stable', base)
    .replace('RUN echo made > /made', 'RUN uname -m > /machine');
  return { ...app, Dockerfile: dockerfile };
}

/** What a Dockerfile calls a Python that both platforms have. */
export async function preparePython(): Promise<string> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  await ensureEmulation(log);
  const { bases } = bench;
  const env = { ...process.env, ...bench.env };
  return bases === undefined ? 'python:3.11-slim' : ensureBaseOfBoth({ host: bases, env, base: 'python', log });
}
