import { type Access, type Challenge, planScopes } from '../../model/challenge.ts';
import { RegistryError } from '../../model/registry.ts';
import type { HttpReply, HttpRequest } from '../http/http.ts';
import type { Credentials } from './credentials.ts';
import { type Endpoint, type HostRules, isLoopback, trustFor } from './endpoint.ts';
import { contradiction, exchangeOnce, invalidReply, type RequestName, refusal, type Wire } from './exchange.ts';

/** A challenge that names a token service. */
export type Bearer = Extract<Challenge, { kind: 'bearer' }>;

/** What asking for a token needs beyond the login. */
export interface TokenLimits {
  readonly endpoint: Endpoint;
  /** Milliseconds. */
  readonly deadline: number;
  readonly cancel: AbortSignal;
}

/** What it takes to log in. */
export interface LoginParts {
  readonly wire: Wire;
  readonly registry: string;
  readonly path: string;
  readonly rules: HostRules;
  /** Asked once, when the registry first wants to know. */
  readonly credentials: () => Promise<Credentials>;
  /** Told every secret before its first use, so that it can be masked in the log. */
  readonly onSecret: (secret: string) => void;
}

/** For what a token is wanted, and as whom. */
export interface TokenWish {
  readonly bearer: Bearer;
  readonly access: Access;
  readonly credentials: Credentials;
  readonly limits: TokenLimits;
}

/** Asks the token service, and gives the Authorization header with its token.
 * @throws PassingFault; RegistryError `unauthorized` where the login is refused, `invalid-reply` where the service is none to trust. */
export async function fetchToken(parts: LoginParts, wish: TokenWish): Promise<string> {
  const { registry, rules, wire, onSecret } = parts;
  const { bearer, credentials } = wish;
  const { endpoint, deadline, cancel } = wish.limits;
  if (credentials.kind === 'registry-token') return bearerHeader(credentials.token, onSecret);
  const realm = checkRealm(bearer.realm, endpoint, { registry, request: 'the token service' });
  const name = { registry, request: `the token service ${realm.host}` };
  const scopes = planScopes(parts.path, wish.access, bearer.scope);
  const common = { socketPath: undefined, trust: trustFor(realm.host, rules), limit: 1_048_576, deadline, cancel };
  const asked = { ...common, ...tokenRequest(realm, { bearer, scopes, credentials, onSecret }) };
  const reply = await exchangeOnce(wire, asked, name);
  if (reply.status === 404) throw contradiction('status 404', { name, status: reply.status });
  if (reply.status !== 200) throw tokenRefusal(reply, credentials, name);
  return bearerHeader(readToken(reply, name), onSecret);
}

// Some token services answer 403 to who has not logged in; that is no lack of rights.
function tokenRefusal(reply: HttpReply, credentials: Credentials, name: RequestName): RegistryError {
  const error = refusal(reply, name);
  if (error.kind === 'unauthorized' && credentials.kind !== 'none')
    return new RegistryError('unauthorized', 'it refuses the login: the password is wrong or has expired', {
      ...name,
      status: reply.status,
      cause: error,
    });
  if (error.kind !== 'forbidden' || credentials.kind !== 'none') return error;
  const at = { ...name, status: reply.status, cause: error };
  return new RegistryError('unauthorized', 'it gives no token without a login', at);
}

// A foreign host is allowed (Docker Hub's is): a registry that is up to no good could ask for the password itself. Plain HTTP
// is not, unless both ends are this machine.
function checkRealm(realm: string, { base }: Endpoint, name: RequestName): URL {
  if (!URL.canParse(realm)) throw invalidReply('its token service has no readable address', name, 401);
  const url = new URL(realm);
  const local = base.protocol === 'http:' && isLoopback(base.host) && url.protocol === 'http:' && isLoopback(url.host);
  if (url.protocol !== 'https:' && !local)
    throw invalidReply(`its token service ${url.host} does not speak https`, name, 401);
  if (url.username !== '' || url.password !== '')
    throw invalidReply('the address of its token service has a login in it', name, 401);
  return url;
}

interface TokenQuestion {
  readonly bearer: Bearer;
  readonly scopes: readonly string[];
  readonly credentials: Exclude<Credentials, { kind: 'registry-token' }>;
  readonly onSecret: (secret: string) => void;
}

function tokenRequest(
  realm: URL,
  { bearer, scopes, credentials, onSecret }: TokenQuestion,
): Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'> {
  const service: [string, string][] = bearer.service === undefined ? [] : [['service', bearer.service]];
  if (credentials.kind === 'identity') {
    onSecret(credentials.token);
    const form = new URLSearchParams([
      ['grant_type', 'refresh_token'],
      ...service,
      ['client_id', 'slipway'],
      ['scope', scopes.join(' ')],
      ['refresh_token', credentials.token],
    ]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', url: realm, headers, body: Buffer.from(form.toString()) };
  }
  const url = new URL(realm);
  for (const [key, value] of service) url.searchParams.append(key, value);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const header = basicHeader(credentials, onSecret);
  return { method: 'GET', url, headers: header === undefined ? {} : { authorization: header }, body: undefined };
}

function readToken(reply: HttpReply, name: RequestName): string {
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(reply.bytes).toString('utf8'));
  } catch {
    body = undefined; // a SyntaxError would quote the token
  }
  if (typeof body === 'object' && body !== null)
    for (const token of [
      'token' in body ? body.token : undefined,
      'access_token' in body ? body.access_token : undefined,
    ])
      if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token;
  throw contradiction('it answered without a token', { name, status: reply.status });
}

/** The header of a token. */
export function bearerHeader(token: string, onSecret: (secret: string) => void): string {
  onSecret(token);
  return `Bearer ${token}`;
}

/** The header of a name and a password; undefined for logins that have none. */
export function basicHeader(credentials: Credentials, onSecret: (secret: string) => void): string | undefined {
  if (credentials.kind !== 'basic') return undefined;
  const { username, password } = credentials;
  const pair = Buffer.from(`${username}:${password}`).toString('base64');
  for (const secret of [password, `${username}:${password}`, pair]) onSecret(secret);
  return `Basic ${pair}`;
}
