import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BytecodePlan } from '../../src/model/bytecode.ts';
import { type Platform, parsePlatform } from '../../src/model/platform.ts';
import type { BuildContext } from '../../src/tools/checkout/build-context.ts';
import { bakeCompiled } from '../../src/tools/image/compiled.ts';
import { plainRequest } from '../support/build-request.ts';

const empty = {
  format: 1,
  interpreters: [],
  roots: [],
  pycachePrefix: null,
  compiled: 1,
  bytes: 1,
  unchanged: 0,
  skipped: [],
  failed: [],
  removed: [],
  useless: [],
};
const broken = { ...empty, failed: [{ path: '/app/x.py', own: true, message: 'SyntaxError: no', line: 3 }] };
const [amd64, arm] = [parsePlatform('linux/amd64'), parsePlatform('linux/arm/v7')];
const dockerfile = 'FROM python:3.11-slim\n';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-compiled-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Compiles for these platforms, by a builder that leaves these reports as BuildKit does. */
async function compile(
  platforms: readonly Platform[],
  reports: Readonly<Record<string, object>>,
  mode: BytecodePlan['mode'] = 'require',
) {
  const said: string[] = [];
  const plan = { mode, invalidation: 'unchecked-hash', paths: [], exclude: [], places: [] } as const;
  const solved: boolean[] = [];
  const made = await bakeCompiled(plainRequest({ platforms, bytecode: { ...plan, reportFolder: folder } }), {
    solve: async ({ bytecode }) => {
      solved.push(bytecode !== undefined);
      for (const [at, report] of Object.entries(reports)) {
        mkdirSync(join(folder, at), { recursive: true });
        writeFileSync(join(folder, at, 'report.json'), JSON.stringify(report));
      }
      return {} as never;
    },
    context: { file: 'Dockerfile', dockerfile } as BuildContext,
    tell: (notice) => void said.push(notice),
    quiet: async () => false,
    findTouched: () => undefined,
  });
  return { said, solved, bytecode: made.bytecode.map(({ platform, compiled }) => ({ platform, compiled })) };
}

describe('what the compile step says', () => {
  test.each<[string, readonly Platform[], Readonly<Record<string, object>>, readonly object[]]>([
    ['where no platform is asked for', [], { '.': empty }, [{ platform: undefined, compiled: 1 }]],
    ['of one platform', [arm], { '.': empty }, [{ platform: arm, compiled: 1 }]],
    [
      'of each of several, in their order',
      [arm, amd64],
      { linux_amd64: empty, linux_arm_v7: { ...empty, compiled: 2 } },
      [
        { platform: arm, compiled: 2 },
        { platform: amd64, compiled: 1 },
      ],
    ],
  ])('is read %s', async (_, platforms, reports, expected) => {
    expect(await compile(platforms, reports)).toEqual({ said: [], solved: [true], bytecode: expected });
  });

  test('of any platform refuses them all under `require`, by its name, and is told under `on`', async () => {
    const reports = { linux_amd64: empty, linux_arm_v7: broken };
    await expect(compile([amd64, arm], reports)).rejects.toMatchObject({
      code: 'bytecode-failed',
      message: expect.stringMatching(/^linux\/arm\/v7: 1 of your own do not compile: \/app\/x\.py:3/),
    });
    const { said, bytecode } = await compile([amd64, arm], reports, 'on');
    expect(said).toEqual([expect.stringMatching(/^linux\/arm\/v7: 1 of your own/)]);
    expect(bytecode).toHaveLength(2);
  });

  test('for fewer platforms than were asked for leaves them all without', async () => {
    const reports = { linux_amd64: empty };
    await expect(compile([amd64, arm], reports)).rejects.toMatchObject({ code: 'bytecode-failed' });
    const { said, solved, bytecode } = await compile([amd64, arm], reports, 'on');
    expect(said).toEqual([expect.stringMatching(/^the image ships without bytecode: .*linux_arm_v7/)]);
    expect(solved).toEqual([true, false]);
    expect(bytecode).toEqual([]);
  });
});
