import { type Digest, isDigest } from '../../model/digest.ts';
import { type ImageConfig, parseImageConfig } from '../../model/image-config.ts';
import { formatReference, type Repository } from '../../model/image-ref.ts';
import { findPlatform, type Platform } from '../../model/platform.ts';
import type { Tag } from '../../model/tag.ts';
import type { LocalName } from '../../plan/build-plan.ts';
import { ask, fields, refused, text, texts } from './ask.ts';
import type { Engine } from './call.ts';

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

/** What the engine knows of an image; `undefined` where there is none of that name. */
export async function inspectImage(engine: Engine, name: string, cancel: AbortSignal): Promise<LocalImage | undefined> {
  const body = await inspect(engine, name, cancel);
  if (body === undefined) return undefined;
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

/** What the engine says of an image's configuration, without its history; of several images it is the one for its own machine, and
 * undefined where it says nothing.
 * @throws ActionError `engine-missing`, `cancelled`. */
export async function readConfig(
  engine: Engine,
  name: string,
  cancel: AbortSignal,
): Promise<Omit<ImageConfig, 'history'> | undefined> {
  const body = fields(await inspect(engine, name, cancel));
  const { Os: os, Architecture: architecture, Variant: variant, Config: config } = body;
  const { Author: author, Created: created } = body;
  const rootfs = { diff_ids: fields(body['RootFS'])['Layers'] };
  if (text(os) === '' || text(architecture) === '') return undefined;
  const document = { os, architecture, variant, author, created, config, rootfs };
  return parseImageConfig(Buffer.from(JSON.stringify(document)));
}

/** The images of an index that the engine has whole; none on the classic store.
 * `size` is in bytes as a registry keeps them. Engines before 28 do not tell. */
export async function readPlatformImages(
  engine: Engine,
  name: string,
  cancel: AbortSignal,
): Promise<readonly { readonly platform: Platform; readonly digest: Digest; readonly size: number }[]> {
  const reply = await ask(engine, { method: 'GET', path: ['images', name, 'json'], query: { manifests: '1' }, cancel });
  if (reply.status !== 200) throw refused(`inspect ${name}`, reply);
  const manifests = fields(reply.body)['Manifests'];
  return (Array.isArray(manifests) ? manifests : []).map(fields).flatMap((one) => {
    const digest = text(one['ID']);
    const { os, architecture, variant } = fields(fields(one['ImageData'])['Platform']);
    const platform = findPlatform([os, architecture, variant].filter((part) => part).join('/'));
    if (one['Kind'] !== 'image' || one['Available'] !== true || platform === undefined || !isDigest(digest)) return [];
    return [{ platform, digest, size: Number(fields(one['Size'])['Content']) }];
  });
}

/** The digests under which registries have the image that the engine knows by a name; undefined where it knows none. */
export async function readRepoDigests(
  engine: Engine,
  name: string,
  cancel: AbortSignal,
): Promise<readonly string[] | undefined> {
  const body = await inspect(engine, name, cancel);
  return body && texts(body['RepoDigests']).map((one) => one.slice(one.indexOf('@') + 1));
}

async function inspect(
  engine: Engine,
  name: string,
  cancel: AbortSignal,
): Promise<ReturnType<typeof fields> | undefined> {
  const reply = await ask(engine, { method: 'GET', path: ['images', name, 'json'], cancel });
  if (reply.status === 404) return undefined;
  if (reply.status !== 200) throw refused(`inspect ${name}`, reply);
  return fields(reply.body);
}

/** Whether an image has a run's own name. The list tells while the engine clears away content, for which an inspection waits. */
export async function isNamed(engine: Engine, name: LocalName, cancel: AbortSignal): Promise<boolean> {
  const query = { filters: JSON.stringify({ reference: [name] }) };
  const reply = await ask(engine, { method: 'GET', path: ['images', 'json'], query, cancel });
  if (reply.status !== 200 || !Array.isArray(reply.body)) throw refused('list images', reply);
  return reply.body.length > 0;
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
