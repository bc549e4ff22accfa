import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { digestOf, parseDigest } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { planBake, planCacheExport, planTestBake } from '../../src/plan/build-plan.ts';
import { bake, exportCache, solveTestStage } from '../../src/tools/buildx/buildx.ts';
import { readIdentity } from '../../src/tools/buildx/metadata.ts';
import { callEngine } from '../../src/tools/engine/call.ts';
import { inspectImage, removeImageName } from '../../src/tools/engine/images.ts';
import {
  type Build,
  bench,
  build,
  buildx,
  engine,
  folderWith,
  never,
  requestFor,
  sweep,
  watchWith,
} from './engine-bench.ts';

const names = new Set<string>();

async function made(result: Build) {
  names.add(result.request.name);
  if (result.image === undefined) throw result.error ?? new Error('no image');
  return result.image;
}

afterAll(async () => {
  for (const name of names) await removeImageName(engine, name, never);
  sweep();
});

const app = {
  Dockerfile:
    'FROM busybox:stable AS base\nARG NONCE\nCOPY a /a\nFROM base AS test\nRUN grep -q good /a\nFROM base\nARG WHAT\nRUN echo "$WHAT" > /b\n',
  a: 'good\n',
};

async function configOf(name: string): Promise<Record<string, Record<string, unknown>>> {
  const path = ['images', name, 'json'];
  const { body } = await callEngine(engine, { method: 'GET', path, query: {}, headers: {}, cancel: never });
  return body as Record<string, Record<string, unknown>>;
}

describe('an image that is built', () => {
  test('lies in the store under its local name with the digest that the builder named', async () => {
    const result = await build(requestFor(folderWith(app), { testTarget: 'test' }));
    const image = await made(result);
    const local = await inspectImage(engine, image.name, never);
    expect(result.free).toBe(1);
    if (bench.engine.store === 'containerd') {
      expect(image.identity).toEqual({
        kind: 'manifest',
        digest: local?.id,
        configDigest: local?.manifest?.configDigest,
      });
    } else expect(image.identity).toEqual({ kind: 'config', configDigest: local?.id });
    expect(image.metadata).toHaveProperty(['image.name'], image.name);
  });

  test('is the same digest the second time, and the tests run again', async () => {
    const context = folderWith(app);
    const request = requestFor(context, { testTarget: 'test' });
    const first = await made(await build(request));
    const again = await build({ ...request, name: requestFor(context).name });
    const second = await made(again);
    expect(second.identity).toEqual(first.identity);
    const { steps } = second.summary;
    expect(steps.find(({ name }) => name.includes('RUN echo'))?.cached).toBe(true);
    expect(steps.find(({ name }) => name.includes('RUN grep'))).toMatchObject({ cached: false, targets: ['test'] });
  });

  test('holds args and labels as they were given, whatever is in them', async () => {
    const hostile = [
      '\u0024{HOME}',
      '$${x}',
      '%{if true}',
      'e\u0301 \u212b',
      '\ufeffx',
      '"quoted"\\n',
      '\r\u0024\u0024{',
      'a,b=c',
      'line\nline',
      '',
    ];
    const labels = new Map(hostile.map((text, at) => [`label.${at}`, text]));
    labels.set('key \u0024{x} %{y}', 'value');
    const context = folderWith(app);
    for (const text of ['\u0024{HOME} $\u0024{x} %{y}', 'e\u0301 \ufeff']) {
      const image = await made(
        await build(
          requestFor(context, {
            labels,
            args: new Map([
              ['WHAT', text],
              ['NONCE', randomBytes(4).toString('hex')],
            ]),
          }),
        ),
      );
      expect((await configOf(image.name))['Config']?.['Labels']).toEqual(Object.fromEntries(labels));
      const history = image.summary.steps.map(({ name }) => name);
      expect(history.some((name) => name.includes('RUN echo'))).toBe(true);
    }
  });

  test('is no other because of variables in the environment', async () => {
    const context = folderWith({ ...app, 'docker-bake.hcl': 'target "image" { labels = { evil = "1" } }' });
    const request = requestFor(context);
    const first = await made(await build(request));
    const env = {
      BUILDX_BAKE_FILE: join(context, 'docker-bake.hcl'),
      WHAT: 'evil',
      BUILDX_BAKE_ENTITLEMENTS_FS: '0',
      BUILDX_GIT_LABELS: '1',
    };
    const second = await made(await build({ ...request, name: requestFor(context).name }, { env }));
    expect(second.identity).toEqual(first.identity);
  });

  test('reads a secret from the builder’s environment, and a named context beside its own', async () => {
    const context = folderWith({
      Dockerfile:
        'FROM busybox:stable\nARG NONCE\nCOPY --from=more m /m\nRUN --mount=type=secret,id=s,required=true [ "$(cat /run/secrets/s)" = "top secret" ]\n',
    });
    const request = requestFor(context, {
      secrets: [{ kind: 'variable', id: 's', variable: 'SLIPWAY_SECRET_0' }],
      contexts: new Map([['more', folderWith({ m: 'm' })]]),
    });
    await made(await build(request, { secretEnv: { SLIPWAY_SECRET_0: 'top secret' } }));
  });

  test('lies in a folder of any name', async () => {
    const root = folderWith({ 'a b,c=${d} e\u0301/Dockerfile': app.Dockerfile, 'a b,c=${d} e\u0301/a': app.a });
    await made(await build(requestFor(join(root, 'a b,c=\u0024{d} e\u0301'))));
  });
});

