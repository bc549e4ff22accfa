import { describe, expect, test } from '@jest/globals';
import { parseCheckArguments } from '../../src/inputs/check-arguments.ts';

describe('npm run check', () => {
  test('takes an image and what is asked of it', () => {
    const words = ['--file', 'a/Dockerfile', '--target=app', '--platform', 'linux/aarch64', '--ignore', 'a: b'];
    expect(parseCheckArguments([...words, '--hold', 'low', '--run', 'ghcr.io/acme/app:main'])).toMatchObject({
      ...{ name: 'ghcr.io/acme/app:main', file: 'a/Dockerfile', target: 'app', platform: 'linux/arm64' },
      ...{ wantsPlatform: true, run: true, hold: 'low', ignores: [{ id: 'a', reason: 'b' }] },
    });
    expect(parseCheckArguments(['app'])).toMatchObject({ name: 'app', wantsPlatform: false, run: false });
    expect(parseCheckArguments(['--help'])).toBe('help');
  });

  test.each<[string, string[], RegExp]>([
    ['no image', [], /one image is needed, and 0 came/],
    ['two images', ['a', 'b'], /and 2 came/],
    ['an option that is none', ['--flie', 'x', 'a'], /Unknown option '--flie'/],
    ['a severity that is none', ['--hold', 'all', 'a'], /not "all"/],
    ['a platform that is none', ['--platform', 'nonsense', 'a'], /a platform is needed/],
    ['a stage of no Dockerfile', ['--target', 'app', 'a'], /--file/],
    ['an ignore of nothing', ['--ignore', ': x', 'a'], /neither `id`/],
  ])('refuses %s', (_, words, said) => {
    expect(() => parseCheckArguments(words)).toThrow(said);
  });
});
