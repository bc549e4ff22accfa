// The recipe of `busybox:stable`: Debian's static busybox with its applets linked into /bin.

import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPackages } from './apt.mjs';
import { engineSuites } from './engine.mjs';
import { cacheFolder, makeFolderOnce } from './folders.mjs';
import { run } from './process.mjs';

const DOCKERFILE = 'FROM scratch\nCOPY root/ /\nCMD ["sh"]\n';
const FOLDERS = [
  'bin',
  'dev',
  'etc',
  'home',
  'proc',
  'root',
  'sys',
  'tmp',
  'usr/bin',
  'usr/sbin',
  'var/spool/mail',
  'var/www',
];
const FILES = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  'etc/shadow': 'root:*:::::::\nnobody:*:::::::\n',
};

/** @param {string} [architecture] Debian's name of another than this machine's, whose programs run here
 * @returns {import('./base-image.mjs').Recipe} */
export function busyboxRecipe(architecture) {
  const salt = JSON.stringify([FOLDERS, FILES]);
  const fillIt = (/** @type {string} */ context, /** @type {(line: string) => void} */ log) =>
    fill(context, { architecture, log });
  return { repository: 'busybox', tag: 'stable', dockerfile: DOCKERFILE, salt, fill: fillIt };
}

/** @typedef {{ architecture: string | undefined, log: (line: string) => void }} Wanted */

/** @param {string} context @param {Wanted} wanted */
async function fill(context, wanted) {
  const busybox = await obtainBusybox(wanted);
  const root = join(context, 'root');
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(root, name), text);
  copyFileSync(busybox, join(root, 'bin', 'busybox'));
  chmodSync(join(root, 'bin', 'busybox'), 0o755);
  const applets = (await run([busybox, '--list'])).split('\n').filter((name) => name !== '' && name !== 'busybox');
  for (const applet of applets) symlinkSync('busybox', join(root, 'bin', applet));
  chmodSync(join(root, 'tmp'), 0o1777);
  chmodSync(join(root, 'root'), 0o700);
  chmodSync(join(root, 'etc', 'shadow'), 0o640);
}

/** @param {Wanted} wanted */
async function obtainBusybox({ architecture, log }) {
  const folder = join(cacheFolder(), architecture === undefined ? 'busybox' : `busybox-${architecture}`);
  await makeFolderOnce(folder, async (partial) => {
    log('bases: fetching busybox-static from the package mirror');
    const other = architecture === undefined ? {} : { architecture };
    await unpackPackages({ suites: engineSuites(), packages: ['busybox-static'], folder: partial, ...other });
  });
  const found = ['usr/bin/busybox', 'bin/busybox']
    .map((name) => join(folder, name))
    .find((file) => {
      try {
        return readFileSync(file).length > 0;
      } catch {
        return false; // the other place has it
      }
    });
  if (found === undefined) throw new Error(`the package busybox-static has no busybox in ${folder}`);
  return found;
}
