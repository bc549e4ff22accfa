import { canEmulate, ensureEmulation, FOREIGN, NATIVE } from '../../scripts/testbed/emulation.mjs';
import { ensureBaseOfBoth } from '../../scripts/testbed/several-platforms.mjs';
import { app, bench } from './project.ts';

/** Whether this machine can run programs of another platform; on Debian it is made to. */
export const runsForeign = canEmulate();
export const native = NATIVE.platform;
export const foreign = FOREIGN.platform;
/** What `uname -m` says on each. */
export const machines = { native: NATIVE.machine, foreign: FOREIGN.machine };

const bases = { busybox: 'busybox:stable', python: 'python:3.11-slim' };

/** What a Dockerfile calls a base that has both platforms; their programs run from here on. */
export async function prepareBase(base: keyof typeof bases): Promise<string> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  await ensureEmulation(log);
  const env = { ...process.env, ...bench.env };
  return bench.bases === undefined ? bases[base] : ensureBaseOfBoth({ host: bench.bases, env, base, log });
}

/** The app of the end-to-end tests on a base that has two platforms; it keeps what `uname -m` said while it was built. */
export async function prepareApp(): Promise<Readonly<Record<string, string>>> {
  const dockerfile = (app['Dockerfile'] ?? '')
    .replace('busybox:stable', await prepareBase('busybox'))
    .replace('RUN echo made > /made', 'RUN uname -m > /machine');
  return { ...app, Dockerfile: dockerfile };
}
