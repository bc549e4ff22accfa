// BuildKit on its own: for builders that are not an engine's. No package mirror has it, so Go builds it.

import { obtainGoPrograms } from './go.mjs';

const VERSION = 'v0.30.0';
const MODULE = 'github.com/moby/buildkit';

/** The folder with `buildkitd` and `buildctl`; built where they are missing. @param {(line: string) => void} [log] */
export function obtainBuildkit(log = () => {}) {
  const programs = ['buildkitd', 'buildctl'].map((name) => `${MODULE}/cmd/${name}`);
  const wanted = { what: 'buildkit', module: `${MODULE}@${VERSION}`, programs, where: `buildkit-${VERSION}` };
  return obtainGoPrograms(wanted, log);
}
