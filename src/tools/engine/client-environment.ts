import { markVariable } from '../leftovers.ts';
import { dockerConfigFolder } from './endpoint.ts';

/** What docker's client and the builder need to find engine, logins, agents and proxies; nothing else reaches them, so that no variable
 * (`BUILDX_BAKE_*`, `SOURCE_DATE_EPOCH`, `BUILDX_GIT_LABELS`, …) changes what is built. */
const passed = [
  'PATH',
  'HOME',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_AUTH_CONFIG',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
  'DOCKER_API_VERSION',
  'BUILDX_BUILDER',
  'BUILDX_CONFIG',
  'KUBECONFIG',
  'KUBERNETES_SERVICE_HOST', // a pod's way to its own cluster
  'KUBERNETES_SERVICE_PORT',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  markVariable,
] as const;

/** What a credential helper is not told: the action's inputs and state, GitHub's tokens and files, and whatever would change a build,
 * since a helper for a base image is started by the builder. */
const withheld =
  /^(?:INPUT_|STATE_|ACTIONS_|GITHUB_(?!TOKEN$)|BUILDX_|BUILDKIT_|BAKE_|DOCKER_|OTEL_|SOURCE_DATE_EPOCH$|NODE_OPTIONS$)/i;

/** The environment of a docker client whose configuration names credential helpers: each of them has settings of its own
 * (`AWS_PROFILE`, `GOOGLE_APPLICATION_CREDENTIALS`, …). */
export function planHelperEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const theirs = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !withheld.test(entry[0]),
  );
  return { ...Object.fromEntries(theirs), ...planClientEnvironment(env) };
}

/** The environment of a docker client, out of the runner's. */
export function planClientEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const chosen: Record<string, string> = {};
  for (const name of passed) {
    const value = env[name];
    if (value !== undefined && value !== '') chosen[name] = value;
  }
  const config = dockerConfigFolder(env);
  return config === undefined ? chosen : { ...chosen, DOCKER_CONFIG: config };
}
