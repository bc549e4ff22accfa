import type { Inputs } from '../inputs.ts';
import type { Repository } from '../model/image-ref.ts';
import type { Platform } from '../model/platform.ts';
import type { Adoption } from './adoption.ts';
import type { BuilderChoice } from './builder.ts';
import { runsChecks } from './checks.ts';
import { runsImage } from './runs-image.ts';
import type { Verdict } from './verdict.ts';

/** How what is built comes to a registry. */
export type Delivery =
  /** It lies in the engine, is tested there, and is pushed from there. */
  | 'by-engine'
  /** It stays with its builder, and goes from there to the registry by digest. */
  | 'by-builder'
  /** The builder writes it to a folder on the runner, from where each blob is sent: the engine is missing, or cannot keep it. */
  | 'by-folder';

/** Decides whether an image has to come to this machine: only what is run or read here needs it. A script on the runner may change the
 * build context that a second solve reads, and each solve makes attestations anew: what has either is solved once. An engine takes
 * one image of either image store, so what is an index goes by a folder then. */
export function planDelivery(
  builder: BuilderChoice,
  { tests, bytecode, checks, build }: Inputs,
  hasEngine: boolean,
): Delivery {
  const looks = bytecode !== undefined || runsChecks(checks);
  if (builder.kind !== 'apart' || runsImage(tests) || looks) return hasEngine ? 'by-engine' : 'by-folder';
  const attests = build.attestations.length > 0;
  if (builder.pushes && tests.host === undefined && !attests) return 'by-builder';
  const isIndex = attests || build.platforms.length > 1;
  return hasEngine && !isIndex ? 'by-engine' : 'by-folder';
}

/** Decides whether the solve that makes an image sends it as well, by digest and without a tag: where the tags' own guards are all that comes
 * between, which stand before each tag whatever a repository holds. A test stage of the same solve may fail after the image was sent.
 * @returns the first repository that the run writes to; undefined: it is sent by a solve of its own, after the verdict. */
export function planSending(
  delivery: Delivery,
  builder: BuilderChoice,
  run: {
    readonly testTarget: string | undefined;
    readonly push: Verdict;
    readonly adoption: Adoption;
    readonly platforms: readonly Platform[];
    readonly repository: Repository;
  },
): Repository | undefined {
  const { testTarget, push, adoption, platforms, repository } = run;
  if (delivery !== 'by-builder' || builder.kind !== 'apart' || testTarget !== undefined) return undefined;
  // the index of several nodes is pushed by buildx itself, under the tag `latest`
  if (platforms.length > 1 && builder.nodes.length > 1) return undefined;
  const isPublished = push.kind === 'ship' && adoption.kind === 'build' && adoption.firstTag !== undefined;
  return isPublished ? repository : undefined;
}
