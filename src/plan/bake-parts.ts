import { namePlatform, type Platform } from '../model/platform.ts';
import type { BuildRequest } from './build-request.ts';
import { reportFolderOf } from './bytecode/bake.ts';
import { type CachePlan, cacheTagOf } from './cache-plan.ts';

/** A solve of its own within one call of bake. */
export interface BakePart {
  readonly request: BuildRequest;
  /** What the names of its targets end in; empty where there is one part. */
  readonly suffix: string;
}

/** How images that were solved apart become one. */
export interface Merge {
  /** In the order of `platforms`. */
  readonly parts: readonly {
    readonly target: string;
    readonly platform: Platform;
    /** Where its OCI layout is; it has none where the image stays with its builder. */
    readonly layout: string;
  }[];
  /** Where the OCI layout of them all goes; undefined where they stay with their builder. */
  readonly layout: string | undefined;
  /** Whether the engine is to have it. */
  readonly loads: boolean;
}

/** What is solved: all platforms at once, or each by itself. Buildx gives a target with one platform to the node that has it; of a target
 * with several it would push the index itself, under the tag `latest`, and hands none out. */
export function planParts(request: BuildRequest): readonly [BakePart, ...BakePart[]] {
  const { perPlatform, delivery, bytecode } = request;
  const [first, ...others] = request.platforms;
  if (!perPlatform || first === undefined) return [{ request, suffix: '' }];
  // an engine takes the whole index: until then each image lies in a folder
  const handed = delivery === 'by-engine' ? 'by-folder' : delivery;
  const plan = (platform: Platform, cache: CachePlan): BakePart => ({
    request: {
      ...request,
      platforms: [platform],
      layout: partLayout(request, platform),
      delivery: handed,
      cache,
      bytecode: bytecode && { ...bytecode, reportFolder: reportFolderOf(bytecode.reportFolder, platform) },
    },
    suffix: suffixOf(platform),
  });
  const { write } = request.cache;
  const ownCache = (platform: Platform): CachePlan => ({
    ...request.cache,
    write: write && { ...write, tag: cacheTagOf(write.tag, platform) },
  });
  return [plan(first, request.cache), ...others.map((platform) => plan(platform, ownCache(platform)))];
}

/** How the parts' images become one; undefined where there is one part. */
export function planMerge(request: BuildRequest): Merge | undefined {
  const { perPlatform, platforms, delivery, layout } = request;
  if (!perPlatform) return undefined;
  return {
    parts: platforms.map((platform) => ({
      target: `image${suffixOf(platform)}`,
      platform,
      layout: partLayout(request, platform),
    })),
    layout: delivery === 'by-builder' ? undefined : layout,
    loads: delivery === 'by-engine',
  };
}

function suffixOf(platform: Platform): string {
  return `-${namePlatform(platform)}`;
}

function partLayout({ layout }: Pick<BuildRequest, 'layout'>, platform: Platform): string {
  return `${layout}/part${suffixOf(platform)}`;
}
