import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseBuilder } from '../../src/model/builder.ts';
import { findPlatform, parsePlatform, runsNatively } from '../../src/model/platform.ts';
import { planBuilder } from '../../src/plan/builder.ts';
import {
  listBuilt,
  listSilent,
  planPlatformNotices,
  planPlatforms,
  planUsualPlatform,
  requirePlatforms,
} from '../../src/plan/platforms.ts';
import { findBuilder, inspectBuilder, lookAgain } from '../../src/tools/buildx/find-builder.ts';
import { parse } from '../support/inputs.ts';

const [amd64, arm64, armv7] = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'].map(parsePlatform) as [
  never,
  never,
  never,
];

describe('a platform', () => {
  test.each([
    ['linux/amd64', 'linux/amd64'],
    [' Linux/AMD64 ', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v9', 'linux/arm64/v9'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/armv7l', 'linux/arm/v7'],
    ['linux/i386', 'linux/386'],
    ['linux/riscv64', 'linux/riscv64'],
  ])('%j is %s', (text, platform) => {
    expect(parsePlatform(text)).toBe(platform);
  });

  test.each([
    'amd64',
    'linux',
    'linux/',
    'windows/amd64',
    'local',
    'linux/amd64/v1/x',
    'linux/a b',
    'linux/amd64,linux',
  ])('is not %j', (text) => {
    expect(() => parsePlatform(text)).toThrow('a platform is needed');
    expect(findPlatform(text)).toBeUndefined();
  });

  test('is the same one when it is read again', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^linux\/[a-z0-9_-]{1,8}(\/v?[0-9]{1,2})?$/), (text) => {
        const once = parsePlatform(text);
        expect(parsePlatform(once)).toBe(once);
      }),
    );
  });

  test('runs without emulation on its own kind', () => {
    expect(runsNatively(amd64, amd64)).toBe(true);
    expect(runsNatively(parsePlatform('linux/386'), amd64)).toBe(true);
    expect(runsNatively(arm64, amd64)).toBe(false);
    expect(runsNatively(amd64, arm64)).toBe(false);
  });
});

describe('the input `platforms`', () => {
  test.each([
    ['', []],
    ['linux/amd64, linux/arm64', [amd64, arm64]],
    ['linux/amd64\nlinux/arm/v7', [amd64, armv7]],
    ['linux/arm64/v8,linux/arm64', [arm64]],
  ])('%j', (text, platforms) => {
    expect(parse({ platforms: text }).build.platforms).toEqual(platforms);
  });

  test('is refused as a whole where one is none', () => {
    expect(() => parse({ platforms: 'linux/amd64,win' })).toThrow('platforms: "win": a platform is needed');
  });
});

describe('what is built for', () => {
  test('is not said where it is what this machine builds for anyway', () => {
    const own = { kind: 'engine' } as const;
    expect(planPlatforms([], own, amd64)).toEqual([]);
    expect(planPlatforms([amd64], own, amd64)).toEqual([]);
    expect(planPlatforms([amd64], { kind: 'apart' }, amd64)).toEqual([amd64]);
    expect(planPlatforms([arm64], own, amd64)).toEqual([arm64]);
    expect(planPlatforms([amd64, arm64], own, amd64)).toEqual([amd64, arm64]);
  });

  test.each([
    ['of the engine’s own builder', 'docker', 'linux/arm64', 'linux/amd64', 'linux/amd64'],
    ['of one in the engine', 'docker-container', 'linux/arm64', 'linux/amd64', 'linux/amd64'],
    ['of another machine', 'remote', 'linux/arm64, linux/amd64', 'linux/amd64', 'linux/arm64'],
    ['of one that does not say', 'kubernetes', '', 'linux/amd64', 'linux/amd64'],
    ['of one that does not say, without an engine', 'kubernetes', '', undefined, 'unknown'],
  ])('where nothing is asked for is that %s', (_, driver, platforms, engine, usual) => {
    const said = platforms === '' ? '' : `Platforms: ${platforms}\n`;
    const text = `Name:   b\nDriver: ${driver}\n\nNodes:\nName:     b0\nEndpoint: default\n${said}`;
    expect(planUsualPlatform(planBuilder(parseBuilder(text), 'default'), engine)).toBe(usual);
  });

  test('is told of where it is emulated', () => {
    const tell = (
      platforms: Parameters<typeof planPlatformNotices>[0],
      here: 'all' | 'tests of the image' | 'nothing',
    ) => planPlatformNotices(platforms, { machine: amd64, here });
    const emulated = 'under emulation, as this machine is linux/amd64; that is slower';
    expect(tell([amd64], 'all')).toEqual([]);
    expect(tell([amd64, arm64, armv7], 'all')).toEqual([`linux/arm64, linux/arm/v7: built and tested ${emulated}`]);
    expect(tell([amd64, arm64], 'tests of the image')).toEqual([`linux/arm64: run by tests of the image ${emulated}`]);
    expect(tell([amd64, arm64], 'nothing')).toEqual([]);
  });
});

