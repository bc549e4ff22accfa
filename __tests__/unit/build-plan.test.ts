import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { digestOf } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parsePlatform } from '../../src/model/platform.ts';
import { parseTag } from '../../src/model/tag.ts';
import { escapeTemplate, quoteCsvField } from '../../src/plan/bake-text.ts';
import {
  type BakePlan,
  type BuildRequest,
  planBake,
  planCacheExport,
  planLocalName,
} from '../../src/plan/build-plan.ts';
import { plainRequest } from '../support/build-request.ts';

const plain = plainRequest({ name: planLocalName('abc') });

function targets(plan: BakePlan | undefined): Record<string, Record<string, unknown>> {
  return JSON.parse(plan?.definition ?? '').target;
}

const repository = parseRepository('ghcr.io/acme/app');

describe('the solve', () => {
  test('has one target, loaded under the local name, without attestations', () => {
    expect(targets(planBake(plain))).toEqual({
      image: {
        context: '/work/app',
        dockerfile: '/work/app/Dockerfile',
        args: { SOURCE_DATE_EPOCH: '1700000000' },
        labels: {},
        contexts: {},
        'extra-hosts': {},
        pull: false,
        'no-cache': false,
        attest: ['type=provenance,disabled=true'],
        tags: ['slipway.invalid/image:abc'],
        output: ['type=docker'],
      },
    });
    expect(planBake(plain).args).toEqual([
      ...[
        '--file=-',
        '--progress=rawjson',
        '--allow=fs.read=/work/app',
        '--allow=fs.read=/work/app/Dockerfile',
        'image',
      ],
    ]);
  });

  test('has the test stage beside it, never cached and exported nowhere', () => {
    const plan = planBake({
      ...plain,
      testTarget: 'test',
      target: 'app',
      args: new Map([['A', '1']]),
      noCacheFilters: ['x'],
    });
    const { image, test: stage } = targets(plan);
    expect(image).toMatchObject({ target: 'app', 'no-cache-filter': ['x'], tags: ['slipway.invalid/image:abc'] });
    expect(stage).toMatchObject({ target: 'test', 'no-cache-filter': ['x', 'test'], output: ['type=cacheonly'] });
    expect(stage).not.toHaveProperty('tags');
    expect(stage?.['args']).toEqual(image?.['args']);
    expect(plan.args.slice(-2)).toEqual(['image', 'test']);
  });

  test('takes the time from the user’s own args', () => {
    const args = new Map([['SOURCE_DATE_EPOCH', '0']]);
    expect(targets(planBake({ ...plain, args }))['image']).toMatchObject({ args: { SOURCE_DATE_EPOCH: '0' } });
  });

  test('reads caches by digest, and leaves inline records in the image alone', () => {
    const digest = digestOf('cache');
    const cache = {
      from: [{ repository, tag: parseTag('cache-main'), digest }],
      inline: true,
      write: { repository, tag: parseTag('cache-main') },
    };
    const { image, test: stage } = targets(planBake({ ...plain, cache, testTarget: 'test' }));
    const from = [`type=registry,ref=ghcr.io/acme/app@${digest}`];
    expect(image).toMatchObject({ 'cache-from': from, 'cache-to': ['type=inline'] });
    expect(stage).toMatchObject({ 'cache-from': from });
    expect(stage).not.toHaveProperty('cache-to');
  });

  test('hands on what else was asked for', () => {
    const request: BuildRequest = {
      ...plain,
      secrets: [
        { kind: 'variable', id: 'a,b', variable: 'S1' },
        { kind: 'file', id: 'f', path: '/tmp/f' },
      ],
      ssh: ['default', 'key=/tmp/k'],
      platforms: ['linux/amd64', 'linux/arm64'].map(parsePlatform),
      addHosts: new Map([['db', '10.0.0.1']]),
      contexts: new Map([
        ['lib', '/work/lib'],
        ['base', 'docker-image://busybox'],
      ]),
      allow: ['network.host'],
      network: 'host',
      shmSize: '64m',
      attestations: ['type=sbom'],
      builder: 'b',
    };
    const plan = planBake(request);
    expect(targets(plan)['image']).toMatchObject({
      secret: ['"id=a,b",env=S1', 'id=f,src=/tmp/f'],
      ssh: ['default', 'key=/tmp/k'],
      'extra-hosts': { db: '10.0.0.1' },
      entitlements: ['network.host'],
      attest: ['type=sbom'],
    });
    const allowed = plan.args.filter((one) => one.startsWith('--allow=')).map((one) => one.slice(8));
    expect(allowed).toEqual([
      ...['fs.read=/work/app', 'fs.read=/work/app/Dockerfile', 'fs.read=/work/lib', 'fs.read=/tmp/f', 'fs.read=/tmp/k'],
      ...['ssh', 'network.host'],
    ]);
    expect(plan.args).toContain('--builder=b');
    expect(plan.attested).toBe(true);
  });
});

describe('the cache’s own solve', () => {
  test('is none where there is no cache to write', () => {
    expect(planCacheExport(plain)).toBeUndefined();
  });

  test('exports the cache and no image, and never runs the tests', () => {
    const cache = { from: [], inline: false, write: { repository, tag: parseTag('cache-main') } };
    const plan = planCacheExport({ ...plain, cache, testTarget: 'test', attestations: ['type=sbom'] });
    const definition = targets(plan);
    expect(Object.keys(definition)).toEqual(['image']);
    expect(definition['image']).toMatchObject({
      'cache-to': ['type=registry,ref=ghcr.io/acme/app:cache-main,mode=max,image-manifest=true,oci-mediatypes=true'],
      output: ['type=cacheonly'],
      attest: ['type=provenance,disabled=true'],
    });
    expect(definition['image']).not.toHaveProperty('tags');
    expect(plan?.targets).toEqual(['image']);
  });
});

describe('texts on their way to bake', () => {
  test.each([
    ['\u0024{HOME}', '\u0024\u0024{HOME}'],
    ['%{if x}', '%%{if x}'],
    ['\u0024\u0024\u0024{x}', '\u0024\u0024\u0024\u0024{x}'],
    ['$x {y} 50%', '$x {y} 50%'],
  ])('%s is escaped', (given, expected) => {
    expect(escapeTemplate(given)).toBe(expected);
  });

  test('what bake would not keep goes by an option that nobody interprets', () => {
    const labels = new Map([
      ['title', 'Cafe\u0301 \u0024{x}'],
      ['plain', 'x'],
      ['__proto__', 'p'],
    ]);
    const plan = planBake({ ...plain, labels });
    expect(plan.args).toContain('--set=*.labels.title=Cafe\u0301 \u0024{x}');
    expect(JSON.stringify(targets(plan)['image']?.['labels'])).toBe('{"plain":"x","__proto__":"p"}');
  });

  test('what can be said in no way is an error that names it', () => {
    expect(() => planBake({ ...plain, labels: new Map([['a=b', 'é']]) })).toThrow('labels: "a=b"');
    expect(() => planBake({ ...plain, annotations: ['x=e\u0301'] })).toThrow('NFC');
    expect(() => planBake({ ...plain, target: 'x\r' })).toThrow('carriage return');
  });

  test('the local name is legal or an error', () => {
    expect(() => planLocalName('a b')).toThrow('not a legal tag');
  });

  test('a quoted CSV field reads back as it was', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const quoted = quoteCsvField(text);
        const back = quoted.startsWith('"') && quoted !== text ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
        expect(back).toBe(text);
        if (quoted === text) expect(quoted).not.toMatch(/[,"\n\r]/);
      }),
    );
  });
});
