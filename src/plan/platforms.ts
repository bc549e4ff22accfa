import { ActionError } from '../errors.ts';
import type { Builder, BuilderNode } from '../model/builder.ts';
import { type Platform, runsNatively } from '../model/platform.ts';
import { type BuilderChoice, runsInEngine } from './builder.ts';

/** What is built for: nothing is said where that is what the engine's own builder builds for anyway. */
export function planPlatforms(
  asked: readonly Platform[],
  builder: Pick<BuilderChoice, 'kind'>,
  machine: Platform | undefined,
): readonly Platform[] {
  return builder.kind === 'engine' && asked.length === 1 && asked[0] === machine ? [] : asked;
}

/** The platforms of what a builder makes, as far as it says: where none is asked for, the first that its first node names. */
export function listBuilt(asked: readonly Platform[], builder: BuilderChoice): readonly Platform[] {
  if (asked.length > 0 || builder.kind === 'engine') return asked;
  return builder.nodes[0].platforms.slice(0, 1);
}

/** What is built for where no platform is asked for: the engine's own, of a builder that may be another machine the first that it names.
 * @param engine undefined where none answers
 * @returns `unknown` where nobody says. */
export function planUsualPlatform(builder: BuilderChoice, engine: string | undefined): string {
  const [elsewhere] = runsInEngine(builder) ? [] : listBuilt([], builder);
  return elsewhere ?? engine ?? 'unknown';
}

/** Holds where a builder can run what it is to build: tests and `RUN` of each platform are run.
 * @throws ActionError `builder-missing` with what it can run, and how it gets the rest. */
export function requirePlatforms({ name, nodes }: Pick<Builder, 'name' | 'nodes'>, asked: readonly Platform[]): void {
  const known = new Set(nodes.flatMap(({ platforms }) => platforms));
  const missing = listMissing({ nodes }, asked);
  if (missing.length === 0) return;
  const architectures = [...new Set(missing.map((one) => one.split('/')[1]))].join(',');
  throw new ActionError(
    'builder-missing',
    `the builder ${JSON.stringify(name)} cannot run programs for ${missing.join(', ')}; it can for ${[...known].join(', ')}`,
    {
      hint: `add docker/setup-qemu-action with \`platforms: ${architectures}\` before this step, and before docker/setup-buildx-action where that is used`,
    },
  );
}

/** The nodes without which nothing can be built, as far as they do not answer: such a one says no more than what it was made for. Where nothing
 * is asked for buildx takes the first, and no other in its place. */
export function listSilent(nodes: readonly BuilderNode[], asked: readonly Platform[]): readonly BuilderNode[] {
  const silent = nodes.filter(({ status }) => status !== 'running');
  if (asked.length === 0) return silent.filter((node) => node === nodes[0]);
  return silent.filter(({ platforms }) => platforms.length === 0 || platforms.some((one) => asked.includes(one)));
}

/** What a builder cannot run of what is asked for; nothing where it was never booted, for then it does not say. */
export function listMissing({ nodes }: Pick<Builder, 'nodes'>, asked: readonly Platform[]): readonly Platform[] {
  const known = new Set(nodes.flatMap(({ platforms }) => platforms));
  return known.size === 0 ? [] : asked.filter((platform) => !known.has(platform));
}

/** Those whose programs a machine runs under emulation alone. */
export function listForeign(platforms: readonly Platform[], machine: Platform): readonly Platform[] {
  return platforms.filter((one) => !runsNatively(one, machine));
}

/** How each platform's image is tested where that is not on a machine of its own.
 * @param at `here`: what is done on this machine */
export function planPlatformNotices(
  platforms: readonly Platform[],
  at: { readonly machine: Platform; readonly here: 'all' | 'tests of the image' | 'nothing' },
): readonly string[] {
  const foreign = listForeign(platforms, at.machine);
  if (foreign.length === 0 || at.here === 'nothing') return [];
  const what = at.here === 'all' ? 'built and tested' : 'run by tests of the image';
  return [`${foreign.join(', ')}: ${what} under emulation, as this machine is ${at.machine}; that is slower`];
}
