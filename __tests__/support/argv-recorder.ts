import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findBuildx } from '../../src/tools/buildx/find.ts';
import { findProgram } from '../../src/tools/programs.ts';
import { engineEnv } from './project.ts';

/** What git and docker-buildx were started with during a run: the real ones run behind programs that note it, byte for byte. */
export interface ArgvRecorder {
  /** For the run. */
  readonly env: Readonly<Record<string, string>>;
  /** Each call, the program's name first. */
  calls(): readonly (readonly string[])[];
  remove(): void;
}

export async function openRecorder(): Promise<ArgvRecorder> {
  const root = mkdtempSync(join(tmpdir(), 'slipway-recorder-'));
  const at = (...names: readonly string[]): string => join(root, ...names);
  for (const name of ['bin', 'calls', 'docker/cli-plugins']) mkdirSync(at(name), { recursive: true });
  const path = engineEnv['PATH'] ?? process.env['PATH'] ?? '';
  const git = findProgram('git', path);
  if (git === undefined) throw new Error(`there is no git on ${path}`);
  const { path: buildx, env } = await findBuildx(engineEnv);
  const record = (name: string, program: string, file: string): void => {
    const script = `#!/bin/sh\nfile=$(mktemp '${at('calls')}/XXXXXXXX') || exit 1\nprintf '%s\\0' ${name} "$@" > "$file"\nexec '${program}' "$@"\n`;
    writeFileSync(file, script, { mode: 0o755 });
  };
  record('git', git, at('bin', 'git'));
  record('docker-buildx', buildx, at('docker/cli-plugins/docker-buildx'));
  copyFileSync(join(env['DOCKER_CONFIG'] ?? '', 'config.json'), at('docker/config.json'));
  return {
    env: { PATH: [at('bin'), path].join(delimiter), DOCKER_CONFIG: at('docker') },
    calls: () =>
      readdirSync(at('calls')).map((name) => readFileSync(at('calls', name), 'utf8').split('\0').slice(0, -1)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
