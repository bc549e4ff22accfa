import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../errors.ts';
import { codeOf } from '../http/exchange.ts';
import { configuredHelper, findEntry, parseDockerConfig, serverName } from './docker-config.ts';

/** How to prove to a registry who asks. `identity` is a refresh token of an OAuth2 login, `registry-token` a bearer token
 * that is sent as it is. The secrets in it never go to a log. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity'; readonly token: string }
  | { readonly kind: 'registry-token'; readonly token: string };

/** How a credential helper ended: its exit status and all of its standard output. */
export interface HelperExit {
  readonly code: number;
  readonly stdout: string;
}

/** Asks a credential helper: a bare program name, and what goes to its standard input. */
export type RunHelper = (program: string, stdin: string) => Promise<HelperExit>;

/** Where docker's logins are. */
export interface CredentialSources {
  /** The folder of `config.json`: `$DOCKER_CONFIG`, else `~/.docker`. */
  readonly configDir: string;
  /** Read for `DOCKER_AUTH_CONFIG`, which docker 28.3 and later believe before the file. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly runHelper: RunHelper;
}

const helperLimit = 30_000;

/** The login that docker itself would use for a registry (docker/cli, `cli/config`): `DOCKER_AUTH_CONFIG`, then the helper of
 * `credHelpers`, that of `credsStore`, or where neither is set the file's `auths`. `none` where nobody logged in.
 * @throws ActionError `login-missing` where the configuration is unreadable or its helper fails. */
export async function readCredentials(registry: string, sources: CredentialSources): Promise<Credentials> {
  const server = serverName(registry);
  const variable = parseDockerConfig(sources.env['DOCKER_AUTH_CONFIG'] ?? '', 'DOCKER_AUTH_CONFIG');
  const given = findEntry(variable, registry);
  if (given !== undefined) return given;
  const path = join(sources.configDir, 'config.json');
  const config = parseDockerConfig(await readIfThere(path), path);
  const entry = findEntry(config, registry) ?? { kind: 'none' };
  const helper = configuredHelper(config, registry);
  if (helper === undefined || entry.kind === 'registry-token') return entry;
  return askHelper(helper, server, sources.runHelper);
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''; // nobody logged in on this machine
    throw new ActionError('login-missing', `${path} cannot be read`, {
      hint: 'give the runner read access to it, or set DOCKER_CONFIG to a folder it may read',
      cause: error,
    });
  }
}

async function askHelper(helper: string, server: string, runHelper: RunHelper): Promise<Credentials> {
  const program = `docker-credential-${helper}`;
  const { code, stdout } = await runHelper(program, server).catch((cause: unknown) => {
    throw helperError(program, 'could not be run', cause);
  });
  // Helpers answer on standard output, errors too; the text is docker-credential-helpers' errCredentialsNotFound.
  if (code !== 0 && /credentials not found/i.test(stdout)) return { kind: 'none' };
  if (code !== 0) throw helperError(program, `ended with exit status ${code} when asked for ${server}`, undefined);
  const { username, secret } = readAnswer(program, stdout);
  if (secret === '') return { kind: 'none' };
  return username === '<token>' ? { kind: 'identity', token: secret } : { kind: 'basic', username, password: secret };
}

// What a helper says may hold the secret: it is in no message.
function readAnswer(program: string, stdout: string): { username: string; secret: string } {
  const answer = parseQuietly(stdout);
  if (typeof answer === 'object' && answer !== null && 'Username' in answer && 'Secret' in answer) {
    const { Username: username, Secret: secret } = answer;
    if (typeof username === 'string' && typeof secret === 'string') return { username, secret };
  }
  throw helperError(program, 'answered something else than JSON with Username and Secret', undefined);
}

function parseQuietly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a SyntaxError quotes the text, and the caller names the failure
  }
}

function helperError(program: string, what: string, cause: unknown): ActionError {
  return new ActionError('login-missing', `the credential helper ${program} ${what}`, {
    hint: 'install it or repair its login, or take it out of credsStore and credHelpers in docker’s config.json',
    cause,
  });
}

/** Runs credential helpers, silently: neither its question nor its answer is logged. The program is looked for on this process's PATH.
 * @throws Error where the program is not found, or does not answer within 30 s. */
export function createHelperRunner(env: Readonly<Record<string, string>>): RunHelper {
  return async (program, stdin) => {
    const { getExecOutput } = await import('@actions/exec'); // lazily: most logins are in the file
    const input = Buffer.from(stdin);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${helperLimit / 1_000} s`)), helperLimit);
    });
    try {
      const asked = getExecOutput(program, ['get'], { input, env: { ...env }, silent: true, ignoreReturnCode: true });
      const { exitCode, stdout } = await Promise.race([asked, late]);
      return { code: exitCode, stdout };
    } finally {
      clearTimeout(timer);
    }
  };
}
