import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { engineEnv } from './project.ts';

/** A docker configuration of a test's own, as a runner might have it: the bench's with other settings. */
export interface DockerConfig {
  readonly folder: string;
  /** For runs and docker clients: the configuration, and the folder of its helpers on PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly read: () => Record<string, unknown>;
  readonly write: (settings: object) => void;
  /** A credential helper that knows these logins while HELPER_KEY is set, and notes who was asked for in `asked`. */
  readonly addHelper: (
    name: string,
    logins: Readonly<Record<string, Login>>,
  ) => { readonly asked: () => readonly string[] };
  /** A real `docker login`. */
  readonly login: (host: string, login: Login) => void;
  readonly remove: () => void;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

export function openDockerConfig(settings: object = {}): DockerConfig {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-docker-config-'));
  const shared = engineEnv['DOCKER_CONFIG'] ?? '';
  // buildx's state of thousands of builds has no place in it
  const filter = (path: string): boolean => !path.startsWith(join(shared, 'buildx'));
  cpSync(shared, folder, { recursive: true, verbatimSymlinks: true, filter });
  const file = join(folder, 'config.json');
  const write = (wanted: object): void => writeFileSync(file, JSON.stringify(wanted), { mode: 0o600 });
  write(settings);
  const env = {
    ...engineEnv,
    DOCKER_CONFIG: folder,
    PATH: `${folder}${delimiter}${engineEnv['PATH']}`,
    HELPER_KEY: 'turned',
  };
  return {
    folder,
    env,
    read: () => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>,
    write,
    addHelper: (name, logins) => {
      const notes = join(folder, `${name}.asked`);
      writeFileSync(notes, '');
      const cases = Object.entries(logins).map(
        ([host, { username, password }]) =>
          `${host}) printf '%s' '${JSON.stringify({ ServerURL: host, Username: username, Secret: password })}' ;;`,
      );
      const script = [
        '#!/bin/sh',
        `read -r host; echo "$1 $host" >> '${notes}'`,
        'if [ -z "$HELPER_KEY" ]; then echo "no key"; exit 1; fi',
        'case $host in',
        ...cases,
        '*) echo "credentials not found in native keychain"; exit 1 ;;',
        'esac',
      ];
      const program = join(folder, `docker-credential-${name}`);
      writeFileSync(program, `${script.join('\n')}\n`);
      chmodSync(program, 0o755);
      return {
        asked: () =>
          readFileSync(notes, 'utf8')
            .split('\n')
            .filter((line) => line !== ''),
      };
    },
    login: (host, { username, password }) => {
      const args = ['login', '--username', username, '--password-stdin', host];
      const done = spawnSync('docker', args, { env: { ...process.env, ...env }, input: password, encoding: 'utf8' });
      if (done.status !== 0) throw new Error(`docker login: ${done.stderr}`);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
