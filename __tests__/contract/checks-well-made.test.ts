import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import { assess } from '../../src/audit/assess.ts';
import type { Assessment } from '../../src/audit/assessment.ts';
import { audit } from '../../src/audit/audit.ts';
import { readDockerfile } from '../../src/tools/audit/read-dockerfile-facts.ts';
import { readImageFacts } from '../../src/tools/audit/read-image-facts.ts';
import { runProbes } from '../../src/tools/probes/run-probes.ts';
import { bench, engine, env, never } from './engine-bench.ts';

await ensureTestbed({ log: (line) => process.stderr.write(`${line}\n`), want: ['python', 'python-3.13'] });

const names: string[] = [];

function docker(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout;
}

afterAll(() => {
  if (names.length > 0) docker('image', 'rm', '--force', ...names);
});

/** Builds a project on the bench's bases, runs it and asks all rules of what that shows. */
async function checkBuilt(folder: string): Promise<Assessment> {
  const name = `slipway.invalid/well-made:${bench.env['SLIPWAY_NONCE'] ?? process.pid}-${names.length}`;
  docker('buildx', 'build', '--quiet', '--load', '--provenance=false', '--tag', name, folder);
  names.push(name);
  const dockerfile = readDockerfile(join(process.cwd(), folder, 'Dockerfile'), undefined);
  const read = await readImageFacts({ kind: 'engine', engine, image: name, platform: undefined }, dockerfile, never);
  const work = { image: name, config: read.config, command: undefined, env: {}, cancel: never };
  const facts = { ...read, probes: await runProbes({ engine, nonce: randomUUID() }, work) };
  return assess(audit(facts), { facts, ignores: [], warnings: undefined });
}

/** What is open, hints left out: nobody is asked to act on them. */
function told({ results }: Assessment): readonly string[] {
  return results
    .filter(({ state, check }) => state === 'open' && check.severity !== 'info')
    .map(({ check, spots }) => `${check.severity} ${check.id}: ${spots.map(({ detail }) => detail).join('; ')}`);
}

describe('a well-made image, built', () => {
  /** What is found all the same, each looked at: official images of Python come without the standard library's bytecode. */
  const library = [expect.stringMatching(/^low pyc-stdlib-uncompiled: /)];

  test.each([
    ['plain-script', library],
    ['cron-job', library],
    ['web-busybox', []],
    ['distroless-like', library],
  ])(
    '%s has no finding that its maintainer would dispute',
    async (name, remaining) => {
      expect(told(await checkBuilt(join('__tests__/fixtures/checks', name)))).toEqual(remaining);
    },
    300_000,
  );
});

test('the example project is at full score', async () => {
  const { results } = await checkBuilt('examples/python-app');
  const left = results.filter(
    ({ state, check }) => (state === 'open' || state === 'unknown') && check.severity !== 'info',
  );
  expect(left.map(({ check, because, spots }) => [check.id, because, spots.map(({ detail }) => detail)])).toEqual([]);
}, 300_000);
