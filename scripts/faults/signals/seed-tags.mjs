// An image that somebody published before.

import { createHash } from 'node:crypto';

/** Points tags of a repository at an image of nobody's. @param {import('./world.mjs').World} world @param {string} repository @param {string[]} tags */
export async function seedTags({ recorder, login }, repository, tags) {
  const base = `http://${recorder.host}/v2/${repository}`;
  const authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const config = '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"config":{}}';
  const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
  const opened = await fetch(`${base}/blobs/uploads/`, { method: 'POST', headers: { authorization } });
  const place = new URL(opened.headers.get('location') ?? '', base);
  place.searchParams.set('digest', digest);
  const sent = await fetch(place, { method: 'PUT', body: config, headers: { authorization } });
  if (sent.status !== 201) throw new Error(`seeding ${repository}: status ${sent.status}`);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: config.length },
    layers: [],
  };
  for (const tag of tags)
    await fetch(`${base}/manifests/${tag}`, {
      method: 'PUT',
      body: JSON.stringify(manifest),
      headers: { authorization, 'content-type': mediaType },
    });
}
