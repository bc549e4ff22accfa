import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { type ImageIdentity, publishedDigest } from '../../model/image-identity.ts';
import { formatReference } from '../../model/image-ref.ts';
import type { ManifestBytes } from '../../model/manifest.ts';
import type { Registry } from '../../model/registry.ts';
import type { Tag } from '../../model/tag.ts';
import { accepted, outcomeOf, underWay } from '../../plan/settle.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { TagRecord } from '../../report/facts.ts';
import { arrive } from './arrive.ts';
import type { Refusal } from './guard.ts';
import { noteSilence, recorder } from './recorder.ts';
import { isImage, mismatch, point, readHolder, readImage } from './tag-state.ts';
import { watchTag } from './watch-tag.ts';

/** What publishing needs of the world. */
export interface Publisher {
  readonly registry: Registry;
  /** Sends the image from the engine's store, layers included, under this tag, which held `before`; resolves with the digest that the
   * engine names, or that the tag holds by now. */
  readonly upload: (tag: WantedTag, before: Digest | undefined) => Promise<Digest>;
  /** Brings the image here from another repository of the same registry, without a tag; undefined where that is not possible. */
  readonly copy: () => Promise<ManifestBytes | undefined>;
  readonly record: (record: TagRecord) => void;
  /** Asked right before a write: what the tag holds, and why it must not be written over that. */
  readonly refuse: (tag: WantedTag, held: Digest | undefined) => Promise<Refusal>;
}

/** A digest that lies in a repository under its first tag, read back. */
export interface Landed {
  readonly registry: Registry;
  readonly manifest: ManifestBytes;
  readonly first: Tag;
  /** Why the first tag is not known to hold it, where another run wrote that tag at the same time. */
  readonly contest: ActionError | undefined;
  /** Another image that the first tag came to hold while this one was sent to it. */
  readonly overtook: Digest | undefined;
}

/** How often a tag is looked at while an upload to it is under way. */
const watchEvery = 2_000;

/** Brings the image into a repository under one tag and reads it back. Where the repository has the manifest already nothing is
 * sent again. `choose` is told what other image the tag holds right before the write and may name another one.
 * @returns undefined where a newer commit has the tag.
 * @throws ActionError `digest-mismatch` where the registry answers another digest than the tested one's, `publish-failed`. */
export async function land(
  publisher: Publisher,
  image: ImageIdentity,
  choose: (first: Digest | undefined) => WantedTag,
): Promise<Landed | undefined> {
  const { registry } = publisher;
  const tested = publishedDigest(image);
  const planned = choose(undefined);
  const [held, there] = await Promise.all([
    readHolder(registry, planned, image),
    tested === undefined ? undefined : registry.manifest(tested),
  ]);
  const first = choose((await isImage(registry, image, held)) ? undefined : held);
  const named = first.name === planned.name ? held : await readHolder(registry, first, image);
  recorder(publisher, first, named)('not-written', named, 'the upload did not come to its end');
  const at = { registry, first: first.name };
  const kept = await readImage(registry, first.name, { image, held: named });
  if (kept !== undefined) {
    recorder(publisher, first, named)(outcomeOf(named, kept.digest), kept.digest, '');
    return { ...at, manifest: kept, contest: undefined, overtook: undefined };
  }
  const { held: before, because } = await publisher.refuse(first, named);
  const record = recorder(publisher, first, before);
  if (because !== undefined) {
    record('superseded', before, because);
    return undefined;
  }
  record('unknown', undefined, underWay);
  const watch = first.moves === 'never' ? undefined : watchTag(registry, first.name, { before, every: watchEvery });
  const arrival = arrive(publisher, { first, image, there, before, record });
  const sent = await noteSilence(record, arrival).catch(async (error: unknown) => {
    await watch?.(undefined);
    throw error;
  });
  const overtook = await watch?.(sent.manifest.digest);
  if (sent.contest === undefined) record(outcomeOf(before, sent.manifest.digest), sent.manifest.digest, '');
  return { ...at, ...sent, overtook };
}

/** Points a tag at what has landed, byte for byte, and reads it back; nothing is sent where it points there already.
 * @throws ActionError `digest-mismatch`, or what the registry says. */
export async function move(
  publisher: Pick<Publisher, 'registry' | 'record' | 'refuse'>,
  landed: Pick<Landed, 'registry' | 'manifest'>,
  tag: WantedTag,
): Promise<void> {
  const { registry, manifest } = landed;
  const held = await readHolder(registry, tag, { kind: 'found', digest: manifest.digest });
  const refusal = held === manifest.digest ? { held, because: undefined } : await publisher.refuse(tag, held);
  const before = refusal.held;
  const record = recorder(publisher, tag, before);
  if (refusal.because !== undefined) return record('superseded', before, refusal.because);
  if (before !== manifest.digest) {
    if (tag.moves === 'never' && before !== undefined) {
      record('not-written', before, 'it is fixed and holds another image');
      throw new ActionError(
        'tag-conflict',
        `${formatReference(registry.repository, tag.name)} is written once and holds ${before}, not ${manifest.digest}`,
        {
          hint: 'another run wrote it meanwhile: run this one again',
        },
      );
    }
    record('unknown', undefined, underWay);
    const back = await noteSilence(record, point(registry, tag.name, { manifest, before, record }));
    if (back !== manifest.digest) {
      record('unknown', back, accepted);
      throw mismatch(registry, tag.name, manifest.digest, back);
    }
  }
  record(outcomeOf(before, manifest.digest), manifest.digest, '');
}
