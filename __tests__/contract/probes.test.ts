import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import type { Answer } from '../../src/audit/finding.ts';
import type { ImageFacts } from '../../src/audit/image-facts.ts';
import type { ProbeFacts } from '../../src/audit/probe-facts.ts';
import { rules } from '../../src/audit/rules.ts';
import { callEngine } from '../../src/tools/engine/call.ts';
import { buildImages, type Given, probeImage, removeImages } from '../support/probed-images.ts';
import { bases, files, images } from '../support/probed-projects.ts';
import { countContainers, engine, env, never, sweep } from './engine-bench.ts';

await ensureTestbed({ log: (line) => process.stderr.write(`${line}\n`), want: ['python'] });

type Probed = ImageFacts & { readonly probes: ProbeFacts };
const starts: readonly (readonly [name: string, image: keyof typeof images, given?: Given])[] = [
  ['good', 'good'],
  ['careless', 'careless'],
  ['broken', 'broken'],
  ['nothing', 'nothing'],
  ['writes', 'writes'],
  ['needs rights', 'rights'],
  ['wants settings', 'settings'],
  ['has settings', 'settings', { env: { DATABASE_URL: 'sqlite:////canary' } }],
  ['other command', 'settings', { command: ['python', '-V'] }],
  ['liar', 'liar'],
  ['worn', 'worn'],
  ['deaf', 'deaf'],
  ['stranger', 'stranger'],
];
const nonces = new Map(starts.map(([name]) => [name, randomBytes(16).toString('hex')]));
const facts = new Map<string, Probed>();
let tags: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  tags = buildImages(files, bases, images);
  const waiting = [...starts];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, image, given = {}] = next;
      facts.set(name, await probeImage(tags[image] ?? '', { nonce: nonces.get(name) ?? '', ...given }));
    }
  };
  await Promise.all([work(), work()]);
}, 1_200_000);

afterAll(() => {
  removeImages(tags);
  sweep();
});

function ask(name: string, id: string): Answer {
  const rule = rules.find((one) => one.id === id);
  const image = facts.get(name);
  if (rule === undefined || image === undefined) throw new Error(`${name}, ${id}`);
  return rule.judge(image);
}

/** How many containers there are of an image. */
async function countOf(image: string): Promise<number> {
  const query = { all: '1', filters: JSON.stringify({ ancestor: [image] }) };
  const call = { method: 'GET', path: ['containers', 'json'], query, headers: {}, cancel: never } as const;
  const { body } = await callEngine(engine, call);
  return Array.isArray(body) ? body.length : -1;
}

/** What a rule saw, as one text. */
function seen(answer: Answer): string {
  if (answer.kind === 'found') return answer.sightings.map(({ detail }) => detail).join('; ');
  return answer.kind === 'pass' ? 'pass' : `${answer.kind}: ${answer.because}`;
}

