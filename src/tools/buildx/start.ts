import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BakePlan } from '../../plan/build-plan.ts';
import { type Exit, type Listener, run } from '../command.ts';
import type { Buildx } from './find.ts';
import { lend } from './private-config.ts';

/** What the plugin must be told when it starts; what it is to build it reads from its input. */
export type PluginStart = Pick<BakePlan, 'args' | 'attested'>;

/** A plugin that has been started and waits for its definition. */
export interface StartedPlugin {
  /** Where it writes its metadata. */
  readonly metadata: string;
  /** Deletes the logins that it was lent, once it has read them. Again and again is fine. */
  readonly takeBack: () => void;
  /** Gives it its definition and hears it until it has ended.
   * @throws ActionError `timeout`, `cancelled`. */
  readonly solve: (definition: string, listener: Listener, cancel: AbortSignal) => Promise<Exit>;
  /** Ends it before it has a definition: then nothing has been asked of the builder. */
  readonly dismiss: () => void;
}

/** Starts `docker-buildx bake`.
 * @param how `limit`: milliseconds from here on */
export function startPlugin(
  buildx: Pick<Buildx, 'path' | 'env' | 'logins'>,
  start: PluginStart,
  how: {
    readonly folder: string;
    readonly secretEnv: Readonly<Record<string, string>>;
    readonly limit: number;
    readonly cancel: AbortSignal;
  },
): StartedPlugin {
  const { folder, secretEnv, limit, cancel } = how;
  // a fresh name: where the build fails the plugin leaves an older file as it is
  const metadata = join(folder, `metadata-${randomUUID()}.json`);
  const { env, takeBack } = lend(buildx.env, buildx.logins, folder);
  const ended = new AbortController();
  let give: (definition: string | undefined) => void = () => undefined;
  const stdin = new Promise<string | undefined>((resolve) => {
    give = resolve;
  });
  const waiting: [keyof Listener, string][] = [];
  let heard: Listener | undefined;
  const hear = (from: keyof Listener, line: string): void => {
    if (heard === undefined) waiting.push([from, line]);
    else heard[from](line);
  };
  const exit = run(
    {
      program: buildx.path,
      args: ['bake', `--metadata-file=${metadata}`, ...start.args],
      cwd: folder,
      env: { ...env, ...secretEnv, ...fixedEnvironment(start) },
      stdin,
      limit: Math.max(1, limit),
      phase: 'the build',
    },
    { stdout: (line) => hear('stdout', line), stderr: (line) => hear('stderr', line) },
    AbortSignal.any([cancel, ended.signal]),
  );
  exit.catch(() => undefined); // told by `solve`
  return {
    metadata,
    takeBack,
    solve: (definition, listener, ending) => {
      if (ending.aborted) ended.abort();
      ending.addEventListener('abort', () => ended.abort(), { once: true });
      heard = listener;
      for (const [from, line] of waiting) heard[from](line);
      give(definition);
      return exit;
    },
    dismiss: () => {
      give(undefined);
      takeBack();
      rmSync(metadata, { force: true });
    },
  };
}

/** Git is asked for provenance only (some 12 ms); no variable is looked up for the definition. */
function fixedEnvironment({ attested }: PluginStart): Readonly<Record<string, string>> {
  const quiet = { BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP: '1', BUILDX_BAKE_ENTITLEMENTS_FS: '1' };
  if (attested) return quiet;
  return {
    ...quiet,
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
    BUILDX_GIT_INFO: '0',
    BUILDX_METADATA_PROVENANCE: 'disabled',
  };
}
