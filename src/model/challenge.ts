/** One way in that a registry offers in WWW-Authenticate (RFC 9110, 11.6.1; distribution's token specification). */
export type Challenge =
  | {
      readonly kind: 'bearer';
      /** Where tokens are given out. */
      readonly realm: string;
      readonly service: string | undefined;
      readonly scope: string | undefined;
      /** `insufficient_scope`: the token was good, its rights were not (RFC 6750, 3.1). */
      readonly error: string | undefined;
    }
  | { readonly kind: 'basic' }
  | { readonly kind: 'other'; readonly scheme: string };

interface Offer {
  readonly scheme: string;
  readonly parameters: Map<string, string>;
}

// Sticky, so that whatever is none of the three is an error and not skipped.
const parameter = /[\s,]*([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))(?=[\s,]|$)/y;
const scheme = /[\s,]*([!#$%&'*+.^_`|~\w-]+)(?=[\s,]|$)/y;
const token68 = /[ \t]+[\w.~+/-]+=*(?=\s*(?:,|$))/y;

/** Reads a WWW-Authenticate header, several challenges included.
 * @throws Error naming the place where it is none, or a Bearer challenge without realm. */
export function parseChallenges(header: string): readonly Challenge[] {
  const offers: Offer[] = [];
  const text = header.replace(/[\s,]+$/, '');
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  while (at < text.length) {
    const offer = offers.at(-1);
    const pair = offer === undefined ? null : take(parameter);
    if (offer !== undefined && pair !== null) {
      const [, name = '', quoted, plain = ''] = pair;
      offer.parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain);
      continue;
    }
    const named = take(scheme)?.[1];
    if (named === undefined) throw new Error(`WWW-Authenticate is unreadable from character ${at}`);
    offers.push({ scheme: named.toLowerCase(), parameters: new Map() });
    take(token68);
  }
  return offers.map(readChallenge);
}

function readChallenge({ scheme, parameters }: Offer): Challenge {
  if (scheme === 'basic') return { kind: 'basic' };
  if (scheme !== 'bearer') return { kind: 'other', scheme };
  const realm = parameters.get('realm');
  if (realm === undefined) throw new Error('WWW-Authenticate: Bearer without a realm');
  const [service, scope, error] = ['service', 'scope', 'error'].map((name) => parameters.get(name));
  return { kind: 'bearer', realm, service, scope, error };
}

/** What is to be done in a repository. */
export type Access = 'pull' | 'pull,push';

/** The scopes to ask a token for: ours, and what the registry itself names for another resource, which is how one behind a
 * proxy calls the same repository. */
export function planScopes(path: string, access: Access, offered: string | undefined): readonly string[] {
  const ours = `repository:${path}`;
  const others = (offered ?? '').split(' ').filter((scope) => scope !== '' && !scope.startsWith(`${ours}:`));
  return [`${ours}:${access}`, ...others];
}