test('what has to run here is what was asked for, else what the builder names first', () => {
  const nodes = [{ platforms: [arm64, amd64] }, { platforms: [armv7] }];
  const remote = { kind: 'apart', name: 'b', driver: 'remote', nodes } as unknown as Parameters<typeof listBuilt>[1];
  expect(listBuilt([], remote)).toEqual([arm64]);
  expect(listBuilt([amd64, armv7], remote)).toEqual([amd64, armv7]);
  expect(listBuilt([], { kind: 'engine' })).toEqual([]);
});

describe('a builder', () => {
  const node = (name: string, platforms: string, endpoint = 'unix:///x'): string =>
    `Name:      ${name}\nEndpoint:  ${endpoint}\nStatus:    running\n${platforms === '' ? '' : `Platforms: ${platforms}\n`}`;
  const builder = (...platforms: readonly string[]) =>
    parseBuilder(`Name:   b\nDriver: remote\n\nNodes:\n${platforms.map((one, at) => node(`b${at}`, one)).join('\n')}`);

  test('says what it can run, with a star at what it was made for', () => {
    expect(builder('linux/arm64*, linux/amd64, linux/amd64/v2, windows/amd64').nodes[0]?.platforms).toEqual([
      arm64,
      amd64,
      'linux/amd64/v2',
    ]);
  });

  test.each<[string, ReturnType<typeof builder>]>([
    ['by itself', builder('linux/amd64, linux/arm64')],
    ['by two pods of one deployment', builder('linux/amd64, linux/arm64', 'linux/amd64, linux/arm64')],
    ['for all it says', builder('')],
  ])('is good for both %s', (_, one) => {
    expect(() => requirePlatforms(one, [amd64, arm64])).not.toThrow();
  });

  test('is asked why it does not answer for nodes that are needed alone', () => {
    const silent = (name: string, platforms: string): string => node(name, platforms).replace('running', 'inactive');
    const read = (...nodes: readonly string[]) =>
      parseBuilder(`Name: b\nDriver: remote\n\nNodes:\n${nodes.join('\n')}`).nodes;
    const ask = (nodes: ReturnType<typeof read>, ...asked: Parameters<typeof listSilent>[1]) =>
      listSilent(nodes, asked).map(({ name }) => name);
    const one = read(
      node('b0', 'linux/amd64*, linux/arm64'),
      silent('b1', 'linux/arm64*'),
      silent('b2', 'linux/riscv64*'),
    );
    expect(ask(one, amd64)).toEqual([]);
    expect(ask(one, amd64, arm64)).toEqual(['b1']);
    expect(ask(one)).toEqual([]);
    expect(ask(read(silent('b0', ''), node('b1', 'linux/amd64')))).toEqual(['b0']); // buildx waits for the first
    const none = read(silent('b0', ''), silent('b1', 'linux/arm64*'));
    expect(ask(none)).toEqual(['b0']);
    expect(ask(none, amd64)).toEqual(['b0']);
  });

  test('that cannot run one yet is asked once more, and no other is', async () => {
    const [first, later] = [builder('linux/amd64'), builder('linux/amd64, linux/arm64')];
    const again = { inspect: () => Promise.resolve(later), pause: 1, cancel: new AbortController().signal };
    expect(await lookAgain(first, [amd64, arm64], again)).toBe(later);
    expect(await lookAgain(first, [amd64], again)).toBe(first);
    const cancel = AbortSignal.abort();
    await expect(lookAgain(first, [arm64], { ...again, pause: 60_000, cancel })).rejects.toThrow(/abort/);
  });

  test('that sleeps is booted for what else it can run than it was made for, and for its version', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-asleep-'));
    const path = join(folder, 'plugin');
    const head = 'Name:   b\nDriver: docker-container\n\nNodes:\nName:     b0\nEndpoint: default\n';
    const asleep = `${head}Status:   inactive\nPlatforms: linux/amd64*\n`;
    const awake = `${head}Status:   running\nBuildKit version: v0.30.0\nPlatforms: linux/amd64*, linux/arm64\n`;
    writeFileSync(path, `#!/bin/sh\n[ "$2" = --bootstrap ] && echo '${awake}' || echo '${asleep}'\n`);
    chmodSync(path, 0o755);
    const buildx = { path, env: { PATH: process.env['PATH'] ?? '', DOCKER_CONFIG: folder }, logins: [] };
    const asked = { name: undefined, platforms: [amd64, arm64], folder: join(folder, 'run') };
    const never = new AbortController().signal;
    const seen = inspectBuilder(buildx, asked, never);
    const found = await findBuilder(buildx, { ...asked, seen }, never);
    expect(found).toMatchObject({ kind: 'apart', nodes: [{ version: 'v0.30.0' }] });
    rmSync(folder, { recursive: true });
  });

  test('that cannot run one is refused with what it can run and the way out', () => {
    expect(() => requirePlatforms(builder('linux/amd64, linux/386'), [amd64, arm64, armv7])).toThrow(
      expect.objectContaining({
        code: 'builder-missing',
        message: 'the builder "b" cannot run programs for linux/arm64, linux/arm/v7; it can for linux/amd64, linux/386',
        hint: expect.stringContaining('docker/setup-qemu-action with `platforms: arm64,arm`'),
      }),
    );
  });
});
