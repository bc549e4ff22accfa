// Debian packages, two ways: installed by apt, or only unpacked into a folder of ours so that the system stays as it is.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { releaseSource, usableUri } from './apt-sources.mjs';
import { withLock } from './lock.mjs';
import { finish, run } from './process.mjs';

const APT_ENV = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
const DOWNLOAD_MS = 10 * 60_000;

/** Which Debian this is; undefined where there is no apt or no readable release. */
export function readRelease() {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get') || !existsSync('/etc/os-release'))
    return undefined;
  const text = readFileSync('/etc/os-release', 'utf8');
  const field = (/** @type {string} */ name) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  const codename = field('VERSION_CODENAME');
  return codename === '' ? undefined : { id: field('ID'), codename };
}

/** Whether packages can be installed here. */
export function canInstall() {
  return readRelease() !== undefined && process.getuid?.() === 0;
}

/**
 * Installs packages of the machine's own release; the package lists are refreshed only where that turns out needed.
 * @param {string[]} packages
 */
export async function installPackages(packages) {
  await withLock(
    'apt',
    () => {},
    () => installThem(packages),
  ); // two that refresh the lists meet each other
}

/** @param {string[]} packages */
async function installThem(packages) {
  const install = [
    'apt-get',
    'install',
    '-y',
    '-q',
    '--no-install-recommends',
    '-oDPkg::Lock::Timeout=300',
    ...packages,
  ];
  const first = await finish(install, { env: APT_ENV, timeoutMs: DOWNLOAD_MS });
  if (first.code === 0) return;
  await run(['apt-get', 'update', '-q'], { env: APT_ENV, timeoutMs: DOWNLOAD_MS });
  await run(install, { env: APT_ENV, timeoutMs: DOWNLOAD_MS });
}

/**
 * Downloads packages of a suite from the machine's own mirror and unpacks them below `folder`. apt checks their
 * signatures as it does for the machine's own packages; its configuration and the installed system are left alone.
 * @param {{ suites: string[], packages: string[], dependencies?: RegExp, folder: string, architecture?: string }} wanted the first suite
 *   that works is used; of what the packages depend on, only these are unpacked too: names that hold a version; Debian's name of
 *   another architecture than this machine's
 */
export async function unpackPackages({ suites, packages, dependencies, folder, architecture }) {
  const errors = [];
  for (const suite of suites) {
    const work = `${folder}.apt-${suite}`;
    try {
      await unpackFrom(suite, { packages, dependencies, folder, work, architecture });
      return;
    } catch (error) {
      errors.push(`${suite}: ${/** @type {Error} */ (error).message}`);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  throw new Error(`no suite of the package mirror gave ${packages.join(', ')}: ${errors.join(' | ')}`);
}

/**
 * @param {string} suite
 * @param {{ packages: string[], dependencies: RegExp | undefined, folder: string, work: string, architecture: string | undefined }} wanted
 */
async function unpackFrom(suite, { packages, dependencies, folder, work, architecture }) {
  const other = architecture === undefined ? [] : ['', 's'].map((s) => `-oAPT::Architecture${s}=${architecture}`);
  const options = [...writePrivateSources(suite, work), ...other];
  await run(['apt-get', ...options, 'update', '-q'], { env: APT_ENV, timeoutMs: DOWNLOAD_MS });
  const also = dependencies === undefined ? [] : await listDependencies(options, packages, dependencies);
  await run(['apt-get', ...options, 'download', '-q', ...packages, ...also], {
    cwd: work,
    env: APT_ENV,
    timeoutMs: DOWNLOAD_MS,
  });
  for (const name of readdirSync(work).filter((file) => file.endsWith('.deb'))) {
    await run(['dpkg', '-x', join(work, name), folder]);
  }
}

/** @param {string[]} options @param {string[]} packages @param {RegExp} pattern */
async function listDependencies(options, packages, pattern) {
  const text = await run(['apt-cache', ...options, 'depends', ...packages], { env: APT_ENV });
  const names = text.split('\n').map((line) => /^ *\|?Depends: (\S+)/.exec(line)?.[1] ?? '');
  return [...new Set(names.filter((name) => pattern.test(name)))];
}

/** @param {string} suite @param {string} work @returns {string[]} the options that make apt see this suite only */
function writePrivateSources(suite, work) {
  const release = readRelease();
  const source = release === undefined ? undefined : releaseSource(release.codename);
  if (source === undefined) throw new Error('this machine names no package mirror for its own release');
  rmSync(work, { recursive: true, force: true });
  for (const name of ['lists/partial', 'archives/partial', 'parts']) mkdirSync(join(work, name), { recursive: true });
  const lines = [
    'Types: deb',
    `URIs: ${usableUri(source)}`,
    `Suites: ${suite}`,
    `Components: ${source.components.join(' ')}`,
    ...(source.signedBy === undefined ? [] : [`Signed-By: ${source.signedBy}`]),
    ...(source.trusted ? ['Trusted: yes'] : []),
  ];
  writeFileSync(join(work, 'parts', 'testbed.sources'), `${lines.join('\n')}\n`);
  return [
    '-oDir::Etc::sourcelist=/dev/null',
    `-oDir::Etc::sourceparts=${join(work, 'parts')}`,
    `-oDir::State::Lists=${join(work, 'lists')}`,
    `-oDir::Cache=${work}`,
    '-oAPT::Sandbox::User=root',
    '-oAcquire::Languages=none',
    '-oAcquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
  ];
}
