import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { ActionError } from '../../errors.ts';
import type { Login } from '../../plan/login.ts';
import { planClientEnvironment, planHelperEnvironment } from '../engine/client-environment.ts';
import { dockerConfigFolder, readDockerConfig } from '../engine/endpoint.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The plugin's program, called without `docker` before it (some 100 ms less), and the environment it runs in. */
export interface Buildx {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  /** Logins that are not the runner's own: lent for the moment in which the plugin reads them. */
  readonly logins: readonly Login[];
}

const systemFolders = ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'].map((lib) =>
  join(lib, 'docker', 'cli-plugins'),
);

/** Finds the buildx plugin where docker looks for it, in its order: `cliPluginsExtraDirs` of config.json, the configuration's own
 * `cli-plugins`, the system's folders.
 * @throws ActionError `builder-missing` with the folders that were searched. */
export async function findBuildx(env: Environment): Promise<Buildx> {
  const settings = readDockerConfig(env);
  const extra = settings['cliPluginsExtraDirs'];
  const config = dockerConfigFolder(env);
  const folders = [
    ...(Array.isArray(extra) ? extra.filter((one) => typeof one === 'string') : []),
    ...(config === undefined ? [] : [join(config, 'cli-plugins')]),
    ...systemFolders,
  ];
  const path = folders.map((folder) => join(folder, 'docker-buildx')).find(isProgram);
  const hasHelpers = settings['credsStore'] || settings['credHelpers'] || env['KUBECONFIG']; // a cluster's login may be a program too
  const plan = hasHelpers ? planHelperEnvironment : planClientEnvironment;
  if (path !== undefined) return { path, env: plan(env), logins: [] };
  throw new ActionError('builder-missing', `there is no docker-buildx in ${folders.join(', ')}`, {
    hint: 'add docker/setup-buildx-action before this step with `driver: docker`, or install the docker-buildx-plugin package',
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not ours to run: docker passes over it too
  }
}