describe('a cache', () => {
  const digest = `sha256:${'0'.repeat(64)}`;

  /** The classic store cannot write one. */
  const exporting = bench.engine.store === 'containerd' ? test : test.skip;

  exporting(
    'is written on its own, and read by digest',
    async () => {
      const registry = await bench.startRegistry();
      const repository = parseRepository(`${registry.host}/team/app`);
      const tag = parseTag('cache-main');
      const context = folderWith(app);
      const request = requestFor(context, {
        testTarget: 'test',
        cache: { from: [], inline: false, write: { repository, tag } },
      });
      const before = await made(await build(request));
      const plan = planCacheExport(request);
      if (plan === undefined) throw new Error('no plan');
      const watch = watchWith();
      const { steps } = await exportCache(buildx, plan, watch);
      expect(steps.some(({ name }) => name.includes('RUN grep'))).toBe(false);
      const accept = 'application/vnd.oci.image.manifest.v1+json';
      const reply = await fetch(`${registry.url}/v2/team/app/manifests/${tag}`, { headers: { accept } });
      expect(reply.headers.get('content-type')).toBe(accept);
      const from = [{ repository, tag, digest: parseDigest(reply.headers.get('docker-content-digest') ?? '') }];
      const after = await made(
        await build({ ...request, name: requestFor(context).name, cache: { from, inline: false, write: undefined } }),
      );
      expect(after.identity).toEqual(before.identity);
      expect(after.summary.cacheFailures).toEqual([]);
      expect(after.summary.steps.some(({ name }) => name.startsWith('importing cache manifest'))).toBe(true);
      await registry.stop();
      await expect(exportCache(buildx, plan, watch)).rejects.toMatchObject({
        code: 'build-failed',
        message: expect.stringContaining('connection refused'),
      });
      await registry.remove();
    },
    60_000,
  );

  test('that is not there costs nothing but a note', async () => {
    const from = [
      { repository: parseRepository('127.0.0.1:1/none'), tag: parseTag('none'), digest: parseDigest(digest) },
    ];
    const image = await made(
      await build(requestFor(folderWith(app), { cache: { from, inline: true, write: undefined } })),
    );
    expect(image.summary.cacheFailures).toEqual([
      { ref: `127.0.0.1:1/none@${digest}`, reason: expect.stringContaining('connection refused') },
    ]);
  });
});

describe('what the metadata file names', () => {
  const [m, c] = [digestOf('m'), digestOf('c')];
  const manifest = { mediaType: 'application/vnd.docker.distribution.manifest.v2+json' };
  const index = { mediaType: 'application/vnd.oci.image.index.v1+json' };

  test.each<[string, Record<string, unknown>, object | undefined]>([
    [
      'a manifest',
      { 'containerimage.digest': m, 'containerimage.config.digest': c, 'containerimage.descriptor': manifest },
      { kind: 'manifest', digest: m, configDigest: c },
    ],
    ['an index', { 'containerimage.digest': m, 'containerimage.descriptor': index }, { kind: 'index', digest: m }],
    [
      'a config, in the classic store',
      { 'containerimage.digest': c, 'containerimage.config.digest': c },
      { kind: 'config', configDigest: c },
    ],
    ['nothing', {}, undefined],
    ['no digest', { 'containerimage.digest': 'sha256:x', 'containerimage.config.digest': c }, undefined],
    ['a manifest without its config', { 'containerimage.digest': m, 'containerimage.descriptor': manifest }, undefined],
  ])('is %s', (_, metadata, expected) => {
    expect(readIdentity(metadata, undefined)).toEqual(expected);
  });
});

