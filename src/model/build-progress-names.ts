import type { VertexRecord } from './build-progress-records.ts';

/** What is built: buildx puts the target before each name where there are two or more, the platform where there are several. */
export interface BuildShape {
  readonly targets: readonly string[];
  /** Targets that those are made from: their names occur as well, and their graphs are part of those. */
  readonly inner: readonly string[];
  readonly platforms: readonly string[];
}

/** Takes the bake target off a vertex's name: `[test internal] load …` is `[internal] load …` of `test`. */
export function splitName(name: string, targets: readonly string[]): { target: string | undefined; name: string } {
  if (targets.length < 2) return { target: undefined, name };
  for (const target of targets) {
    if (name.startsWith(`[${target} `)) return { target, name: `[${name.slice(target.length + 2)}` };
    if (name.startsWith(`[${target}] `)) return { target, name: name.slice(target.length + 3) };
  }
  return { target: undefined, name };
}

/** Names a step of a target that has its platform in its name (`image-linux-arm64`), as BuildKit names those of a solve with several
 * platforms: `[linux/arm64 base 2/4] RUN …`. */
export function addPlatform(name: string, target: string | undefined): string {
  const platform = /^[a-z]+-(linux-.+)$/.exec(target ?? '')?.[1]?.replaceAll('-', '/');
  return platform === undefined ? name : name.replace(/^\[(?=(?:[^\]\s/]+ )?\d+\/\d+\] )/, `[${platform} `);
}

/** The graphs that a build has: one for each target and platform. */
export function graphsOf(shape: BuildShape): readonly string[] {
  const targets = shape.targets.length + shape.inner.length < 2 ? [''] : shape.targets;
  if (shape.platforms.length < 2) return targets;
  return targets.flatMap((target) => shape.platforms.map((platform) => `${target} ${platform}`));
}

/** The graph that a vertex belongs to: of several platforms the one that it is built for, which a cross-building stage has after `->`. */
export function graphOf(record: VertexRecord, target: string | undefined, shape: BuildShape): string {
  if (shape.platforms.length < 2) return target ?? '';
  const word = /^\[(\S+)/.exec(record.name)?.[1] ?? '';
  const platform = shape.platforms.find(
    (one) => word === one || word.endsWith(`->${one}`) || word.endsWith(`->${one.slice(one.indexOf('/') + 1)}`),
  );
  return `${target ?? ''} ${platform ?? ''}`;
}
