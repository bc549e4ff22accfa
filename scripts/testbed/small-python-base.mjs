// The recipe of a Python that is there for other architectures too: Debian's packages, unpacked and not installed, so that no
// program of theirs has to run for it. It has no shell, and like the official images nothing of it is compiled.

import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPackages } from './apt.mjs';

const PACKAGES = [
  'python3.11-minimal',
  'libpython3.11-minimal',
  'libpython3.11-stdlib',
  'libc6',
  'libexpat1',
  'zlib1g',
];
const DOCKERFILE = `FROM scratch
COPY root/ /
ENV PATH=/usr/bin:/bin
CMD ["python3"]
`;

/** @param {string} architecture Debian's name @returns {import('./base-image.mjs').Recipe} */
export function smallPythonRecipe(architecture) {
  return {
    repository: 'small-python',
    tag: architecture,
    dockerfile: DOCKERFILE,
    salt: PACKAGES.join(),
    fill: async (context, log) => {
      log(`bases: fetching Python for ${architecture} from the package mirror`);
      const folder = join(context, 'root');
      await unpackPackages({ suites: ['bookworm'], packages: PACKAGES, folder, architecture });
      rmSync(join(folder, 'usr', 'share'), { recursive: true });
      symlinkSync('python3.11', join(folder, 'usr', 'bin', 'python3'));
    },
  };
}
