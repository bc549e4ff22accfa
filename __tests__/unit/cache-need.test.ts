import { describe, expect, test } from '@jest/globals';
import { type ManifestBytes, takeManifest } from '../../src/model/manifest.ts';
import { holdsLayers } from '../../src/plan/cache-need.ts';
import { digest } from '../support/facts.ts';

function manifest(layers: string): ManifestBytes {
  const descriptor = (digit: string) => ({ mediaType: 'application/octet-stream', digest: digest(digit), size: 1 });
  const fields = { config: descriptor('c'), layers: [...layers].map(descriptor) };
  return takeManifest(Buffer.from(JSON.stringify(fields)), 'application/vnd.oci.image.manifest.v1+json');
}

const index = takeManifest(Buffer.from(JSON.stringify({ manifests: [] })), 'application/vnd.oci.image.index.v1+json');

describe('a cache has every layer of an image', () => {
  test.each<[string, ManifestBytes, ManifestBytes, boolean]>([
    ['the same layers', manifest('12'), manifest('12'), true],
    ['those of other stages too', manifest('3214'), manifest('12'), true],
    ['one is missing', manifest('1'), manifest('12'), false],
    ['another in its place', manifest('13'), manifest('12'), false],
    ['an empty cache', manifest(''), manifest('1'), false],
    ['a cache that is an index', index, manifest('1'), false],
    ['an image of several platforms', manifest('12'), index, false],
  ])('%s', (_, cache, image, holds) => {
    expect(holdsLayers(cache, image)).toBe(holds);
  });

  test('what is no manifest is an error', () => {
    const broken = { ...manifest('1'), bytes: Buffer.from('[]') };
    expect(() => holdsLayers(broken, manifest('1'))).toThrow();
  });
});
