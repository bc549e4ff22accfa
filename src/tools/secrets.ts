import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Inputs, SecretInput, SshInput } from '../inputs.ts';
import { Secret } from '../model/secret.ts';
import type { Found, FoundSecret, FoundSsh, Grants } from '../plan/grants.ts';
import { mask } from './actions.ts';
import type { RunnerEnvironment } from './environment.ts';

/** BuildKit's own limit (session/secrets, MaxSecretSize). */
const largest = 500 * 1024;

/** Reads the build's secrets and hides them in the log, before anything else runs: BuildKit reads a file when its RUN starts, and a
 * test could have changed it by then. */
export function readFound({ build, githubToken: token }: Inputs, environment: RunnerEnvironment): Found {
  if (token !== undefined) mask(token);
  return {
    token,
    secrets: build.secrets.map((one) => readSecret(one, environment)),
    ssh: build.ssh.map((one) => readSsh(one, environment)),
  };
}

/** Runs a solve with the secrets in place: as variables for the plugin's environment, and what is no text as files that are gone
 * afterwards. */
export async function withSecrets<T>(
  grants: Pick<Grants, 'secrets' | 'values'>,
  solve: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const env: Record<string, string> = {};
  const files: string[] = [];
  try {
    for (const source of grants.secrets) {
      switch (source.kind) {
        case 'variable':
          env[source.variable] = grants.values.get(source.variable)?.reveal() ?? '';
          break;
        case 'file':
          files.push(source.path);
          writeFileSync(source.path, grants.values.get(source.path)?.bytes ?? '', { mode: 0o400, flag: 'wx' });
          break;
      }
    }
    return await solve(env);
  } finally {
    for (const path of files) rmSync(path, { force: true });
  }
}

function readSecret({ id, input, source }: SecretInput, environment: RunnerEnvironment): FoundSecret {
  switch (source.kind) {
    case 'value':
      return found(id, `${input}: ${id}`, source.value, 'it has no value');
    case 'variable': {
      const value = new Secret(environment.all[source.variable] ?? '');
      return found(id, `${input}: ${id}`, value, `the variable ${source.variable} is not set, or empty`);
    }
    case 'file':
      return readSecretFile({ id, from: `${input}: ${id}` }, resolve(environment.workspace, source.path));
  }
}

function found(id: string, from: string, secret: Secret, reason: string): FoundSecret {
  mask(secret);
  return { id, from, value: secret.isEmpty() ? { kind: 'missing', reason } : { kind: 'found', secret } };
}

function readSecretFile(secret: Pick<FoundSecret, 'id' | 'from'>, path: string): FoundSecret {
  const missing = (reason: string): FoundSecret => ({ ...secret, value: { kind: 'missing', reason } });
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return missing(`${path} is no file`);
    if (stat.size > largest) return missing(`${path} has ${stat.size} bytes and BuildKit takes ${largest}`);
    const value = new Secret(readFileSync(path));
    mask(value);
    return { ...secret, value: { kind: 'found', secret: value } };
  } catch (error) {
    return missing(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function readSsh({ id, paths }: SshInput, environment: RunnerEnvironment): FoundSsh {
  const absolute = paths.map((path) => resolve(environment.workspace, path));
  const rules = absolute.flatMap((path) => sshPathRule(path) ?? []);
  if (paths.length === 0 && (environment.all['SSH_AUTH_SOCK'] ?? '') === '')
    rules.push('there is no SSH agent: SSH_AUTH_SOCK is not set');
  return { id, paths: absolute, missing: rules[0] };
}

function sshPathRule(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return `there is no ${path}`;
  if (stat.isDirectory()) return `${path} is a folder, not a socket or key`;
  return path.includes(',') ? `${path} has a comma, which buildx takes for the end of a path` : undefined;
}
