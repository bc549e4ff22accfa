import { describe, expect, test } from '@jest/globals';
import { parseChallenges, planScopes } from '../../src/model/challenge.ts';

const bearer = { kind: 'bearer', realm: 'https://a/token', service: undefined, scope: undefined, error: undefined };

describe('parseChallenges', () => {
  test.each<[string, string, unknown]>([
    ['nothing', '', []],
    ['Basic alone', 'Basic', [{ kind: 'basic' }]],
    ['Basic with a realm, whatever its case', 'BASIC Realm="x"', [{ kind: 'basic' }]],
    [
      'GHCR',
      'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull"',
      [{ ...bearer, realm: 'https://ghcr.io/token', service: 'ghcr.io', scope: 'repository:user/image:pull' }],
    ],
    [
      'a comma and a quote inside quotes',
      'Bearer realm="https://a/token",service="a, \\"b\\" \\\\c"',
      [{ ...bearer, service: 'a, "b" \\c' }],
    ],
    [
      'spaces round the sign',
      'Bearer realm = "https://a/token" , error = invalid_token',
      [{ ...bearer, error: 'invalid_token' }],
    ],
    ['a realm without quotes', 'Bearer realm=https://a/token', [bearer]],
    ['several challenges', 'Basic realm="a", Bearer realm="https://a/token"', [{ kind: 'basic' }, bearer]],
    [
      'others, with and without a token',
      'Negotiate, NTLM a/b==, Bearer realm="https://a/token"',
      [{ kind: 'other', scheme: 'negotiate' }, { kind: 'other', scheme: 'ntlm' }, bearer],
    ],
    [
      'scheme-like words inside quotes',
      'Bearer realm="https://a/token",service="Basic realm=x"',
      [{ ...bearer, service: 'Basic realm=x' }],
    ],
    ['empty members', ',, Bearer realm="https://a/token",,', [bearer]],
    ['an empty value', 'Bearer realm="https://a/token",scope=""', [{ ...bearer, scope: '' }]],
  ])('%s', (_, header, challenges) => expect(parseChallenges(header)).toEqual(challenges));

  test.each([
    ['an open quote', 'Bearer realm="https://a'],
    ['a parameter before any scheme', 'realm="https://a"'],
    ['no realm', 'Bearer service="a"'],
    ['rubbish', 'Bearer realm="a"; "b"'],
  ])('%s is an error', (_, header) => expect(() => parseChallenges(header)).toThrow(/WWW-Authenticate/));

  test('a long hostile header takes no time', () => {
    const began = performance.now();
    expect(() => parseChallenges(`Bearer realm="${'\\"'.repeat(100_000)}`)).toThrow();
    expect(() => parseChallenges(`${'a '.repeat(100_000)}"`)).toThrow();
    // half a second on a calm machine; a minute where the time grows with the square of the length
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('planScopes', () => {
  test.each([
    [undefined, ['repository:acme/app:pull,push']],
    ['', ['repository:acme/app:pull,push']],
    ['repository:acme/app:pull', ['repository:acme/app:pull,push']],
    ['repository:app:pull repository:acme/app:pull', ['repository:acme/app:pull,push', 'repository:app:pull']],
    ['repository:acme/app2:pull', ['repository:acme/app:pull,push', 'repository:acme/app2:pull']],
  ])('offered %s', (offered, scopes) => expect(planScopes('acme/app', 'pull,push', offered)).toEqual(scopes));
});
