import { isDigest } from '../../model/digest.ts';
import type { Look } from '../../model/layer-record.ts';
import { layerPatience } from '../../model/limits.ts';
import type { Engine } from '../engine/call.ts';
import { HttpError } from '../http/http-error.ts';
import { openContentStore } from './content-store.ts';
import type { ImageContents } from './read-image.ts';
import { findRegistryImage, readRegistryImage } from './read-registry-image.ts';

/** What breaks off or stands still is taken up again where it was; after some of that an archive is asked for. */
const patience = { ...layerPatience, idle: 5_000 };

/** Reads an image blob by blob out of the store that the engine keeps it in, as one of a registry is read; undefined where the engine
 * does not hand them out: it has an older kind of store, has the image under a name alone, or is not understood.
 * @throws ActionError `image-unreadable` where the image is broken or beyond all measure. */
export async function readStoredImage<Content>(
  engine: Engine,
  { image: digest, platform }: { readonly image: string; readonly platform: string | undefined },
  { look, cancel }: { readonly look: Look<Content>; readonly cancel: AbortSignal },
): Promise<ImageContents<Content> | undefined> {
  if (!isDigest(digest)) return undefined;
  const store = await openContentStore(engine, cancel);
  if (store === undefined) return undefined;
  const at = { digest, platform, patience };
  try {
    // an archive may tell which of several is meant: it has what the engine has
    if ((await findRegistryImage(store, at).catch(() => undefined)) === undefined) return undefined;
    return await readRegistryImage(store, at, look);
  } catch (error) {
    if (error instanceof HttpError) return undefined;
    throw error;
  } finally {
    store.close();
  }
}
