import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Buildx } from './find.ts';

/** Of docker's configuration what decides which programs run and where: logins' helpers, contexts, builders. */
const deciding = ['config.json', 'contexts', 'cli-plugins'];
const builders = ['current', 'instances', 'defaults'];

/** Of buildx's own: where the builder has a name, that one alone, in a file whose name is in lower case. */
function decidingBuilders({ BUILDX_BUILDER: name }: Buildx['env']): readonly string[] {
  return name === undefined ? builders : [join('instances', name.toLowerCase())];
}

/** Tells the plugin and docker's configuration, so far as they count, from any other: by change times, which no program sets. Equal stamps
 * mean that nobody wrote there. */
export function stampBuildx({ path, env }: Pick<Buildx, 'path' | 'env'>): string {
  const { DOCKER_CONFIG: config = '', BUILDX_CONFIG: state } = env;
  const places = [
    ...deciding.map((name) => join(config, name)),
    ...decidingBuilders(env).map((name) => join(state || join(config, 'buildx'), name)), // buildx reads the one or the other
  ];
  return [path, ...places].flatMap(stampTree).join('\n');
}

function stampTree(path: string): readonly string[] {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return [];
  // a folder is what it holds: buildx makes its empty ones when it runs for the first time
  if (stat.isDirectory())
    return readdirSync(path)
      .sort()
      .flatMap((name) => stampTree(join(path, name)));
  return [`${path} ${stat.ino} ${stat.mode} ${stat.size} ${stat.ctimeNs}`];
}
