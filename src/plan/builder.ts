import { ActionError } from '../errors.ts';
import type { BuildInputs } from '../inputs.ts';
import type { Builder, BuilderNode } from '../model/builder.ts';
import { isOlder } from './machine.ts';

/** Who builds. */
export type BuilderChoice =
  /** The engine's own: what it builds is in the engine's store at once. */
  | { readonly kind: 'engine' }
  /** Any other: it hands the image to the engine, where it is tested and from where it is pushed; where there is none, to a folder. */
  | {
      readonly kind: 'apart';
      readonly name: string;
      readonly driver: string;
      /** In buildx's order; without a wish for platforms the first one builds. */
      readonly nodes: readonly [BuilderNode, ...BuilderNode[]];
      readonly exportsCache: boolean;
      /** Whether it can send an image to a registry by itself. */
      readonly pushes: boolean;
      /** Whether it writes an image as an OCI layout. */
      readonly exportsLayouts: boolean;
    };

/** The first BuildKit that writes a cache as one manifest, as Slipway asks for it. Tests run on 0.30. */
export const oldestBuildkit = '0.12';

/** Decides what may be asked of a builder, from what buildx says of it.
 * @param context the docker context that names this run's engine
 * @throws ActionError `builder-missing` where it cannot do what Slipway needs, or does not answer. */
export function planBuilder({ name, driver, nodes, error }: Builder, context: string): BuilderChoice {
  const who = `the builder ${JSON.stringify(name)} (driver ${driver || 'unknown'})`;
  if (error !== undefined) throw refuse(`${who} does not work: ${error}`, explainWay(name, error));
  const [first, ...others] = nodes;
  if (first === undefined) throw refuse(`${who} has no nodes`, 'add one with `docker buildx create --append`');
  if (driver === 'docker') {
    if (first.endpoint === context) return { kind: 'engine' };
    throw refuse(
      `${who} is that of another engine, the docker context ${JSON.stringify(first.endpoint)}, and this run tests and pushes with that of ${JSON.stringify(context)}`,
      'choose the engine with DOCKER_CONTEXT or DOCKER_HOST for this step, or another builder',
    );
  }
  const failed = nodes.every((node) => node.error !== undefined) ? first.error : undefined;
  if (failed !== undefined) throw refuse(`${who} does not work: ${failed}`, explainWay(name, failed));
  const can = (feature: string): boolean => nodes.every(({ features }) => features.get(feature) ?? true);
  if (!can('Docker exporter'))
    throw refuse(
      `${who} cannot hand an image to the engine, where Slipway tests what it publishes`,
      'leave `builder` out, or make one with docker/setup-buildx-action (`driver: docker-container`)',
    );
  const exports = {
    exportsCache: can('Cache export'),
    exportsLayouts: can('OCI exporter'),
    pushes: can('Direct push'),
  };
  return { kind: 'apart', name, driver, nodes: [first, ...others], ...exports };
}

/** Holds where every BuildKit of a builder is new enough for what is asked of it; one that names no version is taken for a new one.
 * @throws ActionError `builder-missing` with the version found and the one needed. */
export function requireBuildkit(builder: BuilderChoice, { allow }: Pick<BuildInputs, 'allow'>): void {
  if (builder.kind === 'engine') return;
  const devices = allow.some((one) => one === 'device' || one.startsWith('device='));
  const needs = [
    { what: 'Slipway', since: oldestBuildkit },
    ...(devices ? [{ what: '`allow` of a device', since: '0.20' }] : []),
  ];
  const { name, driver, nodes } = builder;
  for (const { what, since } of needs) {
    const old = nodes.find(({ version }) => isOlder(version, since));
    if (old === undefined) continue;
    throw refuse(
      `the builder ${JSON.stringify(name)} (driver ${driver}) runs BuildKit ${old.version}, and ${what} needs ${since} or newer`,
      driver === 'remote'
        ? `update the buildkitd at ${old.endpoint}, or choose another builder`
        : 'make the builder anew with a newer BuildKit (`driver-opts: image=moby/buildkit:…` of docker/setup-buildx-action), or choose another one',
    );
  }
}

/** Whether the builder can write a cache to a registry. */
export function canExportCache(builder: BuilderChoice, store: 'containerd' | 'classic'): boolean {
  return builder.kind === 'engine' ? store === 'containerd' : builder.exportsCache;
}

/** Whether a builder cannot be without this run's engine, as far as its driver tells. */
export function runsInEngine(builder: BuilderChoice): boolean {
  return builder.kind === 'engine' || builder.driver === 'docker-container';
}

/** Why it is not known that what a builder makes would be made on this machine too: it may build for another platform. Empty where it is. */
export function explainElsewhere(builder: BuilderChoice): string {
  if (builder.kind === 'engine' || runsInEngine(builder)) return '';
  return `the builder ${JSON.stringify(builder.name)} (driver ${builder.driver}) may build for another platform`;
}

/** Says that a builder is not there, or does not answer. */
export function explainBuilder(name: string, reason: string): ActionError {
  return refuse(`the builder ${JSON.stringify(name)} does not answer: ${reason}`, explainWay(name, reason));
}

function explainWay(name: string, reason: string): string {
  if (/\bis paused\b/.test(reason))
    return 'somebody ran `docker pause` on its container; `docker unpause` sets it free';
  if (/^Cannot connect to the Docker daemon\b/.test(reason))
    return 'buildx takes the engine’s own builder for the current one, and there is no engine: name another one with `builder`';
  if (/\bcertificate has expired\b/.test(reason))
    return 'the builder’s own certificate has to be renewed where it runs';
  if (/\bcertificate expired\b/.test(reason))
    return 'this run’s certificate has to be renewed: `cert` of the builder’s driver options names it, and a secret may hold it';
  return `look at \`docker buildx inspect ${name}\` on this runner; without \`builder\` and docker/setup-buildx-action the engine’s own builder builds`;
}

function refuse(message: string, hint: string): ActionError {
  return new ActionError('builder-missing', message, { hint });
}
