import { ActionError, formatThrown } from '../../errors.ts';
import { type Digest, isDigest } from '../../model/digest.ts';
import { parseRepository, type Repository } from '../../model/image-ref.ts';
import { parseTag, type Tag } from '../../model/tag.ts';
import { inspectImage } from '../engine/images.ts';
import type { Registries } from '../registry/registries.ts';
import type { Workbench } from '../workbench.ts';
import type { ImageSource } from './read-image-facts.ts';

/** Finds an image by what people call it: in the engine's store, else where its name says.
 * @throws ActionError `image-unreadable` where there is none of that name; RegistryError. */
export async function findSource(
  { engine, cancel }: Pick<Workbench, 'engine' | 'cancel'>,
  registries: Pick<Registries, 'open' | 'readCache'>,
  { name, platform }: { readonly name: string; readonly platform: string },
): Promise<ImageSource> {
  const local = await inspectImage(engine, name, cancel).catch(forgiveNoEngine);
  if (local !== undefined && local !== 'missing') return { kind: 'engine', engine, image: local.id, platform };
  const { repository, at } = parseReference(name);
  const ask = async (tag: Tag): Promise<Digest | undefined> => (await registries.open(repository, 'survey')).head(tag);
  const digest = isDigest(at) ? at : await ask(at).catch((cause: unknown) => refuse(name, local, cause));
  if (digest === undefined) throw missing(name);
  return { kind: 'registry', reader: await registries.readCache(repository, cancel), digest, platform };
}

/** An image of a registry can be read on a machine without an engine. */
function forgiveNoEngine(error: unknown): 'missing' {
  if (error instanceof ActionError && error.code === 'engine-missing') return 'missing';
  throw error;
}

/** A name that is mistyped is looked for at Docker Hub, which is all that its own error would tell. */
function refuse(name: string, local: 'missing' | undefined, cause: unknown): never {
  const engine = local === 'missing' ? 'there is no engine to ask for' : 'the engine has no';
  const message = `${engine} image ${JSON.stringify(name)}, and its registry does not answer: ${formatThrown(cause)}`;
  throw new ActionError('image-unreadable', message, { hint: 'is it spelled as `docker image ls` shows it?', cause });
}

/** `repository[:tag][@digest]`; without both it is `latest`. */
function parseReference(name: string): { readonly repository: Repository; readonly at: Tag | Digest } {
  const [, place = '', tag = 'latest', digest] = /^([^@]*?)(?::([^:/@]*))?(?:@(.*))?$/s.exec(name) ?? [];
  try {
    if (digest !== undefined && !isDigest(digest)) throw new Error(`not a sha256 digest: ${JSON.stringify(digest)}`);
    return { repository: parseRepository(place), at: digest ?? parseTag(tag) };
  } catch (cause) {
    const why = formatThrown(cause);
    throw new ActionError(
      'image-unreadable',
      `the engine has no image ${JSON.stringify(name)}, and it is no reference: ${why}`,
      {
        hint: 'name an image that `docker image ls` shows, or one of a registry: ghcr.io/acme/app:main',
        cause,
      },
    );
  }
}

function missing(name: string): ActionError {
  return new ActionError('image-unreadable', `neither the engine nor its registry has ${JSON.stringify(name)}`, {
    hint: 'is it spelled right, and are you logged in (`docker login`)? A registry hides what a login may not see',
  });
}
