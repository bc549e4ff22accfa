// Builds a base image and lays it into the mirror under the name official images have there.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasBase } from './bases.mjs';
import { run } from './process.mjs';

/**
 * @typedef {{ repository: string, tag: string, dockerfile: string, salt: string,
 *   alias?: string, platform?: string, fill: (context: string, log: (line: string) => void) => Promise<void> }} Recipe
 *   `alias`: a second tag of the same image; `platform` where it is not the machine's; `salt` is whatever else of this machine goes into the image; `fill` lays the files into the build context
 */

/**
 * Makes the mirror serve the image of this recipe; does nothing where it does already.
 * @param {{ recipe: Recipe, host: string, env: NodeJS.ProcessEnv, log: (line: string) => void }} wanted
 */
export async function ensureBaseImage(wanted) {
  await ensureImage(wanted);
  const { recipe, host, env } = wanted;
  const repository = `library/${recipe.repository}`;
  if (recipe.alias === undefined || (await hasBase(host, repository, recipe.alias))) return;
  // a mirror of before there were second tags
  const [from, to] = [recipe.tag, recipe.alias].map((tag) => `${host}/${repository}:${tag}`);
  await run(['docker', 'buildx', 'imagetools', 'create', '--builder', 'default', '--tag', to, from], { env });
}

/** @param {Parameters<typeof ensureBaseImage>[0]} wanted */
async function ensureImage({ recipe, host, env, log }) {
  const repository = `library/${recipe.repository}`;
  const edition = `recipe-${createHash('sha256').update(recipe.dockerfile).update('\0').update(recipe.salt).digest('hex').slice(0, 12)}`;
  if ((await hasBase(host, repository, edition)) && (await hasBase(host, repository, recipe.tag))) return;
  log(`bases: building ${recipe.repository}:${recipe.tag}`);
  const context = mkdtempSync(join(tmpdir(), 'slipway-base-'));
  try {
    await recipe.fill(context, log);
    writeFileSync(join(context, 'Dockerfile'), recipe.dockerfile);
    const tags = [recipe.tag, ...(recipe.alias === undefined ? [] : [recipe.alias]), edition];
    const names = tags.map((tag) => `${host}/${repository}:${tag}`); // the edition last: it says "complete"
    const built = `slipway-base/${recipe.repository}:${edition}`;
    const fixed = ['docker', 'buildx', 'build', '--builder', 'default', '--provenance=false', '-q'];
    const platform = recipe.platform === undefined ? [] : ['--platform', recipe.platform];
    await run([...fixed, ...platform, '-t', built, context], { env });
    for (const name of names) await run(['docker', 'tag', built, name], { env });
    for (const name of names) await run(['docker', 'push', '-q', name], { env });
    await run(['docker', 'image', 'rm', '-f', built, ...names], { env });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}
