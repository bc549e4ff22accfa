// zizmor, the auditor of workflows, from PyPI; kept in the cache folder of the test bench.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { canInstall, installPackages } from './testbed/apt.mjs';
import { cacheFolder, makeFolderOnce } from './testbed/folders.mjs';
import { withLock } from './testbed/lock.mjs';
import { finish, run } from './testbed/process.mjs';

const VERSION = '1.32.0';
const INSTALL_MS = 5 * 60_000;

/** Path of the program; it is installed where it is missing. @param {(line: string) => void} log */
export async function obtainZizmor(log) {
  const folder = join(cacheFolder(), `zizmor-${VERSION}`);
  const program = join(folder, 'bin', 'zizmor');
  if (!existsSync(program))
    await withLock('zizmor', log, () => makeFolderOnce(folder, (partial) => install(partial, log)));
  return program;
}

/** The program is native, so that it does not mind that its folder is renamed. @param {string} folder @param {(line: string) => void} log */
async function install(folder, log) {
  log(`installing zizmor ${VERSION}`);
  if (!(await makeEnvironment(folder, 'python3'))) {
    if (!canInstall())
      throw new Error('zizmor needs python3 with its venv module; install that, or run as root on Debian');
    await installPackages(['python3', 'python3-venv']);
    if (!(await makeEnvironment(folder, '/usr/bin/python3')))
      throw new Error('python3 -m venv does not work, though python3-venv is installed');
  }
  const pip = [
    join(folder, 'bin', 'python3'),
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--only-binary=:all:',
  ];
  await run([...pip, `zizmor==${VERSION}`], { timeoutMs: INSTALL_MS });
}

/** @param {string} folder @param {string} python */
async function makeEnvironment(folder, python) {
  return (await finish([python, '-m', 'venv', '--clear', folder], { timeoutMs: INSTALL_MS })).code === 0;
}
