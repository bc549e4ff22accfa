import { describe, expect, test } from '@jest/globals';
import { covers, readContextCopies, requireCleanContext } from '../../src/plan/context-refusal.ts';

const context = { sendsToken: true, context: { file: 'Dockerfile' } };

function isRefused(dockerfile: string): boolean {
  try {
    requireCleanContext(dockerfile, context);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'context-refused', hint: expect.stringContaining('persist-credentials') });
    return true;
  }
}

describe('a context with the checkout’s token', () => {
  test.each<[string, boolean]>([
    ['COPY . /app', true],
    ['COPY ./ /app', true],
    ['copy / /app', true],
    ['ADD . /app', true],
    ['COPY ["." , "/my app"]', true],
    ['COPY --chown=1:1 ["a", ".git", "/x"]', true],
    ['COPY * /app/', true],
    ['COPY .* /app/', true],
    ['COPY .g?t/ /app/', true],
    ['COPY .[a-h]it/config /app/', true],
    ['COPY .git/config /x', true],
    ['COPY $SOURCE /x', true],
    ['COPY a \\\n  . \\\n  /app', true],
    ['COPY --exclude=.git . /app', false],
    ['COPY --exclude=docs . /app', true],
    ['COPY src /app', false],
    ['COPY src/ .git-hooks *.py /app/', false],
    ['COPY --from=build . /app', false],
    ['COPY <<EOF /x\n.\nEOF', false],
    ['RUN cp -r . /x', false],
    ['# COPY . /app', false],
  ])('%j: refused is %s', (line, refused) => {
    expect(isRefused(`FROM a AS build\n${line}\n`)).toBe(refused);
  });

  test('the message names file, line and instruction', () => {
    expect(() => requireCleanContext('FROM a\n\nCOPY . /app\n', context)).toThrow('Dockerfile:3: COPY . would put');
  });

  test('without a token nothing is refused', () => {
    expect(() => requireCleanContext('FROM a\nCOPY . /app\n', { ...context, sendsToken: false })).not.toThrow();
  });
});

describe('a named context with the checkout’s token', () => {
  test.each<[string, boolean]>([
    ['COPY --from=all . /app', true],
    ['COPY --from=all .git /app', true],
    ['COPY --from=$WHICH . /app', true],
    ['FROM all', true],
    ['FROM all AS b', true],
    ['COPY --from=all src /app', false],
    ['COPY --from=other . /app', false],
    ['COPY . /app', false],
  ])('%j: refused is %s', (line, refused) => {
    const check = (): void =>
      requireCleanContext(`FROM a AS other\n${line}\n`, { ...context, sendsToken: false, tokenContexts: ['all'] });
    if (refused) expect(check).toThrow('would put the checkout’s token');
    else expect(check).not.toThrow();
  });
});

test('copies are read with their lines', () => {
  expect(readContextCopies('FROM a\nCOPY x y /z/\n\nADD https://e/x /x\nADD q /q\n')).toEqual([
    { line: 2, keyword: 'COPY', sources: ['x', 'y'] },
    { line: 5, keyword: 'ADD', sources: ['q'] },
  ]);
});

test.each([
  ['a/../.git', '.git', true],
  ['../../.git', '.git', true],
  ['a/.git', '.git', false],
  ['[', '.git', true],
  ['.gi\\t', '.git', true],
])('covers(%j, %j) is %s', (source, path, wanted) => {
  expect(covers(source, path)).toBe(wanted);
});
