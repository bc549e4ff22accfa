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
    bytecodeProof: undefined,
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

/** The image of most of these tests. */
export const image: NonNullable<Facts['image']> = {
  identity: { kind: 'manifest', digest: digest('a'), configDigest: digest('c') },
  localId: digest('a'),
  digest: digest('a'),
  configDigest: digest('c'),
  size: 12_300_000,
  platform: 'linux/amd64',
  reused: false,
  steps: { cached: 3, total: 5 },
  changed: true,
  uncached: undefined,
  bytecode: undefined,
  warnings: [],
  metadata: { 'containerimage.digest': digest('a') },
};
