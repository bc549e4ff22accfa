// The registry's program in version 3 (CNCF distribution), built by Go into the cache folder: no distribution of Linux ships it yet.

import { obtainGoProgram } from './go.mjs';

const VERSION = 'v3.1.1';
const MODULE = `github.com/distribution/distribution/v3/cmd/registry@${VERSION}`;

/** The program; built where it is missing. @param {(line: string) => void} [log] */
export function obtainRegistry3(log = () => {}) {
  return obtainGoProgram({ what: 'registry', module: MODULE, where: `registry-${VERSION}` }, log);
}
