import { describe, expect, test } from '@jest/globals';
import { digestOf, isDigest, parseDigest } from '../../src/model/digest.ts';
import { formatReference, parseRepository } from '../../src/model/image-ref.ts';
import { isTag, parseTag } from '../../src/model/tag.ts';

describe('a repository', () => {
  test.each<[text: string, name: string, registry: string, path: string]>([
    ['ghcr.io/acme/app', 'ghcr.io/acme/app', 'ghcr.io', 'acme/app'],
    ['GHCR.io/Acme/App', 'ghcr.io/acme/app', 'ghcr.io', 'acme/app'],
    ['python', 'docker.io/library/python', 'docker.io', 'library/python'],
    ['docker.io/python', 'docker.io/library/python', 'docker.io', 'library/python'],
    ['index.docker.io/acme/app', 'docker.io/acme/app', 'docker.io', 'acme/app'],
    ['acme/app', 'docker.io/acme/app', 'docker.io', 'acme/app'],
    ['Acme/app', 'docker.io/acme/app', 'docker.io', 'acme/app'],
    ['localhost/app', 'localhost/app', 'localhost', 'app'],
    ['localhost:5000/app', 'localhost:5000/app', 'localhost:5000', 'app'],
    ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000/a/b/c', '127.0.0.1:5000', 'a/b/c'],
    ['[::1]:5000/app', '[::1]:5000/app', '[::1]:5000', 'app'],
    ['ghcr.io/a__b/c.d-e---f', 'ghcr.io/a__b/c.d-e---f', 'ghcr.io', 'a__b/c.d-e---f'],
  ])('%s', (text, name, registry, path) => expect(parseRepository(text)).toEqual({ name, registry, path }));

  test.each<[name: string, text: string]>([
    ['a tag', 'ghcr.io/acme/app:latest'],
    ['a digest', `ghcr.io/acme/app@${digestOf('x')}`],
    ['a port without path', 'registry:5000'],
    ['nothing', ''],
    ['a host alone', 'ghcr.io/'],
    ['two slashes', 'ghcr.io//app'],
    ['a scheme', 'https://ghcr.io/acme/app'],
    ['a comma', 'ghcr.io/acme/app,x'],
    ['a space', 'ghcr.io/acme/app x'],
    ['a newline', 'ghcr.io/acme/app\nx'],
    ['a hyphen first', 'ghcr.io/-acme/app'],
    ['three underscores', 'ghcr.io/a___b'],
    ['two dots', 'ghcr.io/a..b'],
    ['another script', 'ghcr.io/äpp'],
    ['256 characters', `ghcr.io/${'a'.repeat(248)}`],
    ['an option', '--help'],
    ['a host with two dots', 'a..b/app'],
    ['a port that is none', 'localhost:65536/app'],
  ])('refused: %s', (_, text) => expect(() => parseRepository(text)).toThrow());

  test('255 characters', () => expect(parseRepository(`ghcr.io/${'a'.repeat(247)}`).name).toHaveLength(255));
  test('references', () => {
    const app = parseRepository('ghcr.io/acme/app');
    expect(formatReference(app, parseTag('v1'))).toBe('ghcr.io/acme/app:v1');
    expect(formatReference(app, digestOf('x'))).toBe(`ghcr.io/acme/app@${digestOf('x')}`);
  });
  test('a name is read back', () => {
    for (const text of ['python', 'Acme/app', 'localhost:5000/app'])
      expect(parseRepository(parseRepository(text).name)).toEqual(parseRepository(text));
  });
});

describe('tags and digests', () => {
  test.each(['latest', '_', '0', 'A.b-c_d', 'x'.repeat(128)])('%s is a tag', (text) => expect(isTag(text)).toBe(true));
  test.each(['', '.x', '-x', 'x'.repeat(129), 'a/b', 'a:b', 'a b', 'x\n', 'é'])('%j is none', (text) => {
    expect(isTag(text)).toBe(false);
    expect(() => parseTag(text)).toThrow(JSON.stringify(text));
  });
  test('a digest is canonical', () => {
    expect(digestOf('')).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(isDigest(digestOf('').toUpperCase())).toBe(false);
    expect(isDigest(`${digestOf('')}\n`)).toBe(false);
    expect(() => parseDigest('sha512:00')).toThrow('sha512:00');
  });
});
