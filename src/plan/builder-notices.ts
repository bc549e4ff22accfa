import type { BuilderChoice } from './builder.ts';
import type { Role } from './rights.ts';

/** What of a run decides which notices its builder is worth. */
export interface BuilderUse {
  readonly role: Role;
  readonly ships: boolean;
  readonly noCache: boolean;
  readonly platforms: readonly string[];
  /** Whether the builder is known to be there before this job or after it, and so may build for others too. */
  readonly lasts: boolean;
}

/** What is to be said of a builder before it builds. */
export function planBuilderNotices(builder: BuilderChoice, use: BuilderUse): readonly string[] {
  if (builder.kind === 'engine') return [];
  const who = `the builder ${JSON.stringify(builder.name)} (driver ${builder.driver})`;
  return [...tellNodes(builder, who, use), ...tellRecords(who, use)];
}

/** Of several machines buildx takes the first where no platform is asked for; pods of one deployment are alike. */
function tellNodes(
  { nodes }: Extract<BuilderChoice, { kind: 'apart' }>,
  who: string,
  { platforms }: BuilderUse,
): readonly string[] {
  const [first] = nodes;
  if (platforms.length > 0 || new Set(nodes.map(({ endpoint }) => endpoint)).size < 2) return [];
  return [
    `${who} has ${nodes.length} nodes, and where no platform is asked for the first of them builds: ${JSON.stringify(first.name)} (${first.endpoint})`,
  ];
}

/** What branches left in a builder can come into main's image: BuildKit's records know neither the values of secrets nor what is in a
 * cache mount. */
function tellRecords(who: string, { role, ships, noCache, lasts }: BuilderUse): readonly string[] {
  const publishes = ships && (role === 'main' || role === 'release');
  if (!lasts || !publishes || noCache) return [];
  return [
    `${who} lasts beyond this job: where branches build on it too, what they left in its records and cache mounts can come into this image; give main and releases a builder of their own, or set \`no-cache: true\``,
  ];
}
