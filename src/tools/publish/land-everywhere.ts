import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import {
  formatIdentity,
  type ImageIdentity,
  isOfClassicStore,
  publishedDigest,
  settleIdentity,
} from '../../model/image-identity.ts';
import { formatReference, parseRepository, type Repository } from '../../model/image-ref.ts';
import type { Registry } from '../../model/registry.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { WritePlan } from '../../plan/write-plan.ts';
import type { BuiltImage, TagRecord } from '../../report/facts.ts';
import { listen } from '../actions.ts';
import { beginTurn } from '../engine/turns.ts';
import { openLayout } from '../image-reader/layout.ts';
import { copyWithin } from './copy.ts';
import { explained, settleAll } from './failures.ts';
import { chooseFirst, spellFirst } from './first-tag.ts';
import type { Guard } from './guard.ts';
import { type Landed, land } from './publish.ts';
import { recordOvertaken, recordPlan } from './record-plan.ts';
import { sendImage } from './send-image.ts';
import { fetchAdopted, type ImageTools, uploadImage } from './upload.ts';

/** What publishing to several repositories needs of the world. */
export interface PublishTools extends ImageTools {
  readonly record: (record: TagRecord) => void;
  /** Told once the image's digest in a registry is known: on the classic store only the push tells it. */
  readonly published: (digest: Digest) => void;
  readonly guard: Guard;
  /** Brings an image that stayed with its builder to a repository, by digest and without a tag. */
  readonly sendKept: (image: BuiltImage, repository: Repository) => Promise<void>;
}

/** What is published where. */
export interface Publication {
  readonly image: BuiltImage;
  readonly plan: RunPlan;
  readonly writes: WritePlan;
  readonly repositories: readonly Repository[];
}

/** Brings the image into every repository under its first tag; every wanted tag is on record from here on.
 * @throws ActionError `publish-failed`, `digest-mismatch`, `login-missing`, `registry-failed`. */
export async function landEverywhere(tools: PublishTools, publication: Publication): Promise<readonly Landed[]> {
  const { writes, repositories } = publication;
  for (const repository of repositories) recordPlan(tools, repository, writes);
  const { first } = writes;
  if (first === undefined) return [];
  const places = await Promise.all(repositories.map((repository) => tools.registries.open(repository, 'publish')));
  const work = { ...publication, first: await chooseFirst(places, first, { ...publication, run: tools.bench }) };
  const landed: Landed[] = [];
  const arrivals = groupByRegistry(places).flatMap((group) => landGroup(tools, group, { work, landed }));
  await settleAll(arrivals);
  requireOneDigest(landed);
  return landed;
}

/** Repositories of one registry one after another, so that only the first is sent the layers; several registries side by side. */
function landGroup(
  tools: PublishTools,
  group: readonly Registry[],
  { work, landed }: { work: Publication & { first: WantedTag }; landed: Landed[] },
): readonly Promise<void>[] {
  const { adoption } = work.plan;
  const sources: Registry[] = group.filter(
    ({ repository }) => adoption.kind === 'adopt' && repository.name === adoption.from.repository,
  );
  let { identity } = work.image;
  let before: Promise<unknown> = Promise.resolve();
  return group.map((registry) => {
    const arrival = before.then(async () => {
      const arrived = await landIn(tools, registry, { ...work, identity, sources });
      if (arrived === undefined) return recordOvertaken(tools, registry.repository, work.writes);
      identity = settleIdentity(identity, arrived.manifest);
      tools.published(arrived.manifest.digest);
      landed.push(arrived);
      sources.push(registry);
    });
    before = arrival.catch(() => undefined); // told by who waits for the arrival itself
    return arrival;
  });
}

/** Each registry was sent the image for itself, and where the push makes the manifest two of them might have got two.
 * @throws ActionError `digest-mismatch`. */
function requireOneDigest(landed: readonly Landed[]): void {
  if (new Set(landed.map(({ manifest }) => manifest.digest)).size < 2) return;
  const where = landed.map(({ registry, manifest }) => `${registry.repository.name} has ${manifest.digest}`).join(', ');
  throw new ActionError('digest-mismatch', `one image arrived at two digests: ${where}`, {
    hint: 'publish to one registry a step, or use an engine with the containerd image store, whose images have one digest everywhere',
  });
}

