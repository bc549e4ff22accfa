import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stampBuildx } from '../../src/tools/buildx/stamp.ts';

let config: string;
beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'slipway-stamp-'));
  mkdirSync(join(config, 'cli-plugins'));
  writeFileSync(join(config, 'config.json'), '{}');
  writeFileSync(join(config, 'plugin'), '');
});
afterEach(() => rmSync(config, { recursive: true }));

const stamp = (): string => stampBuildx({ path: join(config, 'plugin'), env: { DOCKER_CONFIG: config } });

describe('the stamp of docker’s configuration', () => {
  test('stays where buildx runs for the first time and makes its folders', () => {
    const before = stamp();
    for (const name of ['instances', 'defaults', 'activity', 'refs'])
      mkdirSync(join(config, 'buildx', name), { recursive: true });
    writeFileSync(join(config, 'buildx', '.lock'), '');
    writeFileSync(join(config, '.token_seed'), 'x');
    expect(stamp()).toBe(before);
  });

  test('is about the builders that buildx reads, where those are kept elsewhere', () => {
    const elsewhere = join(config, 'elsewhere');
    for (const folder of ['buildx', 'elsewhere']) mkdirSync(join(config, folder));
    const read = (): string =>
      stampBuildx({ path: join(config, 'plugin'), env: { DOCKER_CONFIG: config, BUILDX_CONFIG: elsewhere } });
    const before = read();
    writeFileSync(join(config, 'buildx', 'current'), '{}');
    expect(read()).toBe(before);
    writeFileSync(join(elsewhere, 'current'), '{}');
    expect(read()).not.toBe(before);
  });

  test('is about the one builder that has the run’s name, whoever makes or chooses others', () => {
    const instances = join(config, 'buildx', 'instances');
    mkdirSync(instances, { recursive: true });
    writeFileSync(join(instances, 'mine'), '{}');
    const env = { DOCKER_CONFIG: config, BUILDX_BUILDER: 'Mine' };
    const read = (): string => stampBuildx({ path: join(config, 'plugin'), env });
    const before = read();
    writeFileSync(join(instances, 'other'), '{}');
    writeFileSync(join(config, 'buildx', 'current'), '{}');
    expect(read()).toBe(before);
    writeFileSync(join(instances, 'mine'), '{}');
    expect(read()).not.toBe(before);
  });

  test.each<[string, () => void]>([
    ['another configuration', () => writeFileSync(join(config, 'config.json'), '{}')],
    ['another program', () => writeFileSync(join(config, 'plugin'), '')],
    ['a further plugin', () => writeFileSync(join(config, 'cli-plugins', 'docker-buildx'), '')],
    ['a link to a further plugin', () => symlinkSync('/nowhere', join(config, 'cli-plugins', 'docker-buildx'))],
    [
      'a builder',
      () => {
        mkdirSync(join(config, 'buildx', 'instances'), { recursive: true });
        writeFileSync(join(config, 'buildx', 'instances', 'mine'), '{}');
      },
    ],
    [
      'the builder in use',
      () => {
        mkdirSync(join(config, 'buildx'));
        writeFileSync(join(config, 'buildx', 'current'), '{}');
      },
    ],
    [
      'a context',
      () => {
        mkdirSync(join(config, 'contexts', 'meta', 'x'), { recursive: true });
        writeFileSync(join(config, 'contexts', 'meta', 'x', 'meta.json'), '{}');
      },
    ],
    ['no configuration', () => rmSync(join(config, 'config.json'))],
  ])('is another with %s', (_, change) => {
    const before = stamp();
    change();
    expect(stamp()).not.toBe(before);
  });
});
