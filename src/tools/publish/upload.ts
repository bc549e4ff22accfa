import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { formatReference, parseRepository } from '../../model/image-ref.ts';
import type { Platform } from '../../model/platform.ts';
import { type Registry, RegistryError } from '../../model/registry.ts';
import type { Tag } from '../../model/tag.ts';
import type { Adoption } from '../../plan/adoption.ts';
import { listen } from '../actions.ts';
import { pushImage, registryAuth } from '../engine/engine.ts';
import { inspectImage, type LocalImage, removeImageName, tagImageId } from '../engine/images.ts';
import { pullImage } from '../engine/pull.ts';
import { repeatTransfer, TransferError } from '../engine/transfer.ts';
import { inTurn } from '../engine/turns.ts';
import type { Registries } from '../registry/registries.ts';
import type { Workbench } from '../workbench.ts';

/** What sending and fetching images needs of the world. */
export interface ImageTools {
  readonly bench: Workbench;
  readonly registries: Registries;
}

/** Sends an image from the engine's store to a repository under a tag, in this run's turn (`inTurn`). The engine pushes by name, so for that time the image bears
 * the reference as its name; what stood there before stands there again afterwards.
 * @returns the digest the engine says the registry has now; the turn must not end before the name is given back. */
export async function uploadImage(
  { bench, registries }: ImageTools,
  work: { readonly id: Digest; readonly registry: Registry; readonly tag: Tag; readonly before: Digest | undefined },
): Promise<{ readonly digest: Digest; readonly givenBack: Promise<void> }> {
  const { id, registry, tag } = work;
  const { repository } = registry;
  const name = formatReference(repository, tag);
  const [named, login, { store }] = await Promise.all([
    inspectImage(bench.engine, name, bench.cancel),
    registries.credentials(repository.registry),
    bench.readInfo(),
  ]);
  bench.rememberName(name, named?.id);
  await tagImageId(bench.engine, { id, name }, bench.cancel);
  const { stdout } = listen('push');
  const auth = registryAuth(login, repository.registry);
  const push = (): Promise<Digest> =>
    pushImage(bench.engine, { repository, tag, auth, onProgress: stdout }, bench.cancel);
  try {
    const digest = await repeatTransfer(push, {
      mayRepeatStall: store === 'containerd',
      recheck: () => readArrived(registries, work),
      tell: stdout,
      cancel: bench.cancel,
    });
    return { digest, givenBack: giveBack(bench, name, named?.id) };
  } catch (error) {
    await giveBack(bench, name, named?.id);
    throw store === 'classic' ? explainStuck(error) : error;
  }
}

/** What the tag holds by now where that is another than before: a push whose last answer was lost has done its work, and what somebody
 * else wrote meanwhile must not be overwritten.
 * @throws RegistryError `full`. */
async function readArrived(
  registries: Registries,
  { registry, tag, before }: Parameters<typeof uploadImage>[1],
): Promise<Digest | undefined> {
  try {
    const held = await registry.head(tag);
    if (held !== before) return held;
    // of a registry without room the engine hands on the status alone: our client asks for an upload too
    await (await registries.open(registry.repository, 'probe')).mayPush();
  } catch (error) {
    if (!(error instanceof RegistryError) || error.kind === 'full') throw error; // else nobody knows: the push's own failure counts
  }
  return undefined;
}

/** Takes the name off again, or lets it stand for what it stood for. Why a push failed counts more than that this may fail too: the
 * name stays remembered then, and post tries again. */
async function giveBack(bench: Workbench, name: string, id: Digest | undefined): Promise<void> {
  const limit = AbortSignal.timeout(10_000);
  try {
    if (id === undefined) await removeImageName(bench.engine, name, limit);
    else await tagImageId(bench.engine, { id, name }, limit);
    bench.forgetName(name);
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
  }
}

function explainStuck(error: unknown): unknown {
  if (!(error instanceof TransferError) || error.fault !== 'stalled') return error;
  const why = 'this engine’s classic image store keeps the stuck transfer, so another try would wait for it too';
  return new TransferError('stalled', 'timeout', `${error.message}; ${why}`, {
    hint: 'restart the engine (`systemctl restart docker`) or use one with the containerd image store, then run this again',
    cause: error,
  });
}

/** Brings an adopted image to the engine's store, by digest and under this run's own name; nothing is done where it is there.
 * @param platforms those of an index that are wanted; none: the engine's own, or the only one.
 * @returns the image as the engine has it. */
export async function fetchAdopted(
  { bench, registries }: ImageTools,
  { digest, from }: Extract<Adoption, { kind: 'adopt' }>,
  platforms: readonly Platform[],
): Promise<LocalImage> {
  const there = await inspectImage(bench.engine, bench.name, bench.cancel);
  if (there !== undefined) return there;
  const repository = parseRepository(from.repository);
  const auth = registryAuth(await registries.credentials(repository.registry), repository.registry);
  const reference = formatReference(repository, digest);
  const run = async (): Promise<void> => {
    const known = await inspectImage(bench.engine, reference, bench.cancel);
    if (known === undefined) bench.rememberName(reference, undefined);
    const { stdout } = listen('pull');
    const { store } = await bench.readInfo();
    const watch = { recheck: async () => undefined, tell: stdout, cancel: bench.cancel };
    for (const platform of platforms.length === 0 ? [undefined] : platforms)
      await repeatTransfer(
        () => pullImage(bench.engine, { repository, digest, platform, auth, onProgress: stdout }, bench.cancel),
        { ...watch, mayRepeatStall: store === 'containerd' },
      );
    await tagImageId(bench.engine, { id: reference, name: bench.name }, bench.cancel);
    if (known !== undefined) return;
    await removeImageName(bench.engine, reference, bench.cancel);
    bench.forgetName(reference);
  };
  bench.rememberName(bench.name, undefined);
  await inTurn(bench.engine, { name: reference, nonce: bench.nonce }, { run, cancel: bench.cancel });
  const local = await inspectImage(bench.engine, bench.name, bench.cancel);
  if (local !== undefined) return local;
  throw new ActionError('engine-missing', `the engine pulled ${reference} and does not have it`, {
    hint: 'something else on this machine removes images while the step runs: run it again',
  });
}
