import { run } from '../command.ts';
import type { Buildx } from './find.ts';

/** The version that the plugin names: `0.29.1`, or whatever stands there; empty where it says nothing of the kind.
 * @throws ActionError `timeout`, `cancelled`. */
export async function readBuildxVersion({ path, env }: Buildx, cancel: AbortSignal): Promise<string> {
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  await run(
    {
      program: path,
      args: ['version'],
      cwd: undefined,
      env,
      stdin: undefined,
      limit: 20_000,
      phase: '`docker-buildx version`',
    },
    { stdout: note, stderr: () => undefined },
    cancel,
  );
  return /^github\.com\/docker\/buildx\s+v?(\S+)/m.exec(lines.join('\n'))?.[1] ?? '';
}
