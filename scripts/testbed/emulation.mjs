// Programs of another architecture than this machine's, run by QEMU where the kernel does not run them yet.

import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPackages } from './apt.mjs';
import { canBringUp, engineSuites } from './engine.mjs';
import { cacheFolder, makeFolderOnce } from './folders.mjs';
import { withLock } from './lock.mjs';
import { run } from './process.mjs';

const FORMATS = '/proc/sys/fs/binfmt_misc';
const ARM = { platform: 'linux/arm64', architecture: 'arm64', machine: 'aarch64', elf: '\\xb7\\x00' };
const INTEL = { platform: 'linux/amd64', architecture: 'amd64', machine: 'x86_64', elf: '\\x3e\\x00' };

/** This machine's platform, and the one that is foreign to it: Debian's and the kernel's words for them. */
export const [NATIVE, FOREIGN] = process.arch === 'arm64' ? [ARM, INTEL] : [INTEL, ARM];

/** Whether programs of the foreign platform run here, in containers too, or can be made to. */
export function canEmulate() {
  return process.platform === 'linux' && (isEmulated() || canBringUp('classic'));
}

/** Makes the kernel run programs of the foreign platform; does nothing where it does. @param {(line: string) => void} [log] */
export async function ensureEmulation(log = () => {}) {
  if (isEmulated()) return;
  await withLock('emulation', log, async () => {
    if (isEmulated()) return;
    const name = `qemu-${FOREIGN.machine}`;
    const folder = join(cacheFolder(), 'emulation');
    await makeFolderOnce(folder, async (partial) => {
      log(`emulation: fetching ${name} from the package mirror`);
      const packages = `${partial}.packages`; // hundreds of megabytes, of which one program is kept
      try {
        await unpackPackages({ suites: engineSuites(), packages: ['qemu-user'], folder: packages });
        copyFileSync(join(packages, 'usr', 'bin', name), join(partial, name));
      } finally {
        await run(['rm', '-rf', packages]);
      }
    });
    if (!existsSync(join(FORMATS, 'register'))) await run(['mount', '-t', 'binfmt_misc', 'binfmt_misc', FORMATS]);
    writeFileSync(join(FORMATS, 'register'), renderFormat(join(folder, name)));
  });
}

/** With the flag F the kernel keeps the program open, so that containers, which do not have the file, run it too. */
function isEmulated() {
  const names = existsSync(FORMATS) ? readdirSync(FORMATS) : [];
  return names
    .filter((name) => name.includes(FOREIGN.machine))
    .some((name) => /^enabled$[\s\S]*^flags: .*F/m.test(readFileSync(join(FORMATS, name), 'utf8')));
}

/** As Debian's qemu-user registers it (binfmt.d): the head of an ELF file of 64 bits for that machine. @param {string} program */
function renderFormat(program) {
  const magic = `\\x7fELF\\x02\\x01\\x01${'\\x00'.repeat(9)}\\x02\\x00${FOREIGN.elf}`;
  const mask = `${'\\xff'.repeat(7)}\\x00${'\\xff'.repeat(8)}\\xfe\\xff\\xff\\xff`;
  return `:slipway-${FOREIGN.machine}:M::${magic}:${mask}:${program}:OPF`;
}
