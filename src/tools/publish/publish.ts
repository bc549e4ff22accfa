import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { formatIdentity, type ImageIdentity, isSameImage, publishedDigest } from '../../model/image-identity.ts';
import { formatReference } from '../../model/image-ref.ts';
import type { ManifestBytes } from '../../model/manifest.ts';
import type { Registry } from '../../model/registry.ts';
import type { Tag } from '../../model/tag.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { TagOutcome, TagRecord } from '../../report/facts.ts';

/** What publishing needs of the world. */
export interface Publisher {
  readonly registry: Registry;
  /** Sends the image from the engine's store, layers included, under this tag; resolves with the digest that the engine names. */
  readonly upload: (tag: WantedTag) => Promise<Digest>;
  /** Brings the image here from another repository of the same registry, without a tag; undefined where that is not possible. */
  readonly copy: () => Promise<ManifestBytes | undefined>;
  readonly record: (record: TagRecord) => void;
}

/** A digest that lies in a repository under its first tag, read back. */
export interface Landed {
  readonly registry: Registry;
  readonly manifest: ManifestBytes;
  readonly first: Tag;
}

/** Brings the image into a repository under one tag and reads it back. Where the repository has the manifest already nothing is
 * sent again. `choose` is told what other image the tag holds right before the write and may name another one.
 * @throws ActionError `digest-mismatch` where the registry answers another digest than the tested one's, `publish-failed`. */
export async function land(
  publisher: Publisher,
  image: ImageIdentity,
  choose: (first: Digest | undefined) => WantedTag,
): Promise<Landed> {
  const { registry } = publisher;
  const tested = publishedDigest(image);
  const planned = choose(undefined);
  const [held, there] = await Promise.all([
    registry.head(planned.name),
    tested === undefined ? undefined : registry.manifest(tested),
  ]);
  const first = choose((await isImage(registry, image, held)) ? undefined : held);
  const before = first.name === planned.name ? held : await registry.head(first.name);
  const record = recorder(publisher, first, before);
  record('not-written', before, 'the upload did not come to its end');
  let sent = before;
  if (!(await isImage(registry, image, before))) {
    record('unknown', undefined, 'the upload was under way');
    const known = there ?? (await publisher.copy());
    sent = known === undefined ? await publisher.upload(first) : await putKnown(registry, first.name, known, before);
    if (tested !== undefined && sent !== tested) throw mismatch(registry, first.name, tested, sent);
  }
  const back = await registry.manifest(first.name);
  if (back === undefined || back.digest !== sent || !isSameImage(image, back)) {
    record('unknown', back?.digest, 'read back at another digest');
    throw mismatch(registry, first.name, formatIdentity(image), back?.digest);
  }
  record(outcomeOf(before, back.digest), back.digest, '');
  return { registry, manifest: back, first: first.name };
}

/** Tells whether a digest in a repository is the image: where that is known by its config alone, the manifest there says. */
export async function isImage(registry: Registry, image: ImageIdentity, held: Digest | undefined): Promise<boolean> {
  if (held === undefined) return false;
  const tested = publishedDigest(image);
  if (tested !== undefined) return held === tested;
  const manifest = await registry.manifest(held);
  return manifest !== undefined && isSameImage(image, manifest);
}

/** Points a tag at what has landed, byte for byte, and reads it back; nothing is sent where it points there already.
 * @throws ActionError `digest-mismatch`, or what the registry says. */
export async function move(
  publisher: Pick<Publisher, 'registry' | 'record'>,
  landed: Landed,
  tag: WantedTag,
): Promise<void> {
  const { registry, manifest } = landed;
  const before = await registry.head(tag.name);
  const record = recorder(publisher, tag, before);
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
    record('unknown', undefined, 'the write was under way');
    await registry.put(tag.name, manifest, before);
  }
  const back = before === manifest.digest ? before : await registry.head(tag.name);
  if (back !== manifest.digest) {
    record('unknown', back, 'read back at another digest');
    throw mismatch(registry, tag.name, manifest.digest, back);
  }
  record(outcomeOf(before, manifest.digest), manifest.digest, '');
}

async function putKnown(
  registry: Registry,
  tag: Tag,
  manifest: ManifestBytes,
  seen: Digest | undefined,
): Promise<Digest> {
  await registry.put(tag, manifest, seen);
  return manifest.digest;
}

function recorder(publisher: Pick<Publisher, 'registry' | 'record'>, tag: WantedTag, before: Digest | undefined) {
  return (outcome: TagOutcome, after: Digest | undefined, reason: string): void =>
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

function outcomeOf(before: Digest | undefined, now: Digest): TagOutcome {
  if (before === undefined) return 'new';
  return before === now ? 'kept' : 'moved';
}

function mismatch(registry: Registry, tag: Tag, tested: string, found: Digest | undefined): ActionError {
  const reference = formatReference(registry.repository, tag);
  return new ActionError(
    'digest-mismatch',
    `${reference} holds ${found ?? 'nothing'} and not ${tested}, the image that was tested`,
    {
      hint: 'somebody else writes this tag, or the registry alters images: look at who pushes to it, then run this again',
    },
  );
}
