// The registry's program in version 3 (CNCF distribution), built by Go into the cache folder: no distribution of Linux ships it yet.

import { join } from 'node:path';
import { obtainGoPrograms } from './go.mjs';

const VERSION = 'v3.1.1';
const MODULE = 'github.com/distribution/distribution/v3';
/** Its own main without the storage of three clouds, which is half of what there is to fetch and to compile. */
const MAIN = `package main

import (
	"${MODULE}/registry"
	_ "${MODULE}/registry/auth/htpasswd"
	_ "${MODULE}/registry/auth/token"
	_ "${MODULE}/registry/storage/driver/filesystem"
)

func main() { registry.RootCmd.Execute() }
`;

/** The program; built where it is missing. @param {(line: string) => void} [log] */
export async function obtainRegistry3(log = () => {}) {
  const where = `registry-${VERSION}-lean`;
  const sources = { 'registry/main.go': MAIN };
  const wanted = { what: 'registry', module: `${MODULE}@${VERSION}`, programs: ['./registry'], where, sources };
  return join(await obtainGoPrograms(wanted, log), 'registry');
}
