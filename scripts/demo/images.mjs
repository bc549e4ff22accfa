// Images that a run left in the engine.

import { finish } from '../testbed/process.mjs';

/** Takes away every name that begins so. @param {Record<string, string>} env @param {string[]} beginnings */
export async function removeImages(env, beginnings) {
  const options = { env: { ...process.env, ...env } };
  const list = () => finish(['docker', 'image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'], options);
  let listed = await list();
  // the containerd store fails to list where somebody else removes an image meanwhile
  for (let more = 10; listed.code !== 0 && more > 0; more -= 1) listed = await list();
  const names = listed.stdout.split('\n').filter((name) => beginnings.some((start) => name.startsWith(start)));
  if (names.length > 0) await finish(['docker', 'image', 'rm', '--force', ...names], options);
}
