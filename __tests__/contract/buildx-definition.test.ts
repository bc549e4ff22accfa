import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { planBake, planCacheExport } from '../../src/plan/build-plan.ts';
import { findBuildx } from '../../src/tools/buildx/buildx.ts';
import { buildx, folderWith, requestFor, sweep } from './engine-bench.ts';

afterAll(sweep);

interface Printed {
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** `--print` escapes args, labels and annotations (names not) the way its own files need it. */
function escapePrinted(text: string): string {
  return text.split('\u0024{').join('\u0024\u0024{').split('%{').join('%%{');
}

/** What bake understood. */
function print(plan: ReturnType<typeof planBake>): Readonly<Record<string, Printed>> {
  const args = ['bake', '--print', ...plan.args];
  const { status, stdout, stderr } = spawnSync(buildx.path, args, {
    input: plan.definition,
    env: { ...buildx.env, HOME: '/root', X: 'evil' },
  });
  if (status !== 0) throw new Error(stderr.toString());
  return JSON.parse(stdout.toString()).target;
}

// what is special in HCL and JSON, often; and everything else that a variable can hold
const piece = fc.oneof(
  fc.constantFrom('$', '%', '{', '}', '${', '%{', '$${', '~', '"', '\\', '\n', '\r', '\ufeff', 'e\u0301', '\u212b'),
  fc.string({ unit: 'binary' }),
);
const text = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('').replace(/\0|\p{Surrogate}/gu, ''));

test('arbitrary args and labels arrive as they are', () => {
  const context = folderWith({ Dockerfile: 'FROM scratch\n' });
  fc.assert(
    fc.property(fc.array(text, { minLength: 60, maxLength: 60 }), (texts) => {
      const named = new Map(texts.map((one, at) => [`K${at}`, one]));
      const { image } = print(planBake(requestFor(context, { args: named, labels: named })));
      const expected = Object.fromEntries([...named].map(([name, one]) => [name, escapePrinted(one)]));
      expect(image?.labels).toEqual(expected);
      expect(image?.args).toEqual({ ...expected, SOURCE_DATE_EPOCH: '1700000000' });
    }),
    { numRuns: 40 },
  );
});

test('arbitrary ASCII names of labels arrive as they are', () => {
  const context = folderWith({ Dockerfile: 'FROM scratch\n' });
  const name = fc
    .array(fc.constantFrom('a', '.', '-', '$', '%', '{', '}', '${', '"', '\\'), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 20, maxLength: 20 }), (names) => {
      const labels = new Map(names.map((one) => [one, 'value']));
      expect(print(planBake(requestFor(context, { labels })))['image']?.labels).toEqual(Object.fromEntries(labels));
    }),
    { numRuns: 20 },
  );
});

test('paths, contexts and stages arrive as they are', () => {
  const context = folderWith({ 'd ${x} e\u0301/Dockerfile': 'FROM scratch\n' });
  const inner = `${context}/d \u0024{x} e\u0301`;
  const request = requestFor(inner, {
    testTarget: 'te%{st',
    contexts: new Map([['n', inner]]),
    annotations: ['a=%{x}'],
  });
  const { image, test: stage } = print(planBake(request));
  for (const target of [image, stage])
    expect(target).toMatchObject({
      context: inner,
      dockerfile: `${inner}/Dockerfile`,
      contexts: { n: inner },
      annotations: [escapePrinted('a=%{x}')],
    });
  expect(stage).toMatchObject({ target: 'te%{st', 'no-cache-filter': ['te%{st'] });
});

test('caches, secrets and outputs arrive as typed values', () => {
  const write = { repository: parseRepository('ghcr.io/acme/app'), tag: parseTag('cache-main') };
  const request = requestFor(folderWith({ Dockerfile: 'FROM scratch\n' }), {
    cache: { from: [], inline: false, write },
    secrets: [{ kind: 'variable', id: 'a,b"c', variable: 'S' }],
  });
  expect(print(planBake(request))['image']).toMatchObject({
    secret: [{ id: 'a,b"c', env: 'S' }],
    output: [{ type: 'docker' }],
  });
  const plan = planCacheExport(request);
  if (plan === undefined) throw new Error('no plan');
  expect(print(plan)['image']).toMatchObject({
    output: [{ type: 'cacheonly' }],
    'cache-to': [
      {
        type: 'registry',
        ref: 'ghcr.io/acme/app:cache-main',
        mode: 'max',
        'image-manifest': 'true',
        'oci-mediatypes': 'true',
      },
    ],
  });
});

test('what is allowed is what bake asks for where it asks, and nothing less', () => {
  const context = folderWith({ Dockerfile: 'FROM scratch\nCOPY --from=more m /\n' });
  const more = folderWith({ m: 'm' });
  const secret = join(folderWith({ s: 's' }), 's');
  const secrets = [{ kind: 'file', id: 's', path: secret }] as const;
  const plan = planBake(requestFor(context, { contexts: new Map([['more', more]]), secrets, testTarget: undefined }));
  const args = plan.args.map((one) => (one === '--progress=rawjson' ? '--progress=plain' : one));
  const cwd = folderWith({});
  const solve = (given: readonly string[]) =>
    spawnSync(buildx.path, ['bake', ...given], {
      input: plan.definition.replace('type=docker', 'type=cacheonly'),
      env: buildx.env,
      cwd,
    });
  expect(solve(args).stderr.toString()).not.toContain('requesting privileges');
  expect(solve(args).status).toBe(0);
  for (const path of [context, more, secret]) {
    const { status, stderr } = solve(args.filter((one) => !one.startsWith(`--allow=fs.read=${path}`)));
    expect(status).toBe(1);
    expect(stderr.toString()).toContain('additional privileges requested');
  }
});

test('the plugin is looked for where docker looks, in its order', async () => {
  const program = '#!/bin/sh\n';
  const folder = folderWith({
    'home/.docker/cli-plugins/docker-buildx': program,
    'extra/docker-buildx': program,
    'empty/config.json': '{}',
  });
  const { chmodSync, writeFileSync } = await import('node:fs');
  const own = `${folder}/home/.docker/cli-plugins/docker-buildx`;
  for (const path of [own, `${folder}/extra/docker-buildx`]) chmodSync(path, 0o755);
  const env = { HOME: `${folder}/home` };
  expect((await findBuildx(env)).path).toBe(own);
  writeFileSync(`${folder}/home/.docker/config.json`, JSON.stringify({ cliPluginsExtraDirs: [`${folder}/extra`] }));
  expect((await findBuildx(env)).path).toBe(`${folder}/extra/docker-buildx`);
  chmodSync(`${folder}/extra/docker-buildx`, 0o644);
  expect((await findBuildx(env)).path).toBe(own);
  expect((await findBuildx({ ...env, DOCKER_CONFIG: buildx.env['DOCKER_CONFIG'] })).path).toBe(buildx.path);
  writeFileSync(`${folder}/home/.docker/config.json`, 'no json');
  await expect(findBuildx(env)).rejects.toMatchObject({
    code: 'engine-missing',
    message: expect.stringContaining('config.json'),
  });
});