describe('when the context is free', () => {
  const slow = {
    'the image':
      'FROM busybox:stable AS base\nARG NONCE\nFROM base AS test\nCOPY . /x\nRUN ! grep -rq LATE /x\nFROM base\nRUN sleep 0.7\nCOPY a b /x/\n',
    'the test stage':
      'FROM busybox:stable AS base\nARG NONCE\nFROM base AS test\nRUN sleep 0.7\nCOPY . /x\nRUN ! grep -rq LATE /x\nFROM base\nCOPY a b /x/\n',
    both: 'FROM busybox:stable AS base\nARG NONCE\nRUN sleep 3; echo $NONCE\nCOPY . /x\nFROM base AS test\nRUN ! grep -rq LATE /x\nFROM base\nCMD ["x"]\n',
  };

  test.each(Object.entries(slow))(
    'what is written then reaches nothing, with a slow step before the COPY of %s',
    async (_, text) => {
      for (let at = 0; at < 2; at++) {
        const context = folderWith({
          '.dockerignore': 'Dockerfile\n',
          Dockerfile: text,
          a: randomBytes(3_000_000).toString('hex'),
          b: 'b',
        });
        const spoil = (): void => {
          for (const name of ['a', 'b', 'new']) writeFileSync(join(context, name), 'LATE'.repeat(1_500_000));
        };
        let readAt = 0;
        const began = performance.now();
        const spoiled = await build(requestFor(context, { testTarget: 'test' }), {
          onContextRead: () => {
            readAt = performance.now() - began;
            spoil();
          },
        });
        const image = await made(spoiled);
        expect(spoiled.free).toBe(1);
        expect(readAt).toBeLessThan(image.ms - (text.includes('sleep 3') ? 1_500 : 100));
        const check = folderWith({ Dockerfile: `FROM ${image.name}\nUSER 0\nRUN ! grep -rq LATE /x\n` });
        await made(await build(requestFor(check)));
      }
    },
    120_000,
  );
});

