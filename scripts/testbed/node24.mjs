// A Node 24 binary: GitHub's runner starts `using: node24` actions with one, whatever the machine has.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, makeFolderOnce } from './folders.mjs';
import { run } from './process.mjs';

const MAJOR = '24';

/**
 * The absolute path of a Node 24, fetched from the npm registry where this process is none.
 * @param {(line: string) => void} log
 * @returns {Promise<string>}
 */
export async function obtainNode24(log) {
  if (process.versions.node.split('.')[0] === MAJOR) return process.execPath;
  const isWindows = process.platform === 'win32';
  const name = `node-${isWindows ? 'win' : process.platform}-${process.arch}`;
  const folder = join(cacheFolder(), 'node24');
  await makeFolderOnce(folder, async (partial) => {
    log(`node: fetching Node ${MAJOR} (${name} from npm)`);
    await run(
      [
        isWindows ? 'npm.cmd' : 'npm',
        'install',
        '--prefix',
        partial,
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        '--loglevel=error',
        `${name}@${MAJOR}`,
      ],
      { cwd: partial, timeoutMs: 10 * 60_000 },
    );
  });
  const binary = join(folder, 'node_modules', name, 'bin', isWindows ? 'node.exe' : 'node');
  if (!existsSync(binary)) throw new Error(`the npm package ${name} has no binary at ${binary}`);
  return binary;
}
