import { parseDigest } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import type { Facts, TagRecord } from '../../src/report/facts.ts';

/** A digest that is easy to tell apart. */
export function digest(digit: string) {
  return parseDigest(`sha256:${digit.repeat(64)}`);
}

/** A tag's record in `ghcr.io/acme/app`. */
export function tagRecord(tag: string, change: Partial<TagRecord> = {}): TagRecord {
  return {
    repository: parseRepository('ghcr.io/acme/app').name,
    tag: parseTag(tag),
    kind: 'own',
    before: undefined,
    after: digest('a'),
    outcome: 'new',
    reason: '',
    ...change,
  };
}

/** A run that got nowhere, with what a test adds. */
export function facts(known: Partial<Facts> = {}): Facts {
  return {
    home: undefined,
    inputs: undefined,
    git: undefined,
    rights: undefined,
    wanted: undefined,
    plan: undefined,
    image: undefined,
    bytecodeProofs: [],
    audit: undefined,
    unchecked: undefined,
    diff: undefined,
    reports: undefined,
    verdict: undefined,
    cacheExport: undefined,
    comment: undefined,
    error: undefined,
    tests: [],
    tags: [],
    revisions: new Map(),
    steps: [],
    notices: [],
    ...known,
  };
}

/** A difference with something in each of its parts. */
export const diff: NonNullable<Facts['diff']> = {
  against: { reference: 'ghcr.io/acme/app:main', digest: digest('b') },
  size: { before: 12_000_000, after: 15_400_000 },
  layers: [
    {
      instruction: 'COPY . /app',
      from: 'line',
      place: { file: 'Dockerfile', line: 7 },
      before: 1_000,
      after: 3_001_000,
    },
    {
      instruction: 'RUN pip install x',
      from: 'line',
      place: { file: 'Dockerfile', line: 5 },
      before: undefined,
      after: 400_000,
    },
    { instruction: '# debian.sh', from: 'base', place: undefined, before: 900, after: 905 },
    { instruction: '', from: 'unknown', place: undefined, before: 200_000, after: undefined },
  ],
  packages: {
    changes: [
      { kind: 'debian', name: 'zlib1g', before: '1.2', after: '1.3' },
      { kind: 'python', name: 'come', before: '', after: '3.0' },
      { kind: 'python', name: 'gone', before: '2.0', after: '' },
    ],
    more: 0,
    unread: ['packages of RPM: their database is not read'],
  },
};

/** The image of most of these tests. */
export const image: NonNullable<Facts['image']> = {
  identity: { kind: 'manifest', digest: digest('a'), configDigest: digest('c') },
  localId: digest('a'),
  digest: digest('a'),
  configDigest: digest('c'),
  size: 12_300_000,
  platform: 'linux/amd64',
  platforms: [],
  reused: false,
  steps: { cached: 3, total: 5 },
  changed: true,
  uncached: undefined,
  bytecode: [],
  warnings: [],
  metadata: { 'containerimage.digest': digest('a') },
};
