import { type Digest, digestOf, isDigest } from '../../../src/model/digest.ts';
import type { HttpReply } from '../../../src/tools/http/http.ts';

/** One request as it arrives. */
export interface Arrived {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

interface Shelf {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, { readonly mediaType: string; readonly bytes: Uint8Array }>;
  readonly tags: Map<string, Digest>;
}

/** A registry without a network: tokens, mounts, redirected blobs, immutable tags; every request is carried out at once. */
export interface ModelRegistry {
  serve(request: Arrived): HttpReply;
  /** What a repository holds; made where there is none. */
  shelf(path: string): Shelf;
  /** No token given out so far is good any more. */
  expireTokens(): void;
}

export const modelLogin = { username: 'robot', password: 'pa:ss wörd' } as const;
const storageHost = 'storage.test';
const tokenHost = 'tokens.test';

/** @param host as in `registry.test` @param immutable tags that may not be written twice */
export function createModelRegistry(host: string, immutable: RegExp = /^$/): ModelRegistry {
  const shelves = new Map<string, Shelf>();
  const tokens = new Map<string, string>();
  const uploads = new Set<string>();
  let counter = 0;
  const shelf = (path: string): Shelf => {
    const known = shelves.get(path) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
    shelves.set(path, known);
    return known;
  };

  const giveToken = ({ url, headers }: Arrived): HttpReply => {
    const pair = Buffer.from(`${modelLogin.username}:${modelLogin.password}`).toString('base64');
    if (headers['authorization'] !== `Basic ${pair}`) return refuse(401, 'UNAUTHORIZED');
    const token = `token-${++counter}`;
    tokens.set(token, url.searchParams.getAll('scope').join(' '));
    return json(200, { token, expires_in: 60 });
  };

  const isAllowed = ({ method, url, headers }: Arrived): boolean => {
    const granted = tokens.get((headers['authorization'] ?? '').replace(/^Bearer /, ''));
    const writes = method !== 'GET' && method !== 'HEAD';
    return granted !== undefined && (url.pathname === '/v2/' || granted.includes(writes ? 'push' : 'pull'));
  };

  const serveManifest = ({ method, headers, body }: Arrived, held: Shelf, at: string): HttpReply => {
    if (method === 'PUT') {
      const names = new Set(
        Buffer.from(body)
          .toString('utf8')
          .match(/sha256:[0-9a-f]{64}/g),
      );
      if (![...names].every((name) => held.blobs.has(name) || held.manifests.has(name)))
        return refuse(400, 'MANIFEST_BLOB_UNKNOWN');
      if (immutable.test(at) && held.tags.has(at)) return refuse(400, 'TAG_INVALID');
      const digest = digestOf(body);
      held.manifests.set(digest, { mediaType: headers['content-type'] ?? '', bytes: body });
      if (!isDigest(at)) held.tags.set(at, digest);
      return reply(201, { 'docker-content-digest': digest });
    }
    const digest = isDigest(at) ? at : held.tags.get(at);
    const found = digest === undefined ? undefined : held.manifests.get(digest);
    if (digest === undefined || found === undefined) return refuse(404, 'MANIFEST_UNKNOWN', method);
    const described = { 'content-type': found.mediaType, 'docker-content-digest': digest };
    return reply(
      200,
      { ...described, 'content-length': `${found.bytes.byteLength}` },
      method === 'HEAD' ? undefined : found.bytes,
    );
  };

  const serveUpload = ({ method, url, body }: Arrived, held: Shelf, path: string): HttpReply => {
    const id = url.pathname.replace(/.*\/uploads\//, '');
    const mounted = url.searchParams.get('mount');
    if (method === 'POST') {
      const bytes = mounted === null ? undefined : shelf(url.searchParams.get('from') ?? '').blobs.get(mounted);
      if (mounted !== null && bytes !== undefined) {
        held.blobs.set(mounted, bytes);
        return reply(201, { 'docker-content-digest': mounted });
      }
      const fresh = `u${++counter}`;
      uploads.add(fresh);
      return reply(202, { location: `/v2/${path}/blobs/uploads/${fresh}?_state=secret-state` });
    }
    if (!uploads.delete(id)) return refuse(404, 'BLOB_UPLOAD_UNKNOWN');
    if (method === 'DELETE') return reply(204, {});
    const digest = digestOf(body);
    if (url.searchParams.get('digest') !== digest) return refuse(400, 'DIGEST_INVALID');
    held.blobs.set(digest, body);
    return reply(201, { 'docker-content-digest': digest });
  };

  const serveBlob = ({ method }: Arrived, held: Shelf, digest: string): HttpReply => {
    const blob = held.blobs.get(digest);
    if (blob === undefined) return refuse(404, 'BLOB_UNKNOWN', method);
    if (method === 'HEAD') return reply(200, { 'content-length': `${blob.byteLength}` });
    return reply(307, { location: `https://${storageHost}/${digest}?signature=secret-signature` });
  };

  return {
    shelf,
    expireTokens: () => tokens.clear(),
    serve: (request) => {
      const { url } = request;
      if (url.host === tokenHost) return giveToken(request);
      if (url.host === storageHost)
        return reply(
          200,
          {},
          [...shelves.values()].map(({ blobs }) => blobs.get(url.pathname.slice(1))).find((blob) => blob),
        );
      if (url.host !== host) throw new Error(`nobody is to ask ${url.host}`);
      if (!isAllowed(request)) {
        const error = request.headers['authorization'] === undefined ? '' : ',error="invalid_token"';
        const asks = { 'www-authenticate': `Bearer realm="https://${tokenHost}/token",service="model"${error}` };
        return reply(401, asks, Buffer.from('{"errors":[{"code":"UNAUTHORIZED"}]}'));
      }
      if (url.pathname === '/v2/') return json(200, {});
      const [, path = '', kind = '', at = ''] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.*)$/.exec(url.pathname) ?? [];
      const held = shelf(path);
      if (kind === 'tags') return json(200, { name: path, tags: [...held.tags.keys()] });
      if (kind === 'manifests') return serveManifest(request, held, at);
      return at.startsWith('uploads/') ? serveUpload(request, held, path) : serveBlob(request, held, at);
    },
  };
}

/** A reply as the HTTP client hands it on. */
export function reply(
  status: number,
  headers: Record<string, string>,
  bytes: Uint8Array = new Uint8Array(0),
): HttpReply {
  return { status, headers: new Map(Object.entries(headers)), bytes };
}

function json(status: number, value: object): HttpReply {
  return reply(status, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(value)));
}

function refuse(status: number, code: string, method = 'GET'): HttpReply {
  return reply(status, {}, method === 'HEAD' ? undefined : Buffer.from(JSON.stringify({ errors: [{ code }] })));
}
