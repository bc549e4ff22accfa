import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ActionError } from '../../errors.ts';
import { type Exit, type Listener, run } from '../command.ts';
import { findProgram } from '../programs.ts';
import type { Engine } from './call.ts';
import { planClientEnvironment } from './client-environment.ts';
import { killContainer } from './ended.ts';
import { removeContainers } from './removal.ts';

/** A command line to run in a container. */
export interface ContainerRun {
  /** Name, id or name@digest of an image that is in the engine's store. */
  readonly image: string;
  /** In place of ENTRYPOINT and CMD; no shell reads it. */
  readonly command: readonly [string, ...string[]];
  /** Variables for the container: names go to argv, values to the client's environment alone. */
  readonly variables: Readonly<Record<string, string>>;
  /** Unique to the run: the label `io.slipway.run` by which the container is found again. */
  readonly nonce: string;
  /** Milliseconds. */
  readonly limit: number;
  readonly phase: string;
  /** Options of `docker run` before the image, e.g. `--network`, `none`. */
  readonly options: readonly string[];
}

/** Who follows a container. */
export interface ContainerWatch {
  readonly listener: Listener;
  readonly cancel: AbortSignal;
  /** Looks at what is in the container after it has ended, however it did, and before it is gone; must not throw. Not called after a
   * cancellation. */
  readonly afterwards: ((container: string) => Promise<void>) | undefined;
}

/** The docker client's program and the environment it runs in. */
export interface DockerClient {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Finds the docker client on PATH.
 * @throws ActionError `engine-missing`. */
export function findDocker(
  env: Readonly<Record<string, string | undefined>>,
  path = findProgram('docker', env['PATH'] ?? ''),
): DockerClient {
  if (path !== undefined) return { path, env: planClientEnvironment(env) };
  throw new ActionError('engine-missing', 'there is no `docker` on PATH', {
    hint: 'use a runner with Docker (`runs-on: ubuntu-latest` has it), or install the docker client',
  });
}

/** Runs a command line in a container of the image; every exit status is an answer (125: docker could not start it, 126 and 127: the
 * image has no such program). What it left behind may be looked at before it is gone, which it is afterwards, also where the client was ended: what it runs would go on without it.
 * @throws ActionError `timeout`, `cancelled`, `engine-missing`. */
export async function runContainer(
  tools: { readonly client: DockerClient; readonly engine: Engine },
  work: ContainerRun,
  watch: ContainerWatch,
): Promise<Exit> {
  const { client, engine } = tools;
  const [entrypoint, ...rest] = work.command;
  const names = Object.keys(work.variables).flatMap((name) => ['--env', name]);
  const label = `io.slipway.run=${work.nonce}`;
  const name = `slipway-${work.nonce}-${randomBytes(4).toString('hex')}`;
  const fixed = [
    'run',
    watch.afterwards === undefined ? '--rm' : `--name=${name}`,
    '--pull=never',
    '--label',
    label,
    `--entrypoint=${entrypoint}`,
  ];
  const args = [...fixed, ...names, ...work.options, '--', work.image, ...rest];
  const env = { ...planEnvironment(client, work), ...pinEngine(engine) };
  const command = {
    program: client.path,
    args,
    cwd: undefined,
    env,
    stdin: undefined,
    limit: work.limit,
    phase: work.phase,
  };
  let ended = false;
  try {
    const exit = await run(command, watch.listener, watch.cancel);
    ended = exit.signal === null;
    return exit;
  } finally {
    if (watch.afterwards !== undefined && !watch.cancel.aborted) {
      if (!ended) await killContainer(engine, name, AbortSignal.timeout(removalLimit)).catch(() => undefined);
      await watch.afterwards(name);
    }
    // why it was ended counts; a container that cannot be removed now is removed again in post
    if (!ended || watch.afterwards !== undefined)
      await removeRemains(engine, label, limitRemoval(watch.cancel)).catch(() => undefined);
  }
}

const removalLimit = 4_000;
const looks = 5;
const everyMs = 250;

/** A client that was ended while the engine made its container leaves one that comes a moment later. */
async function removeRemains(engine: Engine, label: string, cancel: AbortSignal): Promise<void> {
  for (let look = 1; (await removeContainers(engine, label, cancel)) === 0 && look < looks; look++)
    await delay(everyMs);
}

/** Who cancels is not kept waiting; else a busy engine has its time. */
function limitRemoval(cancel: AbortSignal): AbortSignal {
  return cancel.aborted ? AbortSignal.timeout(removalLimit) : AbortSignal.any([cancel, AbortSignal.timeout(30_000)]);
}

/** Docker's configuration names no other engine to the client than this run's; it has been in a test's reach. */
function pinEngine({ endpoint }: Engine): Readonly<Record<string, string>> {
  return endpoint.kind === 'unix' ? { DOCKER_HOST: `unix://${endpoint.path}` } : {};
}

/** The client takes the values of `--env NAME` from its own environment. Its DOCKER_* win: no variable of a test decides which engine is
 * spoken to; PATH and HOME it does not need, DOCKER_CONFIG being set. */
function planEnvironment(client: DockerClient, work: ContainerRun): Readonly<Record<string, string>> {
  const own = Object.entries(client.env).filter(([name]) => name.startsWith('DOCKER_'));
  return { ...client.env, ...work.variables, ...Object.fromEntries(own) };
}
