import { ActionError } from '../../errors.ts';
import type { Credentials } from './credentials.ts';

/** What docker's `config.json` says about logins. */
export interface DockerConfig {
  /** Where it is from, for messages. */
  readonly source: string;
  /** By the key as it is written: a host, or an address with scheme and path of older times. An entry is read when it is
   * the one asked for, so that a broken login of another registry harms nobody. */
  readonly auths: ReadonlyMap<string, unknown>;
  readonly helpers: ReadonlyMap<string, string>;
  /** Empty where no store is set. */
  readonly store: string;
}

// It becomes a part of a program's name.
const helperName = /^[\w.-]*$/;
const hub = 'https://index.docker.io/v1/';
const hubNames = [hub, 'docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** The name under which docker keeps a registry's login: the host, and for Docker Hub its address of old. */
export function serverName(registry: string): string {
  return hubNames.includes(registry) ? hub : registry;
}

/** Reads `config.json`; an empty text is an empty configuration, as for docker.
 * @throws ActionError `login-missing` naming the source and the field, never its value. */
export function parseDockerConfig(text: string, source: string): DockerConfig {
  if (text.trim() === '') return { source, auths: new Map(), helpers: new Map(), store: '' };
  const fields = readFields(parseQuietly(text));
  if (fields === undefined) throw unreadable(source, 'it is no JSON object');
  const { auths, credHelpers, credsStore = '' } = fields;
  if (typeof credsStore !== 'string' || !helperName.test(credsStore))
    throw unreadable(source, 'credsStore is no name of a credential helper');
  const helpers = new Map<string, string>();
  for (const [key, name] of Object.entries(readFields(credHelpers) ?? {})) {
    if (typeof name !== 'string' || !helperName.test(name))
      throw unreadable(source, `credHelpers has no name of a credential helper for ${JSON.stringify(key)}`);
    helpers.set(key, name);
  }
  return { source, auths: new Map(Object.entries(readFields(auths) ?? {})), helpers, store: credsStore };
}

/** The entry of `auths` for a registry: by its name, else one whose address has that host; undefined where there is none.
 * @throws ActionError `login-missing` where it is unreadable. */
export function findEntry(config: DockerConfig, registry: string): Credentials | undefined {
  const names = namesOf(registry);
  const key =
    names.find((name) => config.auths.has(name)) ??
    [...config.auths.keys()].find((written) => names.includes(hostOf(written)));
  if (key === undefined) return undefined;
  const entry = readEntry(config.auths.get(key));
  if (entry === undefined) throw unreadable(config.source, `the entry ${JSON.stringify(key)} of auths is unreadable`);
  return entry;
}

/** The credential helper in charge of a registry, without `docker-credential-`; an empty one in `credHelpers` means the file. */
export function configuredHelper(config: DockerConfig, registry: string): string | undefined {
  for (const name of namesOf(registry)) {
    const helper = config.helpers.get(name);
    if (helper !== undefined) return helper === '' ? undefined : helper;
  }
  return config.store === '' ? undefined : config.store;
}

function namesOf(registry: string): readonly string[] {
  return hubNames.includes(registry) ? hubNames : [registry];
}

function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/')[0] ?? '';
}

function readEntry(value: unknown): Credentials | undefined {
  const fields = readFields(value);
  if (fields === undefined) return undefined;
  const [registryToken, identity, auth, plainName, plainPassword] = [
    'registrytoken',
    'identitytoken',
    'auth',
    'username',
    'password',
  ].map((name) => fields[name] ?? '');
  if (typeof registryToken !== 'string' || typeof identity !== 'string' || typeof auth !== 'string') return undefined;
  const pair = auth === '' ? { username: plainName, password: plainPassword } : decodeAuth(auth);
  if (pair === undefined) return undefined;
  if (registryToken !== '') return { kind: 'registry-token', token: registryToken };
  if (identity !== '') return { kind: 'identity', token: identity };
  const { username, password } = pair;
  if (typeof username !== 'string' || typeof password !== 'string') return undefined;
  return username === '' && password === '' ? { kind: 'none' } : { kind: 'basic', username, password };
}

// Everything after the first colon is the password, colons too; docker pads with NUL and cuts it off again.
function decodeAuth(auth: string): { username: string; password: string } | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(auth)) return undefined;
  const [, username, password] = /^([^:]+):([\s\S]*)$/.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
  if (username === undefined || password === undefined) return undefined;
  return { username, password: password.replace(/^\0+|\0+$/g, '') };
}

function unreadable(source: string, what: string): ActionError {
  return new ActionError('login-missing', `${source}: ${what}`, {
    hint: 'write it anew with docker/login-action or `docker login`',
  });
}

function readFields(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function parseQuietly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a SyntaxError quotes the text, which holds passwords
  }
}
