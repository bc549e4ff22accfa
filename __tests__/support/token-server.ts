import { randomUUID, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates, readPemBody } from '../../scripts/testbed/certificates.mjs';
import type { TokenAuth } from '../../scripts/testbed/registry-config.mjs';

/** Who may do what; `refresh` is an identity token that stands for the password. */
export interface Account {
  readonly username: string;
  readonly password: string;
  readonly refresh: string;
  readonly actions: readonly ('pull' | 'push')[];
}

/** A token service that a real registry believes (distribution's token specification): it signs with a key of its own. */
export interface TokenServer {
  /** For the registry's configuration. */
  readonly auth: TokenAuth;
  readonly seen: { readonly method: string; readonly scope: string; readonly status: number }[];
  /** Seconds that tokens given out from now on are good for, 300 at first; distribution grants a minute beyond. */
  lifetime: number;
  /** A bearer token as such, e.g. one that expired an hour ago. */
  readonly token: (access: readonly { name: string; actions: readonly string[] }[], expires: number) => string;
  readonly close: () => Promise<void>;
}

const service = 'testbed registry';
const issuer = 'testbed token service';

/** Starts one on loopback; who is no account gets a token that is good for nothing, as anonymous does. */
export async function startTokenServer(accounts: readonly Account[]): Promise<TokenServer> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-token-'));
  const { ca, certificate, key } = await makeCertificates(folder, { hosts: ['token.example'] });
  const pem = readFileSync(key, 'utf8');
  const seen: TokenServer['seen'] = [];
  const token: TokenServer['token'] = (access, expires) => {
    const now = Math.floor(Date.now() / 1_000);
    const header = { typ: 'JWT', alg: 'ES256', x5c: [readPemBody(certificate)] };
    const claims = {
      iss: issuer,
      sub: '',
      aud: service,
      nbf: now - 7_200,
      iat: now - 7_200,
      exp: now + expires,
      jti: randomUUID(),
      access: access.map((one) => ({ type: 'repository', ...one })),
    };
    const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = sign('sha256', Buffer.from(text), { key: pem, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://token');
    const body = await readText(request);
    const asked = request.method === 'POST' ? new URLSearchParams(body) : url.searchParams;
    const account = accounts.find((one) => isAccount(one, request, asked));
    const named = request.headers.authorization !== undefined || request.method === 'POST';
    const status = named && account === undefined ? 401 : 200;
    const scope = asked.getAll('scope').join(' ');
    seen.push({ method: request.method ?? '', scope, status });
    if (status === 401) {
      response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}');
      return;
    }
    const access = scope.split(' ').flatMap((one) => {
      const [, name, actions] = /^repository:([^:]+):(.+)$/.exec(one) ?? [];
      if (name === undefined || actions === undefined) return [];
      return [{ name, actions: actions.split(',').filter((action) => account?.actions.some((may) => may === action)) }];
    });
    const made = token(access, tokens.lifetime);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ token: made, access_token: made, expires_in: 300 }));
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  const tokens: TokenServer = {
    lifetime: 300,
    auth: { realm, service, issuer, rootcertbundle: ca },
    seen,
    token,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return tokens;
}

function isAccount(account: Account, { headers }: IncomingMessage, asked: URLSearchParams): boolean {
  const pair = Buffer.from(`${account.username}:${account.password}`).toString('base64');
  if (headers.authorization === `Basic ${pair}`) return true;
  // docker's client asks with a password by POST as well (OAuth2)
  if (asked.get('grant_type') === 'password')
    return asked.get('username') === account.username && asked.get('password') === account.password;
  return asked.get('grant_type') === 'refresh_token' && asked.get('refresh_token') === account.refresh;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
