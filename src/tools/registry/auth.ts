import { formatThrown } from '../../errors.ts';
import { type Access, type Challenge, parseChallenges } from '../../model/challenge.ts';
import type { HttpReply } from '../http/http.ts';
import type { Credentials } from './credentials.ts';
import { invalidReply, type RequestName } from './exchange.ts';
import { type Bearer, basicHeader, bearerHeader, fetchToken, type LoginParts, type TokenLimits } from './token.ts';

/** Proves to one registry who asks for one repository. */
export interface Authorizer {
  /** The Authorization header to send of its own accord; undefined until the registry has asked for one. */
  current(access: Access, limits: TokenLimits): Promise<string | undefined>;
  /** A new header after a 401; undefined where there is nothing to offer. */
  renew(access: Access, refused: Refused, limits: TokenLimits): Promise<string | undefined>;
  hasLogin(): Promise<boolean>;
}

/** A request that the registry answered with 401. */
export interface Refused {
  readonly reply: HttpReply;
  /** The Authorization header that was refused. */
  readonly sent: string | undefined;
  readonly name: RequestName;
}

/** Makes an authorizer; tokens are kept for each access, and a renewal is shared by all who wait for it. */
export function createAuthorizer(parts: LoginParts): Authorizer {
  let login: Promise<Credentials> | undefined;
  let way: Challenge | undefined;
  const tokens = new Map<Access, Promise<string>>();
  const readLogin = (): Promise<Credentials> => {
    login ??= parts.credentials();
    return login;
  };
  const obtain = (bearer: Bearer, access: Access, limits: TokenLimits): Promise<string> => {
    const asked = readLogin().then((credentials) => fetchToken(parts, { bearer, access, credentials, limits }));
    tokens.set(access, asked);
    asked.catch(() => {
      if (tokens.get(access) === asked) tokens.delete(access); // the next call asks anew
    });
    return asked;
  };
  return {
    hasLogin: async () => (await readLogin()).kind !== 'none',
    current: async (access, limits) => {
      if (way?.kind === 'basic') return basicHeader(await readLogin(), parts.onSecret);
      if (way?.kind !== 'bearer') return undefined;
      return tokens.get(access) ?? obtain(way, access, limits);
    },
    renew: async (access, { reply, sent, name }, limits) => {
      way = chooseWay(reply, name) ?? way; // a proxy's own 401 names no way
      const credentials = await readLogin();
      if (credentials.kind === 'registry-token') return bearerHeader(credentials.token, parts.onSecret);
      if (way?.kind === 'basic') return basicHeader(credentials, parts.onSecret);
      if (way?.kind !== 'bearer') return undefined;
      const known = tokens.get(access);
      const held = await known;
      if (held !== undefined && held !== sent) return held;
      const newer = tokens.get(access);
      return newer === undefined || newer === known ? obtain(way, access, limits) : newer;
    },
  };
}

function chooseWay(reply: HttpReply, name: RequestName): Challenge | undefined {
  const header = reply.headers.get('www-authenticate');
  if (header === undefined) return undefined;
  try {
    const offers = parseChallenges(header);
    return offers.find(({ kind }) => kind === 'bearer') ?? offers.find(({ kind }) => kind === 'basic');
  } catch (error) {
    throw invalidReply(formatThrown(error), name, reply.status);
  }
}
