import { ActionError } from '../errors.ts';
import type { BuildInputs } from '../inputs.ts';
import type { Delivery } from './delivery.ts';

/** What a run found of the machine that builds. */
export interface Machine {
  readonly store: 'containerd' | 'classic';
  readonly engineVersion: string;
  /** Undefined where nothing that this run needs depends on it: asking costs some 40 ms. */
  readonly buildxVersion: string | undefined;
}

/** The oldest that the end-to-end tests have passed on; README names them too. `npm test` runs on 26.1 and 28. */
export const oldestEngine = '20.10';
export const oldestBuildx = '0.13';

/** It tells the images of an index apart. */
const severalSince = '28.0';

/** Something that only a newer buildx can do; an older one leaves it out without a word. */
export interface BuildxNeed {
  readonly input: string;
  readonly since: string;
}

/** What the build's inputs ask of buildx beyond the oldest one that will do. */
export function planBuildxNeeds(
  build: Pick<BuildInputs, 'addHosts' | 'allow' | 'network'>,
): readonly [BuildxNeed, ...BuildxNeed[]] | undefined {
  const needs = [
    ...(build.addHosts.size > 0 ? [{ input: 'add-hosts', since: '0.25' }] : []),
    ...(build.network === undefined ? [] : [{ input: 'network', since: '0.17' }]),
    ...(build.allow.length > 0 ? [{ input: 'allow', since: '0.17' }] : []),
  ];
  const [first, ...rest] = needs;
  return first === undefined ? undefined : [first, ...rest];
}

/** Holds where this machine can do what is asked of it.
 * @throws ActionError `engine-missing`, `builder-missing`, `invalid-input`. */
export function requireMachine(
  machine: Machine,
  build: Pick<BuildInputs, 'addHosts' | 'allow' | 'network'>,
  request: {
    readonly platforms: readonly string[];
    readonly delivery: Delivery;
    readonly attestations: readonly string[];
    readonly annotations?: readonly string[];
  },
): void {
  requireEngine(machine);
  const { buildxVersion, store } = machine;
  for (const { input, since } of planBuildxNeeds(build) ?? [])
    if (buildxVersion !== undefined && isOlder(buildxVersion, since))
      throw explainOldBuildx(buildxVersion, since, input);
  if (request.delivery !== 'by-engine') return; // it keeps nothing of the image
  if (request.platforms.length > 1 && isOlder(machine.engineVersion, severalSince))
    throw new ActionError(
      'engine-missing',
      `the Docker engine is version ${machine.engineVersion}, and several \`platforms\` need ${severalSince} or newer`,
      { hint: 'update Docker on this runner, or build for one platform' },
    );
  if (store === 'containerd') return;
  if (request.platforms.length > 1)
    throw cannot(`platforms: ${request.platforms.join(', ')}: an image for several platforms`);
  // that store keeps no manifest: annotations would be gone without a word
  if (request.annotations?.[0] !== undefined)
    throw cannot(`annotations: ${request.annotations[0]}: an image with annotations`);
  if (request.attestations.length > 0) throw cannot(`${request.attestations.join(' ')}: an image with attestations`);
}

/** Holds where the engine is new enough; a version that cannot be read is taken for a new one.
 * @throws ActionError `engine-missing` with the version found and the one needed. */
export function requireEngine({ engineVersion }: Pick<Machine, 'engineVersion'>): void {
  if (!isOlder(engineVersion, oldestEngine)) return;
  throw new ActionError(
    'engine-missing',
    `the Docker engine is version ${engineVersion}, and Slipway needs ${oldestEngine} or newer`,
    { hint: 'update Docker on this runner; GitHub’s runners (`runs-on: ubuntu-latest`) have a newer one' },
  );
}

/** Says that the buildx plugin is too old, for everything or for one input. */
export function explainOldBuildx(found: string, needed: string, input: string | undefined): ActionError {
  const why = input === undefined ? 'Slipway' : `\`${input}\``;
  return new ActionError('builder-missing', `docker-buildx is version ${found}, and ${why} needs ${needed} or newer`, {
    hint: 'add docker/setup-buildx-action before this step with `driver: docker` and `version: latest`, or update the docker-buildx-plugin package',
  });
}

/** Tells whether a version as programs print theirs (`v0.13.1+ds1`) lies before another; false where either cannot be read. */
export function isOlder(found: string, needed: string): boolean {
  const [ours, theirs] = [readNumbers(found), readNumbers(needed)];
  if (ours === undefined || theirs === undefined) return false;
  const at = theirs.findIndex((number, index) => (ours[index] ?? 0) !== number);
  return at >= 0 && (ours[at] ?? 0) < (theirs[at] ?? 0);
}

function readNumbers(version: string): readonly number[] | undefined {
  const numbers = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)?.slice(1, 4);
  const read = numbers?.filter((one) => one !== undefined).map(Number);
  // a program built without its version says 0.0.0
  return read === undefined || read.every((number) => number === 0) ? undefined : read;
}

function cannot(what: string): ActionError {
  return new ActionError('invalid-input', `${what} cannot be built on this engine, which has the classic image store`, {
    hint: 'switch the engine to the containerd image store (`"features": {"containerd-snapshotter": true}` in daemon.json), or leave it out',
  });
}
