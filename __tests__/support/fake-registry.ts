import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Digest, digestOf, isDigest } from '../../src/model/digest.ts';
import { acceptedManifests } from '../../src/model/manifest.ts';

/** How the fake differs from a registry that does everything right. */
export interface Quirks {
  digestHeader: 'right' | 'missing' | 'lying' | 'malformed';
  login: 'open' | 'basic' | 'token';
  /** The name of the token in the token service's answer. */
  tokenField: 'token' | 'access_token';
  /** What the token service grants. */
  grants: 'all' | 'pull' | 'nothing';
  /** The realm that is named, where it is not the fake's own. */
  realm: string | undefined;
  blobs: 'here' | 'on another host';
  /** What a missing manifest is answered with. */
  missing: 404 | 403;
  pages: 'one' | 'relative' | 'query' | 'absolute' | 'foreign' | 'circle' | 'endless';
  /** What stands before `/v2/` in the addresses that the fake gives out, as behind a proxy. */
  prefix: '' | '/proxy';
  tags: 'mutable' | 'immutable';
  /** What PUT answers as Docker-Content-Digest. */
  putDigest: 'right' | 'missing' | 'lying';
  /** Asks for another resource's scope, as a registry behind a proxy does. */
  scope: 'own' | 'other';
}

/** One request as it came in. */
export interface Seen {
  readonly host: 'registry' | 'other';
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A fault that the next matching requests meet. */
export interface Fault {
  readonly method: string;
  readonly url: RegExp;
  times: number;
  readonly act:
    | {
        readonly kind: 'answer';
        readonly status: number;
        readonly headers: Record<string, string>;
        readonly body: string;
      }
    /** The connection is reset; `done` says whether the request was carried out before. */
    | { readonly kind: 'reset'; readonly done: boolean }
    | { readonly kind: 'truncate' }
    | { readonly kind: 'stall' }
    /** Something happens elsewhere, then the connection is reset. */
    | { readonly kind: 'meanwhile'; readonly event: () => void };
}

interface Stored {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

interface Under {
  readonly response: ServerResponse;
  readonly url: URL;
  readonly body: Buffer;
}

/** The only login the fake knows. */
export const fakeLogin = { username: 'robot', password: 'pa:ss wörd' } as const;
export const fakeRefresh = 'refresh-me';

/** A small, strict registry with switchable faults. */
export interface FakeRegistry {
  readonly host: string;
  readonly otherHost: string;
  readonly quirks: Quirks;
  readonly faults: Fault[];
  readonly seen: Seen[];
  readonly tags: Map<string, Digest>;
  readonly manifests: Map<Digest, Stored>;
  readonly blobs: Map<Digest, Buffer>;
  /** Tokens given out that are still good. */
  readonly tokens: Map<string, string>;
  readonly uploads: Set<string>;
  close(): Promise<void>;
}

class Fake implements FakeRegistry {
  host = '';
  otherHost = '';
  readonly quirks: Quirks = {
    digestHeader: 'right',
    login: 'open',
    tokenField: 'token',
    grants: 'all',
    realm: undefined,
    blobs: 'here',
    missing: 404,
    pages: 'one',
    prefix: '',
    tags: 'mutable',
    putDigest: 'right',
    scope: 'own',
  };
  readonly faults: Fault[] = [];
  readonly seen: Seen[] = [];
  readonly tags = new Map<string, Digest>();
  readonly manifests = new Map<Digest, Stored>();
  readonly blobs = new Map<Digest, Buffer>();
  readonly tokens = new Map<string, string>();
  readonly uploads = new Set<string>();
  private readonly parts = new Map<string, Buffer>();
  private counter = 0;
  private readonly servers: Server[] = [];

  async start(): Promise<void> {
    this.host = await this.listen((request, response) => this.serve(request, response));
    this.otherHost = await this.listen((request, response) => this.serveOther(request, response));
  }

