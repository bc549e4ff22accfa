import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import { isAttestation, parseManifest, takeManifest } from '../../src/model/manifest.ts';

const image = 'application/vnd.oci.image.manifest.v1+json';
const index = 'application/vnd.oci.image.index.v1+json';
const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
const digest = digestOf('x');
const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 1 };

function take(value: unknown, contentType: string | undefined = image) {
  return takeManifest(Buffer.from(JSON.stringify(value)), contentType);
}

describe('takeManifest', () => {
  test.each([
    ['the header', image, {}, image],
    ['a header with parameters and capitals', `${image.toUpperCase()}; charset=utf-8`, {}, image],
    ['the bytes where the header is missing', undefined, { mediaType: dockerList }, dockerList],
    ['the bytes where the header says nothing', 'application/json', { mediaType: index }, index],
  ])('the media type is that of %s', (_, header, body, mediaType) => {
    const bytes = Buffer.from(JSON.stringify(body));
    expect(takeManifest(bytes, header)).toEqual({ digest: digestOf(bytes), mediaType, bytes });
  });

  test.each([
    ['schema 1', 'application/vnd.docker.distribution.manifest.v1+prettyjws', '{}'],
    ['a page', 'text/html', '<html>'],
    ['nothing that names it', undefined, '{}'],
    ['bytes that are no UTF-8', undefined, '\xff\xfe'],
  ])('%s is an error', (_, header, text) => {
    expect(() => takeManifest(Buffer.from(text, 'latin1'), header)).toThrow();
  });
});

describe('parseManifest', () => {
  test('an image', () => {
    const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf('y'), size: 2 };
    const none = { platform: undefined, annotations: new Map() };
    expect(parseManifest(take({ mediaType: image, config, layers: [layer], annotations: { a: 'b' } }))).toEqual({
      kind: 'image',
      config: { ...config, ...none },
      layers: [{ ...layer, ...none }],
      annotations: new Map([['a', 'b']]),
    });
  });

  test('an index with an attestation', () => {
    const child = { mediaType: image, digest, size: 1 };
    const parsed = parseManifest(
      take(
        {
          manifests: [
            { ...child, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
            { ...child, platform: { os: 'linux', architecture: 'amd64' } },
            {
              ...child,
              platform: { os: 'unknown', architecture: 'unknown' },
              annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
            },
          ],
        },
        index,
      ),
    );
    if (parsed.kind !== 'index') throw new Error('no index');
    expect(parsed.manifests.map(({ platform }) => platform)).toEqual([
      'linux/arm/v7',
      'linux/amd64',
      'unknown/unknown',
    ]);
    expect(parsed.manifests.map(isAttestation)).toEqual([false, false, true]);
  });

  test.each<[string, unknown, RegExp]>([
    ['another type inside than outside', { mediaType: index, manifests: [] }, /calls itself/],
    ['image and index at once', { config, layers: [], manifests: [] }, /at once/],
    ['no config', { layers: [] }, /config is no object/],
    ['no layers', { config }, /layers is no list/],
    [
      'a digest of another algorithm',
      { config: { ...config, digest: 'sha512:00' }, layers: [] },
      /not a sha256 digest/,
    ],
    ['a digest with a path', { config: { ...config, digest: '../../x' }, layers: [] }, /not a sha256 digest/],
    ['a negative size', { config, layers: [{ ...config, size: -1 }] }, /layers\[0\].size/],
    ['a platform without os', { config: { ...config, platform: {} }, layers: [] }, /config.platform/],
    ['an annotation that is no text', { config, layers: [], annotations: { a: 1 } }, /annotation "a"/],
    ['a list', [], /no object/],
  ])('%s is an error', (_, value, message) => expect(() => parseManifest(take(value))).toThrow(message));
});
