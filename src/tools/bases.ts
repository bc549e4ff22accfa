import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import type { Digest } from '../model/digest.ts';
import { formatReference } from '../model/image-ref.ts';
import { RegistryError } from '../model/registry.ts';
import { adoptionTags, type Holdings } from '../plan/adoption.ts';
import type { Bases, FloatingImage } from '../plan/base-images.ts';
import { basesKey, type FoundBases, unknownBases } from '../plan/content-key.ts';
import { findHeld } from '../plan/holdings.ts';
import { planFreshness } from '../plan/run-plan.ts';
import { isThisImage } from '../plan/same-content.ts';
import type { Asked } from './checkout/git-context.ts';
import { readRepoDigests } from './engine/images.ts';
import type { Registries } from './registry/registries.ts';
import type { SurveyQuestion } from './survey.ts';
import type { Workbench } from './workbench.ts';

/** Asks, side by side, what the floating names in the Dockerfile stand for: one HEAD each, and the engine whether it would take another
 * image for one that it has under that name. Never throws for a registry that does not answer: then other commits' images are not
 * taken for this one's, and nothing else is lost. */
export async function readBases(
  bench: Pick<Workbench, 'engine' | 'cancel'>,
  registries: Registries,
  { asked, inputs }: { readonly asked: Asked; readonly inputs: Inputs },
): Promise<FoundBases> {
  if (asked.files.unknown !== undefined)
    return unknownBases(`git knows nothing of ${JSON.stringify(asked.files.unknown)}`);
  const { findBases } = await import('../plan/base-images.ts'); // its parser of Dockerfiles takes time to load
  const { context, sendsGit } = asked;
  const bases: Bases = findBases(context.dockerfile, {
    args: inputs.build.args,
    contexts: asked.files.named,
    sendsGit,
  });
  if (bases.kind === 'unknown') return unknownBases(bases.because);
  const looked = await Promise.all(bases.floating.map((one) => look(bench, registries, one)));
  const digests = new Map<string, Digest>();
  for (const { name, digest, reason } of looked) {
    if (digest === undefined) return unknownBases(reason);
    digests.set(name, digest);
  }
  return { key: basesKey(digests), unknown: '' };
}

interface Looked {
  readonly name: string;
  readonly digest: Digest | undefined;
  /** Why there is none. */
  readonly reason: string;
}

async function look(
  { engine, cancel }: Pick<Workbench, 'engine' | 'cancel'>,
  registries: Registries,
  { name, repository, tag }: FloatingImage,
): Promise<Looked> {
  const reference = formatReference(repository, tag);
  const none = (reason: string): Looked => ({
    name,
    digest: undefined,
    reason: `what ${reference} stands for is unknown: ${reason}`,
  });
  try {
    const registry = await registries.open(repository, 'base');
    const [digest, local] = await Promise.all([registry.head(tag), readRepoDigests(engine, reference, cancel)]);
    if (digest === undefined) return none('its registry does not have it');
    if (local !== undefined && !local.includes(digest)) return none('the engine has another image of that name');
    return { name: reference, digest, reason: '' };
  } catch (error) {
    if (error instanceof RegistryError || (error instanceof ActionError && error.code !== 'cancelled'))
      return none(error.message);
    throw error;
  }
}

/** Whether anybody could use what the bases are. Main and release write it into the image's labels; the others only ask where main's image
 * has their files. An image of this very commit stands whatever has become of its bases. */
export async function readBasesIfNeeded(
  { asked, inputs, push, wanted }: SurveyQuestion,
  known: {
    readonly holding: Promise<readonly Holdings[]>;
    readonly keyed: Promise<string>;
    readonly read: () => Promise<FoundBases>;
  },
): Promise<FoundBases> {
  const { checkout } = asked.git;
  if (push.kind !== 'ship' || inputs.reuse === 'off' || checkout.dirty) return unknownBases('it does not matter here');
  const early = wanted.commitTag === undefined ? undefined : known.read();
  early?.catch(() => undefined); // told by who waits for it
  const [key, holdings] = await Promise.all([known.keyed, known.holding]);
  const there = adoptionTags(wanted).flatMap((tag) => findHeld(tag, holdings));
  const { pull, noCache } = planFreshness(inputs, asked.git);
  if (!pull && !noCache && there.some((one) => isThisImage({ commit: checkout.head, key }, one)))
    return unknownBases('it does not matter here');
  if (early !== undefined) return early;
  const isNear = there.some(({ tag, held }) => wanted.shipped.includes(tag) && held.labels?.key === key);
  return isNear ? known.read() : unknownBases('it does not matter here');
}
