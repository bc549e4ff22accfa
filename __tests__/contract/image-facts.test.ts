import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import type { DockerfileFacts } from '../../src/audit/dockerfile-facts.ts';
import type { ImageFacts } from '../../src/audit/image-facts.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { readImageFacts } from '../../src/tools/audit/read-image-facts.ts';
import { readConfig } from '../../src/tools/engine/images.ts';
import { openHttp } from '../../src/tools/http/http.ts';
import { openCacheReader } from '../../src/tools/registry/cache-reader.ts';
import { openRegistry } from '../../src/tools/registry/open-registry.ts';
import { bench, engine, env, folderWith, never, sweep } from './engine-bench.ts';
import { testOptions } from './worlds.ts';

await ensureTestbed({ log: (line) => process.stderr.write(`${line}\n`), want: ['python'] });
afterAll(sweep);
beforeAll(() => void docker('pull', '--quiet', 'busybox:stable'), 60_000);

const dockerfile = `FROM python:3.11-slim AS build
RUN python -m venv --without-pip /opt/venv && mkdir -p /app
RUN echo "machine example.org login me password canary" > /app/.netrc && echo one > /app/data
RUN rm /app/.netrc && printf '#!/bin/sh -e\\nexec "$@"\\n' > /app/start.sh && chmod 755 /app/start.sh && echo two > /app/data
FROM build
COPY --chmod=644 requirements.txt /app/
ENV PATH=/opt/venv/bin:$PATH
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=1500ms --retries=2 CMD ["true"]
STOPSIGNAL SIGINT
SHELL ["/bin/sh", "-ec"]
ONBUILD RUN true
USER 1000:1000
`;
const name = `slipway.invalid/facts:${bench.env['SLIPWAY_NONCE'] ?? process.pid}`;

/** `npm run check`, from a folder of somebody's. */
function check(...args: readonly string[]) {
  const script = join(process.cwd(), 'scripts/check.mjs');
  const options = { env: { ...process.env, ...env, INIT_CWD: tmpdir() }, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], options);
  return { status, stdout, stderr };
}

function docker(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const about: DockerfileFacts = {
  file: 'Dockerfile',
  text: dockerfile,
  target: undefined,
  ignore: undefined,
  contextFiles: [],
  contextTexts: new Map(),
};

test('engine and registry give the same facts of an image', async () => {
  const folder = folderWith({ Dockerfile: dockerfile, 'requirements.txt': 'flask==3.0.0\n' });
  docker('build', '--quiet', '--tag', name, folder);
  const facts = await readImageFacts({ kind: 'engine', engine, image: name, platform: undefined }, about, never);
  expectFacts(facts);
  expect(await readConfig(engine, name, never)).toEqual({ ...facts.config, history: [] });
  const told = check('--file', join(folder, 'Dockerfile'), name);
  expect(told).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Working .*^Small /ms), stderr: '' });

  const registry = await bench.startRegistry();
  const http = openHttp();
  try {
    const target = `${registry.host}/acme/facts:x`;
    docker('tag', name, target);
    docker('push', '--quiet', target);
    docker('image', 'rm', target, name);
    const repository = parseRepository(`${registry.host}/acme/facts`);
    const options = testOptions({ kind: 'none' }, http);
    const digest = await openRegistry(repository, options).head(parseTag('x'));
    if (digest === undefined) throw new Error('nothing was pushed');
    const reader = openCacheReader(repository, options);
    const pushed = await readImageFacts({ kind: 'registry', reader, digest, platform: undefined }, about, never);
    expect(check('--file', join(folder, 'Dockerfile'), target)).toEqual(told);
    expect(check('--run', target)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^the engine does not have/),
    });
    expect({ ...pushed, tree: [...pushed.tree.walk()] }).toEqual({ ...facts, tree: [...facts.tree.walk()] });
  } finally {
    http.close();
    await registry.stop();
  }
}, 120_000);

