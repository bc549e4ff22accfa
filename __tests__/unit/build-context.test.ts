import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readBuildContext } from '../../src/tools/checkout/build-context.ts';
import { findSentFile, fingerprint } from '../../src/tools/checkout/sent-files.ts';

let root: string;

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

const here = { context: '.', file: undefined };

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-context-')));
  write({ Dockerfile: 'FROM scratch\n', 'src/a.py': 'a', 'src/__pycache__/a.pyc': 'x' });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('readBuildContext', () => {
  test('finds the Dockerfile in the context', () => {
    write({ 'app/Dockerfile': 'FROM app\n' });
    const context = readBuildContext(root, { context: 'app', file: undefined });
    expect([context.file, context.inRepository, context.dockerfile]).toEqual([
      join(root, 'app/Dockerfile'),
      'app',
      'FROM app\n',
    ]);
  });

  test('an ignore file of the Dockerfile’s own wins', () => {
    write({ '.dockerignore': 'src\n', 'Dockerfile.dockerignore': '*.md\n' });
    const { sends } = readBuildContext(root, here);
    expect([sends('src/a.py'), sends('README.md')]).toEqual([true, false]);
  });

  test.each([
    ['a context out of the workspace', { context: '..', file: undefined }],
    ['a context that is not there', { context: 'nowhere', file: undefined }],
    ['a Dockerfile that is not there', { context: '.', file: 'No.Dockerfile' }],
    ['a Dockerfile out of the workspace', { context: '.', file: '/etc/hostname' }],
  ])('%s is refused', (_, given) => {
    expect(() => readBuildContext(root, given)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  test('a context that is a link out of the workspace is refused', () => {
    symlinkSync('/etc', join(root, 'link'));
    expect(() => readBuildContext(root, { context: 'link', file: undefined })).toThrow('leads out');
  });
});

describe('named contexts', () => {
  const named = (...pairs: [string, string][]) => ({ ...here, contexts: new Map(pairs) });

  test('are folders with ignore files of their own, and what the builder fetches', () => {
    write({ 'lib/.dockerignore': '*.md\n', 'lib/a': 'a' });
    const { named: found } = readBuildContext(root, named(['lib', './lib'], ['base', 'docker-image://alpine']));
    expect(found).toEqual([
      expect.objectContaining({ kind: 'folder', name: 'lib', path: join(root, 'lib'), inRepository: 'lib' }),
      { kind: 'remote', name: 'base', url: 'docker-image://alpine' },
    ]);
    expect(found.map((one) => one.kind === 'folder' && [one.sends('a'), one.sends('b.md')])).toEqual([
      [true, false],
      false,
    ]);
  });

  test.each([['..'], ['/etc'], ['nowhere'], ['Dockerfile'], ['link']])('%s is refused', (path) => {
    symlinkSync('/etc', join(root, 'link'));
    expect(() => readBuildContext(root, named(['lib', path]))).toThrow(
      expect.objectContaining({ code: 'invalid-input', message: expect.stringContaining('build-contexts: lib: ') }),
    );
  });

  test('what git ignores in them reaches the builder, and what anybody writes there is seen', () => {
    write({ '.dockerignore': 'lib\n', 'lib/made': 'x' });
    const read = () => readBuildContext(root, named(['lib', 'lib']));
    expect(findSentFile(readBuildContext(root, here), root, ['lib/'])).toBeUndefined();
    expect(findSentFile(read(), root, ['lib/'])).toBe('made');
    write({ 'a/b/c/Dockerfile': 'FROM scratch\n' });
    const deep = readBuildContext(root, { context: 'a/b/c', file: undefined });
    for (const entry of ['a/', 'a/b/', 'a/b/c/']) expect(findSentFile(deep, root, [entry])).toBe('Dockerfile');
    expect(findSentFile(deep, root, ['lib/'])).toBeUndefined();
    const before = fingerprint(read());
    expect(fingerprint(read())).toBe(before);
    write({ 'lib/made': 'y' });
    expect(fingerprint(read())).not.toBe(before);
  });
});

describe('findSentFile', () => {
  test.each<[string, string | undefined, string[], string | undefined]>([
    ['without an ignore file everything is sent', undefined, ['src/__pycache__/'], 'src/__pycache__/a.pyc'],
    ['a folder that is left out', '**/__pycache__\n', ['src/__pycache__/'], undefined],
    ['a folder whose files are left out', '**/*.pyc\n', ['src/__pycache__/'], undefined],
    ['a file taken in again', 'src\n!src/__pycache__/a.pyc\n', ['src/__pycache__/'], 'src/__pycache__/a.pyc'],
    ['a file', '*.md\n', ['src/a.py'], 'src/a.py'],
  ])('%s', (_, ignore, entries, found) => {
    if (ignore !== undefined) write({ '.dockerignore': ignore });
    expect(findSentFile(readBuildContext(root, here), root, entries)).toBe(found);
  });

  test('what lies beside the context is not sent', () => {
    write({ 'app/Dockerfile': 'FROM scratch\n' });
    expect(
      findSentFile(readBuildContext(root, { context: 'app', file: undefined }), root, ['src/a.py']),
    ).toBeUndefined();
  });
});

describe('fingerprint', () => {
  const read = () => readBuildContext(root, here);

  test('stays while nobody writes', () => {
    expect(fingerprint(read())).toBe(fingerprint(read()));
  });

  test.each<[string, () => void]>([
    ['other content of the same size with its old times put back', () => rewrite('src/a.py', 'b')],
    ['a new file', () => write({ 'src/b.py': '' })],
    ['a removed file', () => rmSync(join(root, 'src/a.py'))],
    ['another Dockerfile', () => write({ Dockerfile: 'FROM other\n' })],
  ])('changes with %s', (_, change) => {
    const before = fingerprint(read());
    change();
    expect(fingerprint(read())).not.toBe(before);
  });

  test('does not look at what is left out', () => {
    write({ '.dockerignore': '**/__pycache__\n' });
    const before = fingerprint(read());
    write({ 'src/__pycache__/b.pyc': 'y' });
    expect(fingerprint(read())).toBe(before);
  });

  function rewrite(name: string, text: string): void {
    const path = join(root, name);
    const old = new Date('2020-01-01');
    utimesSync(path, old, old);
    writeFileSync(path, text);
    utimesSync(path, old, old);
  }
});
