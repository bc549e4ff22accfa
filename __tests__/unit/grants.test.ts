import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/model/secret.ts';
import { type Found, type FoundSecret, planGrants } from '../../src/plan/grants.ts';
import type { Role } from '../../src/plan/rights.ts';
import { parse } from '../support/inputs.ts';

const place = { nonce: 'n', folder: '/private' };

function secret(id: string, value: string | Uint8Array | undefined): FoundSecret {
  const from = `secrets: ${id}`;
  if (value === undefined) return { id, from, value: { kind: 'missing', reason: 'it has no value' } };
  return { id, from, value: { kind: 'found', secret: new Secret(value) } };
}

function plan(given: Record<string, string>, found: Partial<Found> = {}, role: Role = 'main') {
  return planGrants(parse(given).build, { secrets: [], ssh: [], token: undefined, ...found }, { role, ...place });
}

describe('what a build is handed', () => {
  test('texts go by variables that only this run names, other bytes by private files', () => {
    const grants = plan(
      {},
      { secrets: [secret('a', 'one'), secret('b', Buffer.of(0, 1)), secret('c', Buffer.of(0xff))] },
    );
    expect(grants.secrets).toEqual([
      { kind: 'variable', id: 'a', variable: 'SLIPWAY_n_0' },
      { kind: 'file', id: 'b', path: '/private/secret-1' },
      { kind: 'file', id: 'c', path: '/private/secret-2' },
    ]);
    expect(grants.values.get('SLIPWAY_n_0')?.reveal()).toBe('one');
    expect(grants.values.get('/private/secret-1')?.bytes).toEqual(Buffer.of(0, 1));
    expect(JSON.stringify([grants, [...grants.values]])).not.toContain('one');
  });

  test('what is too long for a variable goes by a file', () => {
    expect(plan({}, { secrets: [secret('a', 'x'.repeat(120_000))] }).secrets[0]?.kind).toBe('file');
  });

  test.each<Role>(['main', 'release', 'branch', 'pull-request', 'test-only'])(
    '%s: what is missing is an error that names all',
    (role) => {
      const found = {
        secrets: [secret('a', undefined), secret('b', 'found'), secret('c', undefined)],
        ssh: [{ id: 'default', paths: [], missing: 'there is no SSH agent' }],
      };
      expect(() => plan({}, found, role)).toThrow(
        expect.objectContaining({
          code: 'invalid-input',
          message: expect.stringMatching(
            /secrets: a: it has no value\n.*secrets: c: it has no value\n.*ssh: default: there is no SSH/,
          ),
        }),
      );
    },
  );

  test('on untrusted runs what is missing is left out with a notice', () => {
    const found = {
      secrets: [secret('a', undefined), secret('b', 'found')],
      ssh: [
        { id: 'default', paths: [], missing: 'there is no SSH agent' },
        { id: 'k', paths: ['/k', '/l'], missing: undefined },
      ],
    };
    const grants = plan({}, found, 'untrusted');
    expect(grants.secrets.map(({ id }) => id)).toEqual(['b']);
    expect(grants.ssh).toEqual(['k=/k,/l']);
    expect(grants.notices).toEqual([expect.stringContaining('secrets: a'), expect.stringContaining('ssh: default')]);
  });

  test.each<[string, Record<string, string>, string[], string | undefined]>([
    ['nothing', {}, [], undefined],
    ['allow', { allow: 'security.insecure' }, ['security.insecure'], undefined],
    ['the host’s network, which is an entitlement', { network: 'host' }, ['network.host'], 'host'],
    ['both at once', { network: 'host', allow: 'network.host' }, ['network.host'], 'host'],
    ['no network, which is none', { network: 'none' }, [], 'none'],
  ])('entitlements: %s', (_, given, allow, network) => {
    expect(plan(given)).toMatchObject({ allow, network, notices: [] });
    const untrusted = plan(given, {}, 'untrusted');
    expect(untrusted).toMatchObject({ allow: [], network: network === 'host' ? undefined : network });
    expect(untrusted.notices).toHaveLength(allow.length > 0 ? 1 : 0);
  });

  test.each<[string, Record<string, string>, string]>([
    ['a build argument', { 'build-args': 'TOKEN=hunter2-hunter2' }, 'build-args: TOKEN holds the value of secrets: a'],
    ['a part of a label', { labels: 'l=https://x:hunter2-hunter2@y' }, 'labels: l holds the value of secrets: a'],
    ['an annotation', { annotations: 'n=hunter2-hunter2' }, 'annotations: n holds the value of secrets: a'],
  ])('a secret in %s is an error that does not show it', (_, given, message) => {
    const found = { secrets: [secret('a', 'hunter2-hunter2\n')] };
    for (const role of ['main', 'untrusted'] as const) {
      const run = (): unknown => plan(given, found, role);
      expect(run).toThrow(message);
      expect(run).not.toThrow('hunter2');
    }
  });

  test('so is the token of GitHub’s API', () => {
    const token = new Secret('ghs_0123456789');
    expect(() => plan({ 'build-args': 'T=ghs_0123456789' }, { token })).toThrow('holds the value of github-token');
  });

  test('a short secret is not looked for', () => {
    expect(() => plan({ 'build-args': 'A=true' }, { secrets: [secret('a', 'true')] })).not.toThrow();
  });
});
