import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { formatReference, parseRepository, type Repository } from '../../model/image-ref.ts';
import type { Tag } from '../../model/tag.ts';
import type { Adoption } from '../../plan/adoption.ts';
import { listen } from '../actions.ts';
import {
  inspectImage,
  type LocalImage,
  pushImage,
  registryAuth,
  removeImageName,
  tagImageId,
} from '../engine/engine.ts';
import { pullImage } from '../engine/pull.ts';
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
 * @returns the digest the engine says the registry has now. */
export async function uploadImage(
  { bench, registries }: ImageTools,
  work: { readonly id: Digest; readonly repository: Repository; readonly tag: Tag },
): Promise<Digest> {
  const { id, repository, tag } = work;
  const name = formatReference(repository, tag);
  const [before, login] = await Promise.all([
    inspectImage(bench.engine, name, bench.cancel),
    registries.credentials(repository.registry),
  ]);
  bench.rememberName(name, before?.id);
  await tagImageId(bench.engine, { id, name }, bench.cancel);
  try {
    const auth = registryAuth(login, repository.registry);
    return await pushImage(bench.engine, { repository, tag, auth, onProgress: listen('push').stdout }, bench.cancel);
  } finally {
    if (before === undefined) await removeImageName(bench.engine, name, AbortSignal.timeout(10_000));
    else await tagImageId(bench.engine, { id: before.id, name }, AbortSignal.timeout(10_000));
    bench.forgetName(name);
  }
}

/** Brings an adopted image to the engine's store, by digest and under this run's own name; nothing is done where it is there.
 * @returns the image as the engine has it. */
export async function fetchAdopted(
  { bench, registries }: ImageTools,
  { digest, from }: Extract<Adoption, { kind: 'adopt' }>,
): Promise<LocalImage> {
  const there = await inspectImage(bench.engine, bench.name, bench.cancel);
  if (there !== undefined) return there;
  const repository = parseRepository(from.repository);
  const auth = registryAuth(await registries.credentials(repository.registry), repository.registry);
  const reference = formatReference(repository, digest);
  const run = async (): Promise<void> => {
    const known = await inspectImage(bench.engine, reference, bench.cancel);
    if (known === undefined) bench.rememberName(reference, undefined);
    await pullImage(bench.engine, { repository, digest, auth, onProgress: listen('pull').stdout }, bench.cancel);
    await tagImageId(bench.engine, { id: reference, name: bench.name }, bench.cancel);
    if (known !== undefined) return;
    await removeImageName(bench.engine, reference, bench.cancel);
    bench.forgetName(reference);
  };
  await inTurn(bench.engine, { name: reference, nonce: bench.nonce }, { run, cancel: bench.cancel });
  const local = await inspectImage(bench.engine, bench.name, bench.cancel);
  if (local !== undefined) return local;
  throw new ActionError('engine-missing', `the engine pulled ${reference} and does not have it`, {
    hint: 'something else on this machine removes images while the step runs: run it again',
  });
}