describe('a rule of what running the image showed', () => {
  test.each<[id: string, bad: string, detail: RegExp, good?: string]>([
    ['entrypoint-resolves', 'nothing', /"serve": executable file not found in \$PATH/],
    ['starts-and-stays-up', 'broken', /exit status 1 \(ModuleNotFoundError: No module named 'nowhere'\)/],
    ['import-smoke', 'broken', /^import broken: No module named 'nowhere'$/],
    ['binds-loopback-only', 'careless', /^port 8000 is bound to 127\.0\.0\.1$/],
    ['expose-matches-listen', 'careless', /^9000 is exposed, and nothing listens there$/],
    ['sigterm-ignored', 'careless', /PID 1 has no handler for SIGTERM/],
    ['healthcheck-cannot-run', 'careless', /curl: not found/],
    ['readonly-rootfs', 'writes', /it writes to \/state/],
    ['drop-capabilities', 'needs rights', /Operation not permitted/],
    ['unbuffered-logs', 'careless', /PYTHONUNBUFFERED is not set/],
    ['faulthandler-off', 'careless', /PYTHONFAULTHANDLER is not set/],
    ['logs-to-stdout', 'careless', /it writes \/app\/server\.log/],
    ['user-not-in-passwd', 'careless', /user 12345 is unknown/],
    ['tmp-home-writable', 'careless', /its home \/ cannot be written: Permission denied/],
    ['zombie-reaping', 'careless', /PID 1 \(python\) left a process/],
    ['exit-code-on-stop', 'liar', /exit status 3 after SIGTERM/],
    ['second-start', 'liar', /exit status 1 \(there is a pid file\)/],
    ['healthcheck-always-true', 'deaf', /succeeds with all processes stopped/],
    ['pip-check', 'careless', /^shop 0\.0\.0 needs nowhere, which is not installed$/],
    ['version-visible', 'careless', /^shop says that it is version "0\.0\.0"$/],
    ['wrong-interpreter-on-path', 'careless', /VIRTUAL_ENV is \/opt\/venv, and python is \/usr\/local\/bin\/python/],
    ['tls-trust-store', 'careless', /no certificate/],
    ['tzdata', 'careless', /Europe\/Berlin/],
    ['utf8-io', 'careless', /Python uses iso8859-1|Python uses latin-1/],
    ['pyc-app-uncompiled', 'worn', /sources of the project have no \.pyc/],
    ['pyc-deps-uncompiled', 'worn', /^1 of 1 source of the installed packages have no \.pyc$/],
    ['pyc-stdlib-uncompiled', 'worn', /sources of the standard library have no \.pyc/],
    ['pyc-stale', 'worn', /^1 source with a \.pyc that is not loaded: \/app\/old\.py$/],
    ['pyc-unchecked-stale', 'worn', /^1 source with the code of another one: \/app\/other\.py$/],
    ['pyc-optimize-mismatch', 'worn', /^1 source of the project have bytecode of another level only$/],
    ['import-compiles-source', 'worn', /^import first compiled 2 sources: \/app\/first\.py, \/app\/second\.py$/],
  ])('%s', (id, bad, detail, good = 'good') => {
    const answer = ask(bad, id);
    expect([answer.kind, seen(answer)]).toEqual(['found', expect.stringMatching(detail)]);
    expect(seen(ask(good, id))).toBe('pass');
  });

  test.each<[string, string, string, RegExp]>([
    ['entrypoint-resolves', 'nothing', 'good', /^"serve" is in no folder of PATH$/],
    ['healthcheck-cannot-run', 'nothing', 'good', /^"\/bin\/none" is not in the image$/],
  ])('%s can be told from the files alone', (id, bad, good, detail) => {
    const rule = rules.find((one) => one.id === id);
    const answers = [bad, good].map((name) => {
      const image = facts.get(name);
      if (rule === undefined || image === undefined) throw new Error(name);
      return seen(rule.judge({ ...image, probes: undefined }));
    });
    expect(answers).toEqual([expect.stringMatching(detail), 'pass']);
  });

  test.each<[string, string, string, RegExp]>([
    ['that wants a variable is not blamed for it', 'wants settings', 'starts-and-stays-up', /^unknown: .*checks-env/],
    ['that is given its variable passes', 'has settings', 'starts-and-stays-up', /^pass$/],
    ['that is given another command passes', 'other command', 'starts-and-stays-up', /^pass$/],
    ['that writes to its root comes up all the same', 'writes', 'starts-and-stays-up', /^pass$/],
    ['that needs rights comes up all the same', 'needs rights', 'starts-and-stays-up', /^pass$/],
    ['that needs rights is not blamed for its root', 'needs rights', 'readonly-rootfs', /^pass$/],
    ['that writes to its root may need rights too', 'writes', 'drop-capabilities', /^unknown: /],
    ['that writes to its root is looked at without that wall', 'writes', 'exit-code-on-stop', /^pass$/],
    ['that is not there is told of once', 'nothing', 'starts-and-stays-up', /^not-applicable: /],
    ['that ends is not asked to stop', 'broken', 'sigterm-ignored', /^unknown: it was not running/],
    ['that is a job is not asked to stop', 'worn', 'sigterm-ignored', /^not-applicable: .*a job/],
    ['whose user is not there fails', 'stranger', 'starts-and-stays-up', /^unable to find user nobody-here/],
    ['whose user is not there may have a Python', 'stranger', 'tzdata', /^unknown: unable to find user nobody-here/],
    ['without Python is not asked for its modules', 'liar', 'import-smoke', /^not-applicable: the image has no Python/],
    ['without a health check is not asked for one', 'broken', 'healthcheck-cannot-run', /^not-applicable: /],
  ])('an image %s', (_, name, id, expected) => {
    expect(seen(ask(name, id))).toMatch(expected);
  });

  test('what an image is given is not shown again', () => {
    const { probes } = facts.get('has settings') ?? {};
    expect(probes?.start).toMatchObject({ value: { output: 'at ***' } });
    expect(JSON.stringify(probes)).not.toContain('canary');
  });

  test('the well-made image has no finding at all', () => {
    const image = facts.get('good');
    if (image === undefined) throw new Error('it was not probed');
    const { probes } = image;
    const found = rules
      .filter(({ needs }) => needs === 'probes')
      .map(({ id, judge }) => `${id}: ${seen(judge(image))}`);
    expect({ bad: found.filter((line) => !/: (?:pass|not-applicable.*)$/.test(line)), probes }).toMatchObject({
      bad: [],
    });
  });
});

test('no probe leaves a container', async () => {
  for (const nonce of nonces.values()) expect(await countContainers(nonce)).toBe(0);
});

describe('a hostile image', () => {
  test.each<[string, keyof typeof images]>([
    ['that starts as many processes as it can', 'bomb'],
    ['that prints as much as it can', 'flood'],
  ])(
    '%s is ended in time, and nothing is left',
    async (_, image) => {
      const nonce = randomBytes(16).toString('hex');
      const { probes } = await probeImage(tags[image] ?? '', { nonce });
      expect(await countContainers(nonce)).toBe(0);
      expect(JSON.stringify(probes).length).toBeLessThan(40_000);
      expect(probes.start).toMatchObject({ kind: 'known', value: { running: true } });
    },
    300_000,
  );

  test('that hears a signal and goes on is waited for, and no longer', () => {
    expect(facts.get('deaf')?.probes.stop).toMatchObject({ value: { ms: undefined, handled: true } });
    expect(seen(ask('deaf', 'sigterm-ignored'))).toMatch(/still ran 10 s after SIGTERM/);
  });

  test('is gone when npm run check is interrupted', async () => {
    const image = tags['deaf'] ?? '';
    const check = spawn(process.execPath, ['scripts/check.mjs', '--run', image], {
      ...{ env: { ...process.env, ...env }, detached: true, stdio: 'ignore' },
    });
    const ended = new Promise((resolve) => check.once('close', resolve));
    while ((await countOf(image)) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    if (check.pid !== undefined) process.kill(-check.pid, 'SIGINT'); // as a terminal sends it
    await ended;
    expect(await countOf(image)).toBe(0);
  }, 120_000);

  test('is gone after a cancellation', async () => {
    const nonce = randomBytes(16).toString('hex');
    const cancel = new AbortController();
    const probing = probeImage(tags['deaf'] ?? '', { nonce, cancel: cancel.signal });
    probing.catch(() => undefined); // awaited below
    while ((await countContainers(nonce)) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    cancel.abort();
    await expect(probing).rejects.toMatchObject({ code: 'cancelled' });
    expect(await countContainers(nonce)).toBe(0);
  }, 120_000);
});
