import { describe, expect, test } from '@jest/globals';
import { parsePlatform } from '../../src/model/platform.ts';
import { isOlder, type Machine, planBuildxNeeds, requireMachine } from '../../src/plan/machine.ts';

type Build = Parameters<typeof requireMachine>[1];
type Request = Parameters<typeof requireMachine>[2];

const plain: Build = { addHosts: new Map(), allow: [], network: undefined };
const both = ['linux/amd64', 'linux/arm64'].map(parsePlatform);
const one: Request = { platforms: [], attestations: [], delivery: 'by-engine' };
const newest: Machine = { store: 'containerd', engineVersion: '28.5.2+dfsg4', buildxVersion: '0.29.1+ds1' };

describe('versions', () => {
  test.each<[string, string, boolean]>([
    ['26.1.5+dfsg1', '26.1', false],
    ['26.1.0', '26.1', false],
    ['26.0.9', '26.1', true],
    ['20.10.24+dfsg1', '20.0', false],
    ['9.99.99', '26.1', true],
    ['28', '26.1', false],
    ['100.0.0', '26.1', false],
    ['v0.13.1', '0.13', false],
    ['0.12.1-desktop.4', '0.13', true],
    ['0.9.1', '0.13', true],
    ['0.30.0-rc1', '0.25', false],
    ['0.0.0+unknown', '0.13', false],
    ['', '0.13', false],
    ['library-import', '26.1', false],
  ])('%j is older than %s: %s', (found, needed, older) => {
    expect(isOlder(found, needed)).toBe(older);
  });
});

describe('a machine', () => {
  test('that is new is good for everything', () => {
    const build: Build = { addHosts: new Map([['db', '10.1.2.3']]), allow: ['network.host'], network: 'host' };
    const request = { ...one, platforms: both, attestations: ['type=sbom'] };
    expect(() => requireMachine(newest, build, request)).not.toThrow();
  });

  test.each<[string, Partial<Machine>, Partial<Build>, Partial<Request>, string]>([
    ['an old engine', { engineVersion: '19.03.15' }, {}, {}, '19.03.15, and Slipway needs 20.10'],
    ['hosts', { buildxVersion: '0.24.0' }, { addHosts: new Map([['db', '10.1.2.3']]) }, {}, '`add-hosts` needs 0.25'],
    ['a network', { buildxVersion: '0.16.2' }, { network: 'none' }, {}, '`network` needs 0.17'],
    ['platforms', { store: 'classic' }, {}, { platforms: both }, 'classic image store'],
    [
      'platforms on an older engine',
      { engineVersion: '27.5.1' },
      {},
      { platforms: both },
      '`platforms` need 28.0 or newer',
    ],
    ['attestations', { store: 'classic' }, {}, { attestations: ['type=sbom'] }, 'classic image store'],
  ])('%s', (_, machine, build, request, message) => {
    expect(() => requireMachine({ ...newest, ...machine }, { ...plain, ...build }, { ...one, ...request })).toThrow(
      message,
    );
  });

  test('with the classic image store is good for an index that its builder keeps', () => {
    const request: Request = { ...one, platforms: both, annotations: ['a=b'], delivery: 'by-builder' };
    expect(() => requireMachine({ ...newest, store: 'classic' }, plain, request)).not.toThrow();
  });

  test('is good for what it was not asked about, and buildx is asked only where an input needs it', () => {
    expect(() => requireMachine({ ...newest, store: 'classic', buildxVersion: undefined }, plain, one)).not.toThrow();
    expect(planBuildxNeeds(plain)).toBeUndefined();
    expect(planBuildxNeeds({ ...plain, network: 'none' })).toEqual([{ input: 'network', since: '0.17' }]);
  });
});
