// Images that a run left in the engine.

import { finish } from '../testbed/process.mjs';

/** Takes away every name that begins so. @param {Record<string, string>} env @param {string[]} beginnings */
export async function removeImages(env, beginnings) {
  const options = { env: { ...process.env, ...env } };
  const listed = await finish(['docker', 'image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'], options);
  const names = listed.stdout.split('\n').filter((name) => beginnings.some((start) => name.startsWith(start)));
  if (names.length > 0) await finish(['docker', 'image', 'rm', '--force', ...names], options);
}
