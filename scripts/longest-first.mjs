// The order of test files: the longest first, so that no worker is left with a long one while the others have nothing to do.

import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';

const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer'); // its types say that it is no module

/** About how many seconds a file took on CI, where it was ten or more. @type {Record<string, number>} */
const SECONDS = {
  'unit/github': 11,
  'property/slug': 20,
  'property/hostile-argv': 19,
  'property/markdown': 14,
  'property/tag-plan': 10,
  'contract/probes': 103,
  'contract/buildx': 61,
  'contract/checks-well-made': 60,
  'contract/image-facts': 34,
  'contract/cache-relay': 33,
  'contract/image-reader': 27,
  'contract/bytecode-image': 27,
  'contract/starts': 25,
  'contract/audit-rules': 20,
  'contract/engine-containers': 16,
  'contract/container-reports': 14,
  'contract/buildx-definition': 10,
  'e2e/workflows': 128,
  'e2e/bytecode': 128,
  'e2e/bytecode-proof': 97,
  'e2e/build-inputs': 86,
  'e2e/hostile-code': 86,
  'e2e/releases': 83,
  'e2e/signals': 72,
  'e2e/platforms-bytecode': 72,
  'e2e/builders': 68,
  'e2e/builders-bytecode': 65,
  'e2e/stale': 62,
  'e2e/roles': 61,
  'e2e/self-hosted': 58,
  'e2e/faults': 57,
  'e2e/repositories': 55,
  'e2e/main': 51,
  'e2e/hostile': 47,
  'e2e/platforms': 43,
  'e2e/registries': 40,
  'e2e/engine-faults': 39,
  'e2e/refused': 33,
  'e2e/hostile-names': 32,
  'e2e/logins': 30,
  'e2e/by-builder': 24,
  'e2e/machine': 24,
  'e2e/reuse': 23,
  'e2e/nodes': 21,
  'e2e/checks': 17,
  'e2e/act': 12,
  'e2e/image-diff': 10,
  'e2e/secrets-nowhere': 10,
  'e2e/registry-full': 12,
};
const MS_A_BYTE = 0.1;

export default class LongestFirst extends Sequencer {
  /** How long a file will take, in ms: what it took the last time here, else on CI, else a guess by its size. @param {import('@jest/test-result').Test} test */
  time(test) {
    const seconds = SECONDS[`${basename(dirname(test.path))}/${basename(test.path, '.test.ts')}`];
    const guess = (test.context.hasteFS.getSize(test.path) ?? 0) * MS_A_BYTE;
    return super.time(test) ?? (seconds === undefined ? guess : seconds * 1000);
  }
}
