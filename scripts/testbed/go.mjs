// Go, for the parts of the test bench that no package mirror has ready: the machine's own, else Debian's in the cache folder.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canInstall, readRelease, unpackPackages } from './apt.mjs';
import { cacheFolder, makeFolderOnce, writeWhole } from './folders.mjs';
import { withLock } from './lock.mjs';
import { finish, run } from './process.mjs';

const BUILD_MS = 20 * 60_000;
const LEAN = ['-gcflags=all=-dwarf=false', '-ldflags=-s -w']; // no debugger looks at them: a tenth less to compile

/**
 * Builds a program into the cache folder where it is not there yet. `where` is a folder below it, with the version in its name.
 * @param {{ what: string, module: string, where: string }} wanted
 * @param {(line: string) => void} log
 * @returns {Promise<string>} the program
 * @throws Error in a sentence where there is no Go and none can be fetched
 */
export async function obtainGoProgram({ what, module, where }, log) {
  const folder = join(cacheFolder(), where);
  const program = () => join(folder, readdirSync(folder)[0] ?? '');
  if (existsSync(folder)) return program();
  await withLock(what, log, () =>
    makeFolderOnce(folder, async (partial) => {
      const go = await obtainGo(what, log);
      log(`${what}: building ${module} with Go (20 s to 2 min)`);
      const env = { ...process.env, GOBIN: partial, CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'auto' };
      await run([go, 'install', ...LEAN, module], { env, timeoutMs: BUILD_MS, isPatient: true });
    }),
  );
  return program();
}

/**
 * Builds programs of a module that `go install` refuses because it replaces others; the module's own replacements do not count then.
 * @param {{ what: string, module: string, programs: string[], where: string, sources?: Record<string, string> }} wanted `module` with its version;
 *   `programs` are packages, of the module or of the `sources`, files of our own
 * @param {(line: string) => void} log
 * @returns {Promise<string>} the folder that they are in
 * @throws Error in a sentence where there is no Go and none can be fetched
 */
export async function obtainGoPrograms({ what, module, programs, where, sources = {} }, log) {
  const folder = join(cacheFolder(), where);
  if (existsSync(folder)) return folder;
  await withLock(what, log, () =>
    makeFolderOnce(folder, async (partial) => {
      const go = await obtainGo(what, log);
      log(`${what}: building ${module} with Go (1 to 3 min)`);
      const work = mkdtempSync(join(tmpdir(), 'slipway-go-'));
      const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'auto' };
      try {
        const files = { 'go.mod': 'module testbed\n\ngo 1.24\n', ...sources };
        for (const [name, text] of Object.entries(files)) writeWhole(join(work, name), text);
        const options = { cwd: work, env, timeoutMs: BUILD_MS, isPatient: true };
        await run([go, 'get', module], options);
        await run([go, 'build', ...LEAN, '-o', `${partial}/`, ...programs], options);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    }),
  );
  return folder;
}

/** The program `go`, 1.21 or newer: from there on it fetches what newer one a module asks for. @param {string} what @param {(line: string) => void} log */
async function obtainGo(what, log) {
  const version = await finish(['go', 'version']);
  if (version.code === 0 && isNewEnough(version.stdout)) return 'go';
  const folder = join(cacheFolder(), 'go');
  const release = readRelease();
  if (!existsSync(folder) && (release === undefined || !canInstall())) {
    const found = version.code === 0 ? version.stdout.trim() : 'none on PATH';
    throw new Error(
      `${what} is built with Go 1.21 or newer, and there is ${found}: install Go (only as root on Debian it is fetched by itself)`,
    );
  }
  const unpack = async (/** @type {string} */ partial) => {
    log(`${what}: fetching Go from the package mirror`);
    const suites = release?.id === 'debian' ? ['forky', 'trixie'] : [release?.codename ?? ''];
    const packages = ['golang-go', 'golang-src'];
    await unpackPackages({ suites, packages, dependencies: /^golang-\d+\.\d+-(?:go|src)$/, folder: partial });
  };
  await withLock('go', log, () => makeFolderOnce(folder, unpack));
  return join(folder, 'usr', 'bin', 'go');
}

/** @param {string} text what `go version` says */
function isNewEnough(text) {
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(text) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 21);
}
