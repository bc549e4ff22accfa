import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { formatIdentity, type ImageIdentity, publishedDigest } from '../../model/image-identity.ts';
import { formatReference, type Repository } from '../../model/image-ref.ts';
import type { Registry } from '../../model/registry.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { WritePlan } from '../../plan/write-plan.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import type { TagRecord } from '../../report/facts.ts';
import { listen } from '../actions.ts';
import { beginTurn, inTurn } from '../engine/turns.ts';
import { copyWithin } from './copy.ts';
import { explained } from './failures.ts';
import { spellFirst } from './first-tag.ts';
import type { Guard } from './guard.ts';
import { openSource, readLocalId } from './image-source.ts';
import { type Landed, land } from './publish.ts';
import { sendImage } from './send-image.ts';
import { type ImageTools, uploadImage } from './upload.ts';

/** What publishing to several repositories needs of the world. */
export interface PublishTools extends ImageTools {
  readonly record: (record: TagRecord) => void;
  /** Told once the image's digest in a registry is known: on the classic store only the push tells it. */
  readonly published: (digest: Digest) => void;
  readonly guard: Guard;
  /** Brings an image that stayed with its builder to a repository, by digest and without a tag. */
  readonly sendKept: (image: BuiltImage, registry: Registry) => Promise<void>;
}

/** What is published where. */
export interface Publication {
  readonly image: BuiltImage;
  readonly plan: RunPlan;
  readonly writes: WritePlan;
  readonly repositories: readonly Repository[];
}

/** An image on its way to one repository. */
export interface Landing extends Publication {
  readonly first: WantedTag;
  readonly identity: ImageIdentity;
  /** Repositories of the same registry that have it already. */
  readonly sources: readonly Registry[];
}

/** Brings an image into a repository under its first tag: in this run's turn, where an engine's name will be given away for it.
 * @returns undefined where a newer commit was faster.
 * @throws ActionError `publish-failed`, `digest-mismatch`, `login-missing`, `registry-failed`. */
export async function landIn(tools: PublishTools, registry: Registry, work: Landing): Promise<Landed | undefined> {
  const { identity, first } = work;
  const { guard, record, bench } = tools;
  const refuse = (tag: WantedTag, held: Digest | undefined) => guard.lookAndRefuse(registry, tag, held);
  const { upload, copy, givenBack } = openWays(tools, registry, work);
  const run = (): Promise<Landed | undefined> => {
    if (first.moves === 'by-ref' && work.plan.adoption.kind === 'build') guard.lookAhead(); // beside the look at the tag
    return land({ registry, upload, copy, record, refuse }, identity, (held) =>
      spellFirst(first, held, { ...work, run: bench }),
    ).catch(async (error: unknown) => {
      await givenBack();
      throw error;
    });
  };
  const { engine, nonce, cancel } = bench;
  if (!isPushed(work, registry)) return explained({ registry }, run());
  const turn = beginTurn(engine, { name: formatReference(registry.repository, first.name), nonce }, { run, cancel });
  const { done, ended } = await explained({ registry }, turn);
  bench.leaveToEnd(givenBack().then(ended));
  return done;
}

/** Whether the engine is to push the image; no name of its store is given away for anything else. */
function isPushed({ plan }: Landing, { repository }: Registry): boolean {
  const { adoption, request, hasEngine } = plan;
  if (adoption.kind === 'build') return hasEngine && request.delivery === 'by-engine';
  return hasEngine && adoption.copyTo.includes(repository.name);
}

/** The ways on which an image comes to a repository: by a copy within the registry, else sent from where it lies. */
function openWays(tools: PublishTools, registry: Registry, work: Landing) {
  const { identity, sources, plan } = work;
  const { repository } = registry;
  const { layout, delivery } = plan.request;
  const isBuilt = plan.adoption.kind === 'build';
  const isKept = delivery === 'by-builder' && isBuilt;
  const isElsewhere = !plan.hasEngine || (delivery === 'by-folder' && isBuilt);
  const digest = publishedDigest(identity);
  let givenBack: Promise<unknown> = Promise.resolve();
  return {
    upload: async ({ name }: WantedTag, before: Digest | undefined): Promise<Digest> => {
      if (isKept) throw lost(repository, identity);
      if (isElsewhere && digest !== undefined) {
        const from = await openSource(tools, plan, layout);
        return sendImage({ from, registry, digest, tag: name, before, tell: listen('push').stdout });
      }
      const push = async () => uploadImage(tools, { id: await readLocalId(tools, work), registry, tag: name, before });
      if (!isPushed(work, registry)) return pushInTurn(tools, formatReference(repository, name), push);
      const sent = await push();
      givenBack = sent.givenBack;
      givenBack.catch(() => undefined); // told by who waits for it
      return sent.digest;
    },
    copy: async () => {
      const [source] = sources.filter((one) => one !== registry);
      if (digest === undefined) return undefined;
      const copied = source && (await copyWithin(source, registry, digest));
      if (copied !== undefined || !isKept) return copied;
      await tools.sendKept(work.image, registry);
      return registry.manifest(digest);
    },
    /** Settles once the name that an engine's image bore for its push is another's again. */
    givenBack: () => givenBack,
  };
}

/** Pushes what a repository had a moment ago, and somebody has removed. */
async function pushInTurn(
  { bench }: PublishTools,
  name: string,
  push: () => ReturnType<typeof uploadImage>,
): Promise<Digest> {
  const run = async (): Promise<Digest> => {
    const { digest, givenBack } = await push();
    await givenBack;
    return digest;
  };
  return inTurn(bench.engine, { name, nonce: bench.nonce }, { run, cancel: bench.cancel });
}

/** The error of a registry that took an image and does not have it. */
function lost({ name }: Repository, image: ImageIdentity): ActionError {
  return new ActionError('publish-failed', `${name} was sent ${formatIdentity(image)} and does not have all of it`, {
    hint: 'something cleans up there while images are sent: run this again',
  });
}
