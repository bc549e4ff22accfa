// What the registry itself says: its tags, and who wrote what. Nothing of Slipway's is asked.

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** @typedef {import('../testbed/registry.mjs').Registry} Registry */
/** @typedef {import('../testbed/registry-log.mjs').RegistryRequest} RegistryRequest */

/** Every tag of a repository with its digest. @param {Registry} registry @param {string} image @returns {Promise<Map<string, string>>} */
export async function readTags(registry, image) {
  const base = `${registry.url}/v2/${image.slice(registry.host.length + 1)}`;
  const reply = await fetch(`${base}/tags/list`);
  const listed = reply.ok ? /** @type {any} */ (await reply.json()) : {};
  /** @type {string[]} */
  const names = listed.tags ?? [];
  const pairs = names.sort().map(async (name) => {
    const { headers } = await fetch(`${base}/manifests/${name}`, { method: 'HEAD', headers: { accept: ACCEPT } });
    return /** @type {const} */ ([name, headers.get('docker-content-digest') ?? 'no digest']);
  });
  return new Map(await Promise.all(pairs));
}

/**
 * What a pull request did to the tags that belong to main: every tag that was there before it, and all of their kinds.
 * @param {{ before: Map<string, string>, after: Map<string, string>, requests: RegistryRequest[] }} seen
 */
export function proveUntouched({ before, after, requests }) {
  const writes = requests.filter(
    ({ method, path }) => method !== 'GET' && method !== 'HEAD' && path.includes('/manifests/'),
  );
  const tagOf = (/** @type {RegistryRequest} */ { path }) => path.slice(path.lastIndexOf('/') + 1);
  const isProtected = (/** @type {string} */ tag) => before.has(tag) || /^(main|latest|sha-.*|cache-.*)$/.test(tag);
  const kept = [...before].map(([tag, digest]) => ({ tag, before: digest, after: after.get(tag) ?? 'gone' }));
  return {
    kept,
    written: writes.map((request) => `${request.method} ${tagOf(request)}`),
    touched: writes.filter((request) => isProtected(tagOf(request))).map(({ method, path }) => `${method} ${path}`),
    requests: requests.length,
  };
}

/** What is wrong with the proof; empty where it holds. @param {ReturnType<typeof proveUntouched>} proof @returns {string[]} */
export function findDoubts({ kept, written, touched }) {
  const moved = kept.filter((tag) => tag.before !== tag.after);
  return [
    ...moved.map(({ tag, before, after }) => `the pull request moved ${tag} from ${before} to ${after}`),
    ...touched.map((request) => `the pull request wrote to a tag of main's: ${request}`),
    ...(kept.length === 0 ? ['main had no tag before the pull request, so nothing is proved'] : []),
    ...(written.length === 0 ? ['the access log shows no write of the pull request at all, so it proves nothing'] : []),
  ];
}
