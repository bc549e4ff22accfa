import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Login } from '../../plan/login.ts';
import { serverName } from '../registry/docker-config.ts';

type Environment = Readonly<Record<string, string>>;

/** What one call of the plugin is lent: variables, and logins that lie on disk from just before the start until `takeBack`. */
export interface Loan {
  readonly env: Environment;
  /** Deletes the login, once the plugin has read it. Again and again is fine. */
  readonly takeBack: () => void;
}

/** Lends logins in a private copy of the runner's docker configuration, so that nothing of theirs reaches the runner's own and all
 * else of it holds: other logins and their helpers, proxies, contexts, plugins, builders.
 * @param folder private to the run */
export function lend(env: Environment, logins: readonly Login[], folder: string): Loan {
  mkdirSync(folder, { recursive: true, mode: 0o700 }); // somebody may have emptied RUNNER_TEMP
  const state = { ...env, ...privateState(env, folder) };
  if (logins.length === 0) return { env: state, takeBack: () => undefined };
  const runners = env['DOCKER_CONFIG'];
  const copy = join(folder, 'docker');
  mkdirSync(copy, { recursive: true, mode: 0o700 });
  if (runners !== undefined) linkEntries(runners, copy, ['config.json']);
  const file = join(copy, 'config.json');
  rmSync(file, { force: true });
  const config = runners === undefined ? '' : readIfThere(join(runners, 'config.json'));
  writeFileSync(file, addLogins(config, logins), { mode: 0o600, flag: 'wx' });
  return {
    env: { ...state, ...withoutLogins(env, logins), DOCKER_CONFIG: copy },
    takeBack: () => rmSync(file, { force: true }),
  };
}

/** Docker's config.json with logins added; whatever else it says, it goes on saying.
 * @throws Error where it is no JSON object; its text is in no message. */
export function addLogins(text: string, logins: readonly Login[]): string {
  const config = parseFields(text);
  const auths = { ...fieldsOf(config['auths']) };
  const credHelpers = { ...fieldsOf(config['credHelpers']) };
  for (const { registry, username, password } of logins) {
    const server = serverName(registry);
    auths[server] = { auth: Buffer.from(`${username}:${password.reveal()}`).toString('base64') };
    credHelpers[server] = ''; // the file counts for this host, whatever `credsStore` says
  }
  return JSON.stringify({ ...config, auths, credHelpers });
}

/** DOCKER_AUTH_CONFIG comes before the file: it must not speak for a host whose login is ours. */
function withoutLogins(env: Environment, logins: readonly Login[]): Environment {
  const given = env['DOCKER_AUTH_CONFIG'];
  if (given === undefined) return {};
  const config = parseFields(given);
  const ours = logins.map(({ registry }) => serverName(registry));
  const auths = Object.entries(fieldsOf(config['auths'])).filter(([server]) => !ours.includes(server));
  return { DOCKER_AUTH_CONFIG: JSON.stringify({ ...config, auths: Object.fromEntries(auths) }) };
}

/** Where buildx keeps its builders: what the runner has of that, by links, and what each build would leave there (`refs`, two files a
 * solve) in a folder of ours. Where the runner's cannot be written to, buildx would end with an error: then nothing of it is needed. */
function privateState(env: Environment, folder: string): Environment {
  const runners = env['BUILDX_CONFIG'] ?? (env['DOCKER_CONFIG'] && join(env['DOCKER_CONFIG'], 'buildx'));
  const own = join(folder, 'buildx');
  mkdirSync(own, { recursive: true, mode: 0o700 });
  if (runners !== undefined && runners !== '') {
    prepareState(runners);
    linkEntries(runners, own, ['.lock', 'refs']);
  }
  return { BUILDX_CONFIG: own };
}

/** Makes what buildx itself would make on its first call, so that it is kept from run to run: by the node's id BuildKit knows
 * a context again. */
function prepareState(runners: string): void {
  if (!makeFolder(runners)) return;
  for (const name of ['activity', 'instances', 'defaults']) makeFolder(join(runners, name));
  try {
    writeFileSync(join(runners, '.buildNodeID'), randomBytes(8).toString('hex'), { mode: 0o600, flag: 'wx' });
  } catch {
    // it is there, or the folder is not ours to write to: the run's own folder does
  }
}

/** Makes a folder and those above it; false where that cannot be. Node's own `recursive` never returns below /proc. */
function makeFolder(folder: string): boolean {
  if (existsSync(folder)) return true;
  if (dirname(folder) === folder || !makeFolder(dirname(folder))) return false;
  try {
    mkdirSync(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST'; // another run was quicker
  }
}

function linkEntries(from: string, to: string, except: readonly string[]): void {
  for (const name of namesIn(from)) {
    if (except.includes(name)) continue;
    rmSync(join(to, name), { recursive: true, force: true });
    symlinkSync(join(from, name), join(to, name));
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

function parseFields(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {};
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    throw new Error('docker’s configuration is no JSON'); // the SyntaxError would quote it; `findBuildx` has told by now
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
