// BuildKit on its own: for builders that are not an engine's. Its image cannot be pulled everywhere, so its programs are built by Go.

import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ensureBaseImage } from './base-image.mjs';
import { obtainGoPrograms } from './go.mjs';
import { run } from './process.mjs';

const VERSION = 'v0.30.0';
const MODULE = 'github.com/moby/buildkit';
const DOCKERFILE = 'FROM busybox:stable\nCOPY root/ /\nENTRYPOINT ["buildkitd"]\n';

/** The folder with `buildkitd` and `buildctl`; built where they are missing. @param {(line: string) => void} [log] */
export function obtainBuildkit(log = () => {}) {
  const programs = ['buildkitd', 'buildctl'].map((name) => `${MODULE}/cmd/${name}`);
  const wanted = { what: 'buildkit', module: `${MODULE}@${VERSION}`, programs, where: `buildkit-${VERSION}` };
  return obtainGoPrograms(wanted, log);
}

/**
 * Makes the mirror of base images serve BuildKit's image.
 * @param {{ host: string, env: NodeJS.ProcessEnv, log?: (line: string) => void }} options the mirror, and how to reach an engine
 * @returns {Promise<string>} its reference
 */
export async function ensureBuildkitImage({ host, env, log = () => {} }) {
  const recipe = { repository: 'buildkit', tag: VERSION, dockerfile: DOCKERFILE, salt: '', fill };
  await ensureBaseImage({ recipe, host, env, log });
  return `${host}/library/${recipe.repository}:${recipe.tag}`;
}

/** The programs, and the machine's own runc with the libraries that it loads. @param {string} context @param {(line: string) => void} log */
async function fill(context, log) {
  const folder = await obtainBuildkit(log);
  const runc = (await run(['sh', '-c', 'PATH="$PATH:/usr/sbin:/sbin" command -v runc'])).trim();
  const loaded = await run(['ldd', runc]);
  const libraries = [...loaded.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, path]) => path ?? '');
  for (const path of libraries) copyTo(join(context, 'root', path), path);
  for (const path of [join(folder, 'buildkitd'), join(folder, 'buildctl'), runc])
    copyTo(join(context, 'root/usr/bin', basename(path)), path);
}

/** @param {string} target @param {string} source */
function copyTo(target, source) {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target);
}
