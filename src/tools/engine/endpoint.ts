import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { ActionError } from '../../errors.ts';
import { connectEngine, type Engine } from './call.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the engine listens. */
export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: TlsMaterial | undefined };

/** PEM texts; `ca` undefined means the usual roots. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly verify: boolean;
}

/** What an address came from and the TLS files that belong to it. */
interface Address {
  readonly host: string;
  readonly source: string;
  readonly tls: TlsMaterial | undefined;
}

/** Finds the engine as docker does: DOCKER_HOST, else the context of DOCKER_CONTEXT, else `currentContext` of config.json, else the
 * usual socket. Nothing is asked of it yet.
 * @throws ActionError `engine-missing` where the address or the context is none that this action can speak to. */
export async function findEngine(env: Environment): Promise<Engine> {
  return connectEngine(parseEndpoint(readAddress(env)));
}

/** The folder of docker's config.json: DOCKER_CONFIG, else `~/.docker`, where without HOME the system tells whose home that is, as
 * it does for docker; undefined where nobody knows. */
export function dockerConfigFolder(env: Environment): string | undefined {
  if (env['DOCKER_CONFIG']) return env['DOCKER_CONFIG'];
  const home = env['HOME'] || homeOfUser();
  return home === undefined ? undefined : join(home, '.docker');
}

function homeOfUser(): string | undefined {
  try {
    return userInfo().homedir || undefined;
  } catch {
    return undefined; // a container's user without an entry in its passwd
  }
}

/** Docker's config.json as parsed JSON; an empty object where there is none.
 * @throws ActionError `engine-missing` where it is unreadable. */
export function readDockerConfig(env: Environment): Readonly<Record<string, unknown>> {
  const folder = dockerConfigFolder(env);
  const text = folder === undefined ? undefined : readIfThere(join(folder, 'config.json'));
  return text === undefined || text.trim() === '' ? {} : parseObject(text, join(folder ?? '', 'config.json'));
}

/** The name of the docker context that counts; `default` where DOCKER_HOST or nobody names one.
 * @throws ActionError `engine-missing` where docker's configuration is unreadable. */
export function currentContext(env: Environment): string {
  if (env['DOCKER_HOST']) return 'default';
  const named = env['DOCKER_CONTEXT'] || readDockerConfig(env)['currentContext'];
  return typeof named === 'string' && named !== '' ? named : 'default';
}

function readAddress(env: Environment): Address {
  if (env['DOCKER_HOST']) return { host: env['DOCKER_HOST'], source: 'DOCKER_HOST', tls: readVariableTls(env) };
  const named = currentContext(env);
  if (named !== 'default') return readContext(env, named);
  return { host: 'unix:///var/run/docker.sock', source: 'the usual socket', tls: undefined };
}

function readVariableTls(env: Environment): TlsMaterial | undefined {
  if (!env['DOCKER_TLS_VERIFY'] && !env['DOCKER_TLS']) return undefined;
  const folder = env['DOCKER_CERT_PATH'] || dockerConfigFolder(env);
  return { ...readTlsFolder(folder), verify: Boolean(env['DOCKER_TLS_VERIFY']) };
}

function readContext(env: Environment, name: string): Address {
  const folder = join(dockerConfigFolder(env) ?? '', 'contexts');
  const id = createHash('sha256').update(name).digest('hex');
  const path = join(folder, 'meta', id, 'meta.json');
  const text = readIfThere(path);
  if (text === undefined)
    throw missing(`the docker context ${JSON.stringify(name)} does not exist: there is no ${path}`);
  const endpoint = fieldOf(fieldOf(parseObject(text, path), 'Endpoints'), 'docker');
  const host = fieldOf(endpoint, 'Host');
  if (typeof host !== 'string' || host === '')
    throw missing(`the docker context ${JSON.stringify(name)} names no host in ${path}`);
  const tls = readTlsFolder(join(folder, 'tls', id, 'docker'));
  const verify = fieldOf(endpoint, 'SkipTLSVerify') !== true;
  const wanted = !verify || tls.ca !== undefined || tls.cert !== undefined;
  return { host, source: `the docker context ${JSON.stringify(name)}`, tls: wanted ? { ...tls, verify } : undefined };
}

function parseEndpoint({ host, source, tls }: Address): Endpoint {
  const socket = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  if (socket !== undefined) return { kind: 'unix', path: socket };
  const [, name, port] = /^tcp:\/\/(\[[0-9a-fA-F:]+\]|[\w.-]+)(?::(\d{1,5}))?\/?$/.exec(host) ?? [];
  if (name !== undefined)
    return { kind: 'tcp', host: name, port: Number(port ?? (tls === undefined ? 2375 : 2376)), tls };
  throw missing(`${source} is ${JSON.stringify(host)}: only unix:// and tcp:// can be spoken to`);
}

function readTlsFolder(folder: string | undefined): Omit<TlsMaterial, 'verify'> {
  const read = (file: string): string | undefined =>
    folder === undefined ? undefined : readIfThere(join(folder, file));
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw missing(`${path} cannot be read (${code})`);
  }
}

function parseObject(text: string, path: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined; // the SyntaxError quotes the text, which may hold logins
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw missing(`${path} is no JSON object`);
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function missing(message: string): ActionError {
  return new ActionError('engine-missing', message, {
    hint: 'point DOCKER_HOST at a socket such as unix:///var/run/docker.sock, or choose a context with `docker context use`; an engine behind ssh:// can be reached through a forwarded socket',
  });
}
