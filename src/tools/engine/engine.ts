import { setTimeout as delay } from 'node:timers/promises';
import { ActionError } from '../../errors.ts';
import { type Digest, isDigest } from '../../model/digest.ts';
import { formatReference, type Repository } from '../../model/image-ref.ts';
import type { Tag } from '../../model/tag.ts';
import { callEngine, type Engine, type EngineCall, type EngineReply, messageOf } from './call.ts';

export type { Engine } from './call.ts';
export { type PushRequest, pushImage, registryAuth } from './push.ts';

export interface EngineInfo {
  readonly store: 'containerd' | 'classic';
  readonly version: string;
  /** What it builds for where nothing else is said: `linux/x86_64`. */
  readonly platform: string;
  /** Registries that the engine reaches by plain HTTP or without checking the certificate: names, and ranges such as `127.0.0.0/8`. */
  readonly insecureRegistries: readonly string[];
}

export interface LocalImage {
  /** containerd store: the manifest's (or index's) digest; classic store: the config's. */
  readonly id: Digest;
  /** containerd store alone; `configDigest` is undefined for an index. */
  readonly manifest:
    | {
        readonly digest: Digest;
        readonly mediaType: string;
        readonly size: number;
        readonly configDigest: Digest | undefined;
      }
    | undefined;
  /** Bytes of the image as the engine counts them. */
  readonly size: number;
  /** `linux/arm64/v8`; undefined where the engine does not say. */
  readonly platform: string | undefined;
}

/** What the engine is. @throws ActionError `engine-missing`. */
export async function readEngineInfo(engine: Engine, cancel: AbortSignal): Promise<EngineInfo> {
  const reply = await ask(engine, { method: 'GET', path: ['info'], cancel });
  if (reply.status !== 200) throw refused('info', reply);
  const body = fields(reply.body);
  const driver = JSON.stringify(body['DriverStatus'] ?? []);
  const registries = fields(body['RegistryConfig']);
  const named = Object.values(fields(registries['IndexConfigs'])).map(fields);
  return {
    store: driver.includes('io.containerd.snapshotter') ? 'containerd' : 'classic',
    version: text(body['ServerVersion']),
    platform: `${text(body['OSType'])}/${text(body['Architecture'])}`,
    insecureRegistries: [
      ...texts(registries['InsecureRegistryCIDRs']),
      ...named.filter((one) => one['Secure'] === false).map((one) => text(one['Name'])),
    ],
  };
}

/** What the engine knows of an image; `undefined` where there is none of that name. */
export async function inspectImage(engine: Engine, name: string, cancel: AbortSignal): Promise<LocalImage | undefined> {
  const reply = await ask(engine, { method: 'GET', path: ['images', name, 'json'], cancel });
  if (reply.status === 404) return undefined;
  if (reply.status !== 200) throw refused(`inspect ${name}`, reply);
  const body = fields(reply.body);
  const id = text(body['Id']);
  if (!isDigest(id)) throw new Error(`the engine's Id of ${name} is ${JSON.stringify(id)}`);
  const size = typeof body['Size'] === 'number' ? body['Size'] : 0;
  const parts = [text(body['Os']), text(body['Architecture']), text(body['Variant'])];
  const platform = parts[0] === '' ? undefined : parts.filter((part) => part !== '').join('/');
  const descriptor = fields(body['Descriptor']);
  const digest = text(descriptor['digest']);
  if (!isDigest(digest)) return { id, size, platform, manifest: undefined };
  const config = text(fields(descriptor['annotations'])['config.digest']);
  const manifest = {
    digest,
    mediaType: text(descriptor['mediaType']),
    size: typeof descriptor['size'] === 'number' ? descriptor['size'] : 0,
    configDigest: isDigest(config) ? config : undefined,
  };
  return { id, size, platform, manifest };
}

/** The digests under which registries have the image that the engine knows by a name; undefined where it knows none. */
export async function readRepoDigests(
  engine: Engine,
  name: string,
  cancel: AbortSignal,
): Promise<readonly string[] | undefined> {
  const reply = await ask(engine, { method: 'GET', path: ['images', name, 'json'], cancel });
  if (reply.status === 404) return undefined;
  if (reply.status !== 200) throw refused(`inspect ${name}`, reply);
  return texts(fields(reply.body)['RepoDigests']).map((one) => one.slice(one.indexOf('@') + 1));
}

/** Gives an image another name in the engine's store; a name that stands for another image is moved. */
export async function tagImage(
  engine: Engine,
  names: { readonly from: string; readonly repository: Repository; readonly tag: Tag },
  cancel: AbortSignal,
): Promise<void> {
  const name = formatReference(names.repository, names.tag);
  await tagImageId(engine, { id: names.from, name }, cancel);
}

/** Lets a name (`repository:tag`) stand for an image, told by its id or another name. */
export async function tagImageId(
  engine: Engine,
  { id, name }: { readonly id: string; readonly name: string },
  cancel: AbortSignal,
): Promise<void> {
  const colon = name.lastIndexOf(':');
  const query = { repo: name.slice(0, colon), tag: name.slice(colon + 1) };
  const reply = await ask(engine, { method: 'POST', path: ['images', id, 'tag'], query, cancel });
  if (reply.status !== 201) throw refused(`tag ${id} as ${name}`, reply);
}

/** Takes a name off an image; the image goes with its last name. That there is none of that name is fine. */
export async function removeImageName(engine: Engine, name: string, cancel: AbortSignal): Promise<void> {
  const reply = await ask(engine, { method: 'DELETE', path: ['images', name], query: { force: '1' }, cancel });
  if (reply.status !== 200 && reply.status !== 404) throw refused(`remove ${name}`, reply);
}

/** Removes every container with this label (`name=value`), running or not; resolves with how many there were. */
export async function removeContainers(engine: Engine, label: string, cancel: AbortSignal): Promise<number> {
  const query = { all: '1', filters: JSON.stringify({ label: [label] }) };
  const reply = await ask(engine, { method: 'GET', path: ['containers', 'json'], query, cancel });
  if (reply.status !== 200 || !Array.isArray(reply.body)) throw refused('list containers', reply);
  const ids = reply.body.map((one) => text(fields(one)['Id']));
  for (const id of ids) {
    const gone = await ask(engine, {
      method: 'DELETE',
      path: ['containers', id],
      query: { force: '1', v: '1' },
      cancel,
    });
    // 404: it ended by itself; 409: the engine is removing it already
    if (![204, 404, 409].includes(gone.status)) throw refused(`remove container ${id}`, gone);
  }
  return ids.length;
}

type Question = Pick<EngineCall, 'method' | 'path' | 'cancel'> & { readonly query?: EngineCall['query'] };

async function ask(engine: Engine, { method, path, cancel, query = {} }: Question): Promise<EngineReply> {
  for (let tries = 1; ; tries++) {
    const reply = await callEngine(engine, { method, path, query, headers: {}, cancel });
    if (reply.status !== 500 || tries === mostTries || !isCrossed(reply)) return reply;
    await delay(50 * tries, undefined, { signal: cancel });
  }
}

const mostTries = 6;

/** The containerd store asks to be asked again where another client changed an image in the middle of an answer. */
function isCrossed(reply: EngineReply): boolean {
  return /data changed during operation, retry/.test(messageOf(reply));
}

function refused(what: string, reply: EngineReply): ActionError {
  return new ActionError('engine-missing', `the Docker engine refused to ${what}: ${messageOf(reply)}`, {
    hint: 'look at the engine’s own log; it answers, but not to this',
  });
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
