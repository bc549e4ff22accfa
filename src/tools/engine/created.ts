import { buffer } from 'node:stream/consumers';
import tar from 'tar-stream';
import type { Platform } from '../../model/platform.ts';
import { refused } from './ask.ts';
import { callEngine, type Engine } from './call.ts';

/** A container that is made and not yet started, so that files can be put into it: mounting folders of this machine would not work with
 * an engine elsewhere. */
export interface ContainerPlan {
  /** Name or id of an image in the engine's store. */
  readonly image: string;
  /** Which of several; undefined: the one there is. */
  readonly platform: Platform | undefined;
  /** In place of ENTRYPOINT and CMD; undefined: the image's own. */
  readonly command: readonly [string, ...string[]] | undefined;
  /** Beside the image's own. */
  readonly env: Readonly<Record<string, string>>;
  /** The label `io.slipway.run`. */
  readonly nonce: string;
  /** A volume of its own, the one place of the container's root that is not read-only before the start. */
  readonly folder: string;
  /** Files in it. */
  readonly files: Readonly<Record<string, string>>;
}

/** Makes a container without network, with a read-only root and an empty /tmp; resolves with its id.
 * @throws ActionError `engine-missing` where the engine refuses, `cancelled`. */
export async function createContainer(engine: Engine, plan: ContainerPlan, cancel: AbortSignal): Promise<string> {
  const [entrypoint, ...rest] = plan.command ?? [];
  const reply = await callEngine(engine, {
    method: 'POST',
    path: ['containers', 'create'],
    query: plan.platform === undefined ? {} : { platform: plan.platform },
    headers: {},
    json: {
      Image: plan.image,
      ...(entrypoint === undefined ? {} : { Entrypoint: [entrypoint], Cmd: rest }),
      Env: Object.entries(plan.env).map(([name, value]) => `${name}=${value}`),
      Labels: { 'io.slipway.run': plan.nonce },
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: {
        NetworkMode: 'none',
        ReadonlyRootfs: true,
        Tmpfs: { '/tmp': 'mode=1777' },
        Mounts: [{ Type: 'volume', Target: plan.folder }],
      },
    },
    cancel,
  });
  const id = reply.status === 201 ? fieldOf(reply.body, 'Id') : undefined;
  if (typeof id !== 'string') throw refused(`make a container of ${plan.image}`, reply);
  await putFiles(engine, { ...plan, id }, cancel);
  return id;
}

async function putFiles(
  engine: Engine,
  { id, folder, files }: { readonly id: string } & Pick<ContainerPlan, 'folder' | 'files'>,
  cancel: AbortSignal,
): Promise<void> {
  const pack = tar.pack();
  for (const [name, content] of Object.entries(files)) pack.entry({ name, mode: 0o644 }, content);
  pack.finalize();
  const path = ['containers', id, 'archive'];
  const headers = { 'content-type': 'application/x-tar' };
  const bytes = await buffer(pack);
  const reply = await callEngine(engine, { method: 'PUT', path, query: { path: folder }, headers, bytes, cancel });
  if (reply.status !== 200) throw refused(`put files into a container`, reply);
}

/** Milliseconds that a running container's processes have had of a processor; undefined once it has ended. */
export async function readProcessorTime(engine: Engine, id: string, cancel: AbortSignal): Promise<number | undefined> {
  const query = { stream: '0', 'one-shot': '1' };
  const path = ['containers', id, 'stats'];
  const { body } = await callEngine(engine, { method: 'GET', path, query, headers: {}, cancel });
  const nanoseconds = fieldOf(fieldOf(fieldOf(body, 'cpu_stats'), 'cpu_usage'), 'total_usage');
  return typeof nanoseconds === 'number' && nanoseconds > 0 ? nanoseconds / 1e6 : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
