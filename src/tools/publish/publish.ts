import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { type ImageIdentity, publishedDigest } from '../../model/image-identity.ts';
import { formatReference } from '../../model/image-ref.ts';
import type { ManifestBytes } from '../../model/manifest.ts';
import { type Registry, RegistryError } from '../../model/registry.ts';
import type { Tag } from '../../model/tag.ts';
import { accepted, outcomeOf, unanswered, underWay } from '../../plan/settle.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { TagOutcome, TagRecord } from '../../report/facts.ts';
<<<<<<< HEAD
import { arrive } from './arrive.ts';
import { isImage, mismatch, point, readHolder, readImage } from './tag-state.ts';
=======
import type { Refusal } from './guard.ts';
import { watchTag } from './watch-tag.ts';
>>>>>>> 8ec50b9 (Leave a tag to the newer commit that has it, look before and after each write, and settle what crossed)

/** What publishing needs of the world. */
export interface Publisher {
  readonly registry: Registry;
  /** Sends the image from the engine's store, layers included, under this tag; resolves with the digest that the engine names. */
  readonly upload: (tag: WantedTag) => Promise<Digest>;
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

<<<<<<< HEAD
/** Notes what became of one tag. */
export type Recorder = (outcome: TagOutcome, after: Digest | undefined, reason: string) => void;
=======
const watchEvery = 2_000;
>>>>>>> 8ec50b9 (Leave a tag to the newer commit that has it, look before and after each write, and settle what crossed)

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
<<<<<<< HEAD
  const before = first.name === planned.name ? held : await readHolder(registry, first, image);
  const record = recorder(publisher, first, before);
  record('not-written', before, 'the upload did not come to its end');
  let manifest = await readImage(registry, first.name, { image, held: before });
  if (manifest === undefined) {
    record('unknown', undefined, underWay);
    manifest = await noteSilence(record, arrive(publisher, { first, image, there, before, record }));
  }
  record(outcomeOf(before, manifest.digest), manifest.digest, '');
  return { registry, manifest, first: first.name };
=======
  let before = first.name === planned.name ? held : await registry.head(first.name);
  recorder(publisher, first, before)('not-written', before, 'the upload did not come to its end');
  let sent = before;
  let overtook: Digest | undefined;
  if (!(await isImage(registry, image, before))) {
    const known = there ?? (await publisher.copy());
    const refusal = await publisher.refuse(first, before);
    before = refusal.held;
    const record = recorder(publisher, first, before);
    if (refusal.because !== undefined) {
      record('superseded', before, refusal.because);
      return undefined;
    }
    record('unknown', undefined, 'the upload was under way');
    const watch = first.moves === 'never' ? undefined : watchTag(registry, first.name, { before, every: watchEvery });
    try {
      sent = known === undefined ? await publisher.upload(first) : await putKnown(registry, first.name, known, before);
    } finally {
      overtook = await watch?.(sent);
    }
    if (tested !== undefined && sent !== tested) throw mismatch(registry, first.name, tested, sent);
  }
  return readBack(publisher, image, { first, before, sent, overtook });
}

/** What a first tag holds now. A tag that moves may hold what another run wrote at the same time: then the image is looked for by its
 * digest, and the tag is to be settled.
 * @throws ActionError `digest-mismatch`. */
async function readBack(
  publisher: Publisher,
  image: ImageIdentity,
  work: {
    readonly first: WantedTag;
    readonly before: Digest | undefined;
    readonly sent: Digest | undefined;
    readonly overtook: Digest | undefined;
  },
): Promise<Landed> {
  const { registry } = publisher;
  const { first, before, sent, overtook } = work;
  const record = recorder(publisher, first, before);
  const back = await registry.manifest(first.name);
  const isOurs = (found: ManifestBytes): boolean => found.digest === sent && isSameImage(image, found);
  const landed = { registry, first: first.name, overtook };
  if (back !== undefined && isOurs(back)) {
    record(outcomeOf(before, back.digest), back.digest, '');
    return { ...landed, manifest: back, contest: undefined };
  }
  record('unknown', back?.digest, 'read back at another digest');
  const contest = mismatch(registry, first.name, formatIdentity(image), back?.digest);
  const own = first.moves === 'by-ref' && sent !== undefined ? await registry.manifest(sent) : undefined;
  if (own === undefined || !isOurs(own)) throw contest;
  return { ...landed, manifest: own, contest };
}

/** Tells whether a digest in a repository is the image: where that is known by its config alone, the manifest there says. */
export async function isImage(registry: Registry, image: ImageIdentity, held: Digest | undefined): Promise<boolean> {
  if (held === undefined) return false;
  const tested = publishedDigest(image);
  if (tested !== undefined) return held === tested;
  const manifest = await registry.manifest(held);
  return manifest !== undefined && isSameImage(image, manifest);
>>>>>>> 8ec50b9 (Leave a tag to the newer commit that has it, look before and after each write, and settle what crossed)
}

/** Points a tag at what has landed, byte for byte, and reads it back; nothing is sent where it points there already.
 * @throws ActionError `digest-mismatch`, or what the registry says. */
export async function move(
  publisher: Pick<Publisher, 'registry' | 'record' | 'refuse'>,
  landed: Pick<Landed, 'registry' | 'manifest'>,
  tag: WantedTag,
): Promise<void> {
  const { registry, manifest } = landed;
<<<<<<< HEAD
  const before = await readHolder(registry, tag, { kind: 'found', digest: manifest.digest });
=======
  const held = await registry.head(tag.name);
  const refusal = held === manifest.digest ? { held, because: undefined } : await publisher.refuse(tag, held);
  const before = refusal.held;
>>>>>>> 8ec50b9 (Leave a tag to the newer commit that has it, look before and after each write, and settle what crossed)
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

/** Notes of a write that ended in silence that it may still arrive. */
async function noteSilence<T>(record: Recorder, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const silent =
      (error instanceof RegistryError && error.kind === 'timeout') ||
      (error instanceof ActionError && error.code === 'timeout');
    if (silent) record('unknown', undefined, unanswered);
    throw error;
  }
}

function recorder(
  publisher: Pick<Publisher, 'registry' | 'record'>,
  tag: WantedTag,
  before: Digest | undefined,
): Recorder {
  return (outcome, after, reason) =>
    publisher.record({
      repository: publisher.registry.repository.name,
      tag: tag.name,
      kind: tag.kind,
      before,
      after,
      outcome,
      reason,
    });
}