function groupByRegistry(places: readonly Registry[]): readonly (readonly Registry[])[] {
  const groups = new Map<string, Registry[]>();
  for (const place of places) {
    const group = groups.get(place.repository.registry) ?? [];
    groups.set(place.repository.registry, [...group, place]);
  }
  return [...groups.values()];
}

async function landIn(
  tools: PublishTools,
  registry: Registry,
  work: Publication & { first: WantedTag; identity: ImageIdentity; sources: readonly Registry[] },
): Promise<Landed | undefined> {
  const { identity, first, sources } = work;
  const { repository } = registry;
  const { layout, delivery } = work.plan.request;
  const isBuilt = work.plan.adoption.kind === 'build';
  const isKept = delivery === 'by-builder' && isBuilt;
  const isElsewhere = !work.plan.hasEngine || (delivery === 'by-folder' && isBuilt);
  let givenBack: Promise<unknown> = Promise.resolve();
  const upload = async ({ name }: WantedTag, before: Digest | undefined): Promise<Digest> => {
    if (isKept) throw lost(repository, identity);
    const digest = publishedDigest(identity);
    if (isElsewhere && digest !== undefined) {
      const from = await openSource(tools, work.plan, layout);
      return sendImage({ from, registry, digest, tag: name, before, tell: listen('push').stdout });
    }
    const sent = await uploadImage(tools, { id: await readLocalId(tools, work), registry, tag: name, before });
    givenBack = sent.givenBack;
    givenBack.catch(() => undefined); // told by who waits for it
    return sent.digest;
  };
  const copy = async () => {
    const [source] = sources.filter((one) => one !== registry);
    const digest = publishedDigest(identity);
    if (digest === undefined) return undefined;
    const copied = source && (await copyWithin(source, registry, digest));
    if (copied !== undefined || !isKept) return copied;
    await tools.sendKept(work.image, repository);
    return registry.manifest(digest);
  };
  const { guard, record } = tools;
  const refuse = (tag: WantedTag, held: Digest | undefined) => guard.lookAndRefuse(registry, tag, held);
  const run = (): Promise<Landed | undefined> =>
    land({ registry, upload, copy, record, refuse }, identity, (held) =>
      spellFirst(first, held, { ...work, run: tools.bench }),
    ).catch(async (error: unknown) => {
      await givenBack;
      throw error;
    });
  const { engine, nonce, cancel } = tools.bench;
  if (!work.plan.hasEngine) return explained({ registry }, run()); // no engine's name is given away
  const turn = beginTurn(engine, { name: formatReference(repository, first.name), nonce }, { run, cancel });
  const { done, ended } = await explained({ registry }, turn);
  tools.bench.leaveToEnd(givenBack.then(ended));
  return done;
}

/** The error of a registry that took an image and does not have it. */
function lost({ name }: Repository, image: ImageIdentity): ActionError {
  return new ActionError('publish-failed', `${name} was sent ${formatIdentity(image)} and does not have all of it`, {
    hint: 'something cleans up there while images are sent: run this again',
  });
}

/** Where an image comes from that is in no engine: what the builder wrote, or the registry that has it. */
async function openSource({ registries, bench }: PublishTools, { adoption }: RunPlan, layout: string) {
  if (adoption.kind === 'build') return openLayout(layout);
  return registries.readCache(parseRepository(adoption.from.repository), bench.cancel);
}

/** The engine's name for what is sent.
 * @throws ActionError `publish-failed` where the engine could only send it under another digest. */
async function readLocalId(tools: PublishTools, { image, plan }: Publication): Promise<Digest> {
  if (plan.adoption.kind === 'build') {
    if (image.localId === undefined) throw new Error('an image was built that the engine does not have');
    return image.localId;
  }
  const { digest, from } = plan.adoption;
  const { id } = await fetchAdopted(tools, plan.adoption, plan.request.platforms);
  if (id === digest) return id;
  const source = await tools.registries.open(parseRepository(from.repository), 'publish');
  const manifest = await source.manifest(digest);
  if (manifest !== undefined && isOfClassicStore(manifest)) return id;
  throw new ActionError(
    'publish-failed',
    `${from.repository}@${digest} exists and is to be copied to another registry, and this engine's classic image store cannot send it byte for byte`,
    { hint: 'use an engine with the containerd image store, or set `reuse: off` so that the image is built anew' },
  );
}
