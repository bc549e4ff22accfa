import { ActionError } from '../errors.ts';
import type { Builder } from '../model/builder.ts';
import type { Role } from './rights.ts';

/** Who builds. */
export type BuilderChoice =
  /** The engine's own: what it builds is in the engine's store at once. */
  | { readonly kind: 'engine' }
  /** Any other: it hands the image to the engine, where it is tested and from where it is pushed. */
  | {
      readonly kind: 'apart';
      readonly name: string;
      readonly driver: string;
      readonly exportsCache: boolean;
      /** Whether it is there before this job and after it, and builds for others too. */
      readonly lasts: boolean;
    };

/** Decides what may be asked of a builder, from what buildx says of it.
 * @param context the docker context that names this run's engine
 * @throws ActionError `builder-missing` where it cannot do what Slipway needs, or does not answer. */
export function planBuilder({ name, driver, nodes }: Builder, context: string): BuilderChoice {
  const who = `the builder ${JSON.stringify(name)} (driver ${driver})`;
  const [first] = nodes;
  if (first === undefined) throw refuse(`${who} has no nodes`, 'add one with `docker buildx create --append`');
  if (driver === 'docker') {
    if (first.endpoint === context) return { kind: 'engine' };
    throw refuse(
      `${who} is that of another engine, the docker context ${JSON.stringify(first.endpoint)}, and this run tests and pushes with that of ${JSON.stringify(context)}`,
      'choose the engine with DOCKER_CONTEXT or DOCKER_HOST for this step, or another builder',
    );
  }
  const failed = nodes.every(({ error }) => error !== undefined) ? first.error : undefined;
  if (failed !== undefined) throw refuse(`${who} does not work: ${failed}`, explainWay(name, failed));
  const can = (feature: string): boolean => nodes.every(({ features }) => features.get(feature) ?? true);
  if (!can('Docker exporter'))
    throw refuse(
      `${who} cannot hand an image to the engine, where Slipway tests what it publishes`,
      'leave `builder` out, or make one with docker/setup-buildx-action (`driver: docker-container`)',
    );
  return { kind: 'apart', name, driver, exportsCache: can('Cache export'), lasts: driver !== 'docker-container' };
}

/** Whether the builder can write a cache to a registry. */
export function canExportCache(builder: BuilderChoice, store: 'containerd' | 'classic'): boolean {
  return builder.kind === 'engine' ? store === 'containerd' : builder.exportsCache;
}

/** Why it is not known that what a builder makes would be made on this machine too: it may build for another platform. Empty where it is. */
export function explainElsewhere(builder: BuilderChoice): string {
  if (builder.kind === 'engine' || !builder.lasts) return '';
  return `the builder ${JSON.stringify(builder.name)} (driver ${builder.driver}) may build for another platform`;
}

/** What is to be said of a builder that branches build on too: what they left there can come into main's image, since BuildKit's records
 * know neither the values of secrets nor what is in a cache mount. */
export function planBuilderNotices(
  builder: BuilderChoice,
  run: { readonly role: Role; readonly ships: boolean; readonly noCache: boolean },
): readonly string[] {
  const publishes = run.ships && (run.role === 'main' || run.role === 'release');
  if (builder.kind === 'engine' || !builder.lasts || !publishes || run.noCache) return [];
  return [
    `the builder ${JSON.stringify(builder.name)} (driver ${builder.driver}) lasts beyond this job: where branches build on it too, what they left in its records and cache mounts can come into this image; give main and releases a builder of their own, or set \`no-cache: true\``,
  ];
}

/** Says that a builder is not there, or does not answer. */
export function explainBuilder(name: string, reason: string): ActionError {
  return refuse(`the builder ${JSON.stringify(name)} does not answer: ${reason}`, explainWay(name, reason));
}

function explainWay(name: string, reason: string): string {
  if (/\bis paused\b/.test(reason))
    return 'somebody ran `docker pause` on its container; `docker unpause` sets it free';
  return `look at \`docker buildx inspect ${name}\` on this runner; without \`builder\` and docker/setup-buildx-action the engine’s own builder builds`;
}

function refuse(message: string, hint: string): ActionError {
  return new ActionError('builder-missing', message, { hint });
}