test.each<[string, readonly string[], number, RegExp]>([
  ['nothing', [], 2, /^one image is needed, and 0 came\n+npm run check -- \[OPTION…\] IMAGE/],
  ['two images', ['a', 'b'], 2, /^one image is needed, and 2 came\n+npm run check -- /],
  ['an option that there is none of', ['--hodl', 'high', 'a'], 2, /'--hodl'.*npm run check -- /s],
  [
    'a severity that there is none of',
    ['--hold', 'info', 'a'],
    2,
    /^--hold is high, medium or low, and not "info"\n+npm run check -- /,
  ],
  ['what is no reference', ['a//b'], 2, /the engine has no image "a\/\/b", and it is no reference/],
  ['an image that holds', ['--hold', 'high', 'busybox:stable'], 1, /`checks: high` holds the image for /],
  ['an image of a registry that does not answer', ['nobody.invalid/a:b'], 2, /nobody\.invalid/],
  ['what is meant', ['--hold', 'high', '--ignore', 'runs-as-root: a shell', 'busybox:stable'], 0, /^$/],
])('npm run check, given %s', (_, args, status, said) => {
  expect(check(...args)).toMatchObject({ status, stderr: expect.stringMatching(said) });
});

function expectFacts({ config, layers, tree, hidden, packages, pythons }: ImageFacts): void {
  expect(config).toMatchObject({
    exposedPorts: ['8000/tcp'],
    healthcheck: { test: ['CMD', 'true'], interval: 5_000, timeout: 1_500, startPeriod: 0, retries: 2 },
    stopSignal: 'SIGINT',
    shell: ['/bin/sh', '-ec'],
    onBuild: ['RUN true'],
    user: '1000:1000',
  });
  expect(Date.parse(config.created)).toBeGreaterThan(0);
  const own = layers.filter(({ from }) => from === 'line');
  expect(own.map(({ line }) => line)).toEqual([2, 3, 4, 6]);
  expect(own.map(({ instruction }) => instruction.slice(0, 12))).toEqual([
    'RUN python -',
    'RUN echo "ma',
    'RUN rm /app/',
    'COPY --chmod',
  ]);
  expect(own.at(-1)).toMatchObject({ files: 1, bytes: 13 });
  expect(layers[0]).toMatchObject({ from: 'base' });

  expect(tree.at('/app/start.sh')?.content).toEqual({
    kind: 'script',
    interpreter: '/bin/sh',
    argument: '-e',
    text: '#!/bin/sh -e\nexec "$@"\n',
    whole: true,
  });
  expect(tree.at('/app/requirements.txt')?.content).toEqual({ kind: 'text', text: 'flask==3.0.0\n', whole: true });
  expect(tree.at('/etc/passwd')?.content).toMatchObject({ kind: 'text', text: expect.stringMatching(/^root:/) });
  expect(tree.at('/app/.netrc')).toBeUndefined();
  const [top, below] = [layers.length - 2, layers.length - 3];
  const inApp = hidden.filter(({ path }) => path.startsWith('/app/')).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  expect(inApp).toMatchObject([
    { path: '/app/.netrc', by: top, entry: { layer: below, content: { text: expect.stringContaining('canary') } } },
    { path: '/app/data', by: top, entry: { layer: below, size: 4 } },
  ]);

  const python = tree.resolve('/usr/bin/python3')?.entry.content;
  expect(python).toMatchObject({ kind: 'elf', bits: 64, machine: process.arch === 'arm64' ? 183 : 62, whole: true });
  expect(python).toMatchObject({
    interpreter: expect.stringMatching(/^\/lib.*ld-linux/),
    needed: expect.arrayContaining(['libc.so.6']),
  });
  expect(packages.filter(({ kind }) => kind === 'debian').length).toBeGreaterThan(0);
  expect(pythons).toContainEqual({
    path: '/opt/venv/bin/python',
    version: expect.stringMatching(/^3\.11\.\d+$/),
    venv: '/opt/venv',
    sitePackages: ['/opt/venv/lib/python3.11/site-packages'],
  });
}