  async close(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  private async listen(
    serve: (request: IncomingMessage, response: ServerResponse) => Promise<unknown>,
  ): Promise<string> {
    const server = createServer((request, response) => {
      serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.servers.push(server);
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  private async serveOther(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    this.note('other', request, await read(request));
    const blob = this.blobs.get(`sha256:${/([0-9a-f]{64})/.exec(request.url ?? '')?.[1] ?? ''}` as Digest);
    if (blob === undefined) return answer(response, [404, {}, '']);
    return answer(response, [200, { 'content-length': String(blob.length) }, request.method === 'HEAD' ? '' : blob]);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const body = await read(request);
    this.note('registry', request, body);
    const url = new URL(request.url ?? '/', `http://${this.host}`);
    const fault = this.faults.find(
      (one) => one.times > 0 && one.method === request.method && one.url.test(request.url ?? ''),
    );
    if (fault === undefined) return this.route(request, response, { url, body });
    fault.times--;
    return this.meet(fault, request, { response, url, body });
  }

  private async meet({ act }: Fault, request: IncomingMessage, rest: Under): Promise<unknown> {
    const { response } = rest;
    switch (act.kind) {
      case 'answer':
        return answer(response, [act.status, act.headers, request.method === 'HEAD' ? '' : act.body]);
      case 'stall':
        return undefined;
      case 'meanwhile':
        act.event();
        return request.socket.resetAndDestroy();
      case 'truncate':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        return response.write('{"half":', () => request.socket.destroy());
      case 'reset':
        if (act.done) {
          response.end = () => response; // carried out, and never told
          await this.route(request, response, rest);
        }
        return request.socket.resetAndDestroy();
    }
  }

  private note(host: Seen['host'], request: IncomingMessage, body: Buffer): void {
    const { method = '', url = '', headers } = request;
    this.seen.push({ host, method, url, authorization: headers.authorization, body: body.toString('utf8') });
  }

  private async route(
    request: IncomingMessage,
    response: ServerResponse,
    { url, body }: { url: URL; body: Buffer },
  ): Promise<unknown> {
    const path = url.pathname.replace(/^\/proxy/, '');
    if (path === '/token') return this.giveToken(request, response, { url, body });
    const writes = request.method !== 'GET' && request.method !== 'HEAD';
    const refused = this.refuse(request, writes, path);
    if (refused !== undefined) {
      const error = { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] };
      return answer(response, [
        401,
        { 'www-authenticate': refused },
        request.method === 'HEAD' ? '' : JSON.stringify(error),
      ]);
    }
    if (path === '/v2/') return answer(response, [200, {}, '{}']);
    const [, kind = '', name = ''] = /^\/v2\/acme\/app\/(manifests|blobs|tags)\/(.+)$/.exec(path) ?? [];
    if (kind === 'tags') return this.listTags(response, url);
    if (kind === 'manifests' && request.method === 'PUT') return this.putManifest(request, response, { name, body });
    if (kind === 'manifests') return this.giveManifest(request, response, name);
    if (kind === 'blobs' && name.startsWith('uploads/')) return this.upload(request, response, { name, url, body });
    if (kind === 'blobs') return this.giveBlob(request, response, name);
    return answer(response, [
      404,
      {},
      JSON.stringify({ errors: [{ code: 'NAME_UNKNOWN', message: 'no such repository' }] }),
    ]);
  }

  private refuse(request: IncomingMessage, writes: boolean, path: string): string | undefined {
    const { login, realm = `http://${this.host}/token?from=fake` } = this.quirks;
    const given = request.headers.authorization;
    const basic = `Basic ${Buffer.from(`${fakeLogin.username}:${fakeLogin.password}`).toString('base64')}`;
    switch (login) {
      case 'open':
        return undefined;
      case 'basic':
        return given === basic ? undefined : 'Basic realm="a \\"quoted\\", realm"';
      case 'token': {
        const scope = this.tokens.get(given?.replace(/^Bearer /, '') ?? '');
        if (scope !== undefined && (path === '/v2/' || scope.includes(writes ? 'push' : 'pull'))) return undefined;
        const error =
          given === undefined ? '' : `,error="${scope === undefined ? 'invalid_token' : 'insufficient_scope'}"`;
        const asked =
          this.quirks.scope === 'own'
            ? `repository:acme/app:${writes ? 'pull,push' : 'pull'}`
            : 'repository:behind/it:pull';
        return `Negotiate, Bearer realm="${realm}",service="the fake, registry",scope="${asked}"${error}`;
      }
    }
  }

  private giveToken(
    request: IncomingMessage,
    response: ServerResponse,
    { url, body }: { url: URL; body: Buffer },
  ): ServerResponse {
    const form = request.method === 'POST' ? new URLSearchParams(body.toString('utf8')) : url.searchParams;
    const basic = `Basic ${Buffer.from(`${fakeLogin.username}:${fakeLogin.password}`).toString('base64')}`;
    const given = request.headers.authorization;
    const isRefresh = form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === fakeRefresh;
    if (form.get('service') !== 'the fake, registry') return answer(response, [400, {}, '{}']);
    if (
      (given !== undefined && given !== basic) ||
      (request.method === 'POST' && !isRefresh) ||
      this.quirks.grants === 'nothing'
    )
      return answer(response, [
        given === undefined ? 403 : 401,
        {},
        '{"errors":[{"code":"DENIED","message":"denied"}]}',
      ]);
    const asked = form.getAll('scope').join(' ');
    const known = given !== undefined || isRefresh;
    const token = `token-${++this.counter}`;
    this.tokens.set(token, known && this.quirks.grants === 'all' ? asked : asked.replace(',push', ''));
    return answer(response, [200, {}, JSON.stringify({ [this.quirks.tokenField]: token, expires_in: 60 })]);
  }

  private listTags(response: ServerResponse, url: URL): ServerResponse {
    const { pages, prefix } = this.quirks;
    const all = [...this.tags.keys()];
    if (all.length === 0) return answer(response, [404, {}, '{"errors":[{"code":"NAME_UNKNOWN"}]}']);
    if (pages === 'one') return answer(response, [200, {}, JSON.stringify({ name: 'acme/app', tags: all })]);
    const from = Number(url.searchParams.get('last') ?? 0);
    const isEndless = pages === 'endless' || pages === 'circle';
    const page = isEndless ? all : all.slice(from, from + 2);
    const query = `?last=${pages === 'circle' ? 0 : from + 2}&n=2`;
    const next = pages === 'query' ? query : `${prefix}/v2/acme/app/tags/list${query}`;
    const hosts: Partial<Record<typeof pages, string>> = { absolute: this.host, foreign: this.otherHost };
    const host = hosts[pages];
    const base = host === undefined ? '' : `http://${host}`;
    const more = isEndless || from + 2 < all.length;
    const link: Record<string, string> = more
      ? { link: `<http://x/first>; rel="first", <${base}${next}>; rel="next"` }
      : {};
    return answer(response, [200, link, JSON.stringify({ name: 'acme/app', tags: page })]);
  }

  private digestOf(name: string): Digest | undefined {
    return isDigest(name) ? name : this.tags.get(name);
  }

  private giveManifest(request: IncomingMessage, response: ServerResponse, name: string): ServerResponse {
    const digest = this.digestOf(name);
    const found = digest === undefined ? undefined : this.manifests.get(digest);
    if (digest === undefined || found === undefined)
      return answer(response, [this.quirks.missing, {}, '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}']);
    const { accept, 'user-agent': agent } = request.headers; // the engine asks in its own way
    if (agent === 'slipway' && accept !== acceptedManifests) return answer(response, [406, {}, '']);
    const headers = { 'content-type': found.mediaType, ...digestHeader(this.quirks.digestHeader, digest) };
    if (request.method === 'HEAD') {
      return response.writeHead(200, { ...headers, 'content-length': String(found.bytes.length) }).end();
    }
    return answer(response, [200, headers, found.bytes]);
  }

  private putManifest(
    request: IncomingMessage,
    response: ServerResponse,
    { name, body }: { name: string; body: Buffer },
  ): ServerResponse {
    const mediaType = request.headers['content-type'];
    const held = new Set<string>([...this.manifests.keys(), ...this.blobs.keys()]);
    if (mediaType === undefined || !references(body.toString('utf8'), mediaType).every((digest) => held.has(digest)))
      return answer(response, [400, {}, '{"errors":[{"code":"MANIFEST_INVALID"}]}']);
    if (this.quirks.tags === 'immutable' && this.tags.has(name))
      return answer(response, [400, {}, '{"errors":[{"code":"TAG_INVALID","message":"the tag is immutable"}]}']);
    const digest = digestOf(body);
    this.manifests.set(digest, { mediaType, bytes: body });
    if (!isDigest(name)) this.tags.set(name, digest);
    return answer(response, [201, digestHeader(this.quirks.putDigest, digest), '']);
  }

  private upload(
    request: IncomingMessage,
    response: ServerResponse,
    { name, url, body }: { name: string; url: URL; body: Buffer },
  ): ServerResponse {
    const id = name.replace(/^uploads\/?/, '');
    if (request.method === 'POST') {
      const fresh = `u${++this.counter}`;
      this.uploads.add(fresh);
      const location = `${this.quirks.prefix}/v2/acme/app/blobs/uploads/${fresh}?_state=secret-state`;
      return answer(response, [202, { location }, '']);
    }
    if (request.method === 'PATCH' && this.uploads.has(id)) {
      this.parts.set(id, Buffer.concat([this.parts.get(id) ?? Buffer.alloc(0), body]));
      const location = `${this.quirks.prefix}/v2/acme/app/blobs/uploads/${id}?_state=secret-state`;
      return answer(response, [202, { location, range: `0-${(this.parts.get(id)?.length ?? 1) - 1}` }, '']);
    }
    if (!this.uploads.delete(id)) return answer(response, [404, {}, '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}']);
    if (request.method === 'DELETE') return answer(response, [204, {}, '']);
    const whole = Buffer.concat([this.parts.get(id) ?? Buffer.alloc(0), body]);
    const digest = url.searchParams.get('digest') as Digest;
    if (digestOf(whole) !== digest) return answer(response, [400, {}, '{"errors":[{"code":"DIGEST_INVALID"}]}']);
    this.blobs.set(digest, whole);
    return answer(response, [201, { 'docker-content-digest': digest }, '']); // the engine does not go on without
  }

  private giveBlob(request: IncomingMessage, response: ServerResponse, name: string): ServerResponse {
    const blob = this.blobs.get(name as Digest);
    if (blob === undefined) return answer(response, [404, {}, '{"errors":[{"code":"BLOB_UNKNOWN"}]}']);
    if (this.quirks.blobs === 'on another host') {
      const location = `http://${this.otherHost}/store/${name.slice(7)}?signature=secret-signature`;
      return answer(response, [307, { location }, '']);
    }
    if (request.method === 'HEAD') {
      return response.writeHead(200, { 'content-length': String(blob.length) }).end();
    }
    return answer(response, [200, { 'content-type': 'application/octet-stream' }, blob]);
  }
}

function digestHeader(how: 'right' | 'missing' | 'lying' | 'malformed', digest: Digest): Record<string, string> {
  switch (how) {
    case 'right':
      return { 'docker-content-digest': digest };
    case 'missing':
      return {};
    case 'lying':
      return { 'docker-content-digest': digestOf('something else') };
    case 'malformed':
      return { 'docker-content-digest': 'sha256:short' };
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

// Every digest that a manifest names, as text: the fake does not use the reader under test.
function references(text: string, mediaType: string): readonly string[] {
  const { mediaType: inside } = JSON.parse(text) as { mediaType: string };
  return inside === mediaType ? (text.match(/sha256:[0-9a-f]{64}/g) ?? []) : ['none'];
}

type Reply = readonly [status: number, headers: Record<string, string>, body: string | Buffer];

function answer(response: ServerResponse, [status, headers, body]: Reply): ServerResponse {
  return response.writeHead(status, headers).end(body);
}

/** Starts a fake on loopback: one repository, `acme/app`, empty. */
export async function startFakeRegistry(): Promise<FakeRegistry> {
  const fake = new Fake();
  await fake.start();
  return fake;
}