describe('a build that fails', () => {
  const failures: readonly (readonly [
    string,
    Record<string, string>,
    Parameters<typeof requestFor>[1],
    string,
    RegExp,
  ])[] = [
    [
      'in its test stage',
      { ...app, a: 'bad\n' },
      { testTarget: 'test' },
      'test-failed',
      /the test stage test failed in step \[test 1\/1\] RUN grep.*exit code: 1\nDockerfile:5\n[\s\S]*>>> RUN grep/,
    ],
    [
      'in a RUN',
      { ...app, Dockerfile: `${app.Dockerfile}RUN echo why; exit 3\n` },
      {},
      'build-failed',
      /the build failed in step .*RUN echo why.*exit code: 3\nDockerfile:9\n[\s\S]*>>> RUN echo why/,
    ],
    [
      'in a step that image and test stage share',
      { ...app, Dockerfile: app.Dockerfile.replace('COPY a /a', 'COPY a /a\nRUN exit 5') },
      { testTarget: 'test' },
      'build-failed',
      /exit code: 5/,
    ],
    [
      'for a file that is not there',
      { Dockerfile: 'FROM busybox:stable\nCOPY nofile /\n' },
      {},
      'build-failed',
      /"\/nofile": not found/,
    ],
    [
      'for a word that is no instruction',
      { Dockerfile: 'FROM busybox:stable\nRUNN x\n' },
      {},
      'build-failed',
      /unknown instruction: RUNN/,
    ],
    ['for want of a Dockerfile', {}, {}, 'build-failed', /there is no Dockerfile at .*Dockerfile/],
    [
      'for want of a base image',
      { Dockerfile: 'FROM 127.0.0.1:1/none:1\nCOPY . /\n' },
      {},
      'build-failed',
      /a base image cannot be had: 127\.0\.0\.1:1\/none:1/,
    ],
    [
      'for want of a stage',
      { Dockerfile: 'FROM busybox:stable\nCOPY . /\n' },
      { testTarget: 'nope' },
      'build-failed',
      /has no stage "nope"/,
    ],
    [
      'for want of a builder',
      { Dockerfile: 'FROM busybox:stable\n' },
      { builder: 'nope' },
      'builder-missing',
      /no builder "nope" found/,
    ],
    [
      'for want of a secret',
      { Dockerfile: 'FROM busybox:stable\nRUN --mount=type=secret,id=q,required=true true\n' },
      {},
      'build-failed',
      /secret q: not found/,
    ],
  ];

  test.each(failures)('%s says so, and leaves no name', async (_, files, more, code, message) => {
    const result = await build(requestFor(folderWith(files), more));
    expect(result.error?.code).toBe(code);
    expect(result.error?.message).toMatch(message);
    expect(result.error?.hint).not.toBe('');
    expect(await inspectImage(engine, result.request.name, never)).toBeUndefined();
  });

  test('in a test stage that ends after the image was exported leaves no name', async () => {
    const text = app.Dockerfile.replace('RUN grep -q good /a', 'RUN sleep 5; exit 1');
    const result = await build(requestFor(folderWith({ ...app, Dockerfile: text }), { testTarget: 'test' }));
    expect(result.lines.some((line) => line.includes('exporting to image'))).toBe(true);
    expect(result.error?.code).toBe('test-failed');
    expect(await inspectImage(engine, result.request.name, never)).toBeUndefined();
  });

  test('in its test stage alone is the tests’ failure too', async () => {
    const plan = planTestBake(requestFor(folderWith({ ...app, a: 'bad\n' }), { testTarget: 'test' }));
    if (plan === undefined) throw new Error('no plan');
    const watch = watchWith();
    await expect(solveTestStage(buildx, plan, watch)).rejects.toMatchObject({
      code: 'test-failed',
      message: expect.stringMatching(/exit code: 1\nDockerfile:5\n/),
    });
  });

  test('for an engine that is gone is a missing builder', async () => {
    const result = await build(requestFor(folderWith(app)), { env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
    expect(result.error?.code).toBe('builder-missing');
    expect(result.error?.message).toContain('/nowhere/docker.sock');
  });

  const sleeper = { Dockerfile: 'FROM busybox:stable\nARG NONCE\nRUN sleep 30\n' };

  test('for its time says how long it had', async () => {
    const result = await build(requestFor(folderWith(sleeper)), { limit: 1_500 });
    expect(result.error?.code).toBe('timeout');
    expect(await inspectImage(engine, result.request.name, never)).toBeUndefined();
  });

  test('because the run was cancelled ends long before its step would', async () => {
    const cancel = new AbortController();
    let at = 0;
    const result = await build(requestFor(folderWith(sleeper)), {
      cancel: cancel.signal,
      onLine: (line) => {
        if (!line.includes('RUN sleep') || at > 0) return;
        at = performance.now();
        cancel.abort();
      },
    });
    expect(result.error?.code).toBe('cancelled');
    expect(performance.now() - at).toBeLessThan(15_000);
  });

  test('with a plugin that says nothing is a failure all the same, whatever its exit status', async () => {
    for (const [script, message] of [
      ['exit 0', 'named no image'],
      ['exit 7', 'said nothing (exit status 7)'],
      ['kill -9 $$', 'killed by SIGKILL'],
      ['exit 102', 'disk is full'],
    ]) {
      const folder = folderWith({ plugin: `#!/bin/sh\n${script}\n` });
      chmodSync(join(folder, 'plugin'), 0o755);
      const request = requestFor(folder);
      const watch = { ...watchWith({ limit: 9_000 }), folder };
      const plugin = { path: join(folder, 'plugin'), env: {}, logins: [] };
      await expect(bake({ buildx: plugin, engine }, planBake(request), watch)).rejects.toThrow(message ?? '');
      expect(readdirSync(folder).filter((name) => name.startsWith('metadata'))).toEqual([]);
    }
  });
});
