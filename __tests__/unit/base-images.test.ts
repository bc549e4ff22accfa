import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findBases, type Given } from '../../src/plan/base-images.ts';

const pinned = `debian@sha256:${'a'.repeat(64)}`;
const plain: Given = { args: new Map(), contexts: new Map(), sendsGit: false };

function namesOf(dockerfile: string, given: Partial<Given> = {}): readonly string[] | string {
  const found = findBases(dockerfile, { ...plain, ...given });
  return found.kind === 'unknown'
    ? found.because
    : found.floating.map(({ repository, tag }) => `${repository.name}:${tag}`);
}

const debian = 'docker.io/library/debian:12';

describe('what a Dockerfile builds on', () => {
  test.each<[name: string, dockerfile: string, names: readonly string[], given?: Partial<Given>]>([
    ['a tag', 'FROM debian:12', [debian]],
    ['no tag', 'FROM debian', ['docker.io/library/debian:latest']],
    ['another registry', 'FROM ghcr.io/acme/base:1', ['ghcr.io/acme/base:1']],
    ['a port', 'FROM localhost:5000/base', ['localhost:5000/base:latest']],
    ['a digest', `FROM ${pinned}`, []],
    ['a tag and a digest', `FROM debian:12@${pinned.slice(7)}`, []],
    ['nothing', 'FROM scratch', []],
    ['a stage', 'FROM debian:12 AS base\nFROM base\nFROM BASE', [debian]],
    ['a stage named like its image', 'FROM debian:12 AS debian\nFROM debian', [debian]],
    ['an image that a later stage is named like', 'FROM app\nFROM scratch AS app', ['docker.io/library/app:latest']],
    ['another platform', 'FROM --platform=$BUILDPLATFORM debian:12', [debian]],
    ['the same twice', 'FROM debian:12\nFROM debian:12', [debian]],
    ['a here-document that looks like one', 'FROM scratch\nCOPY <<E /a\nFROM debian:12\nE\n', []],
    ['a comment and a continued line', 'FROM \\\n# no\n debian:12 \\\n AS x', [debian]],
    ['an argument', 'ARG TAG=12\nFROM debian:$TAG', [debian]],
    ['an argument in quotes', 'ARG BASE="debian:12"\nFROM ${BASE}', [debian]],
    ['an argument of an argument', 'ARG N=debian\nARG BASE=${N}:12\nFROM $BASE', [debian]],
    ['an argument that is given', 'ARG TAG=11\nFROM debian:$TAG', [debian], { args: new Map([['TAG', '12']]) }],
    ['an argument that is given and not asked for', 'FROM debian:12$TAG', [debian], { args: new Map([['TAG', '1']]) }],
    ['a default', 'ARG TAG\nFROM debian:${TAG:-12}', [debian]],
    ['a default that is not needed', 'ARG TAG=12\nFROM debian:${TAG:-11}', [debian]],
    ['an alternative', 'ARG TAG=1\nFROM debian:${TAG:+12}', [debian]],
    ['COPY --from', 'FROM scratch\nCOPY --from=debian:12 /a /a', [debian]],
    ['COPY --from a stage', 'FROM scratch AS a\nFROM scratch\nCOPY --from=A /a /a\nCOPY --from=0 /a /a', []],
    ['COPY --from a number that is no stage', 'FROM scratch\nCOPY --from=7 /a /a', ['docker.io/library/7:latest']],
    ['RUN --mount', 'FROM scratch\nRUN --mount=type=bind,from=debian:12,target=/a true', [debian]],
    ['RUN --mount of a stage', 'FROM scratch AS a\nRUN --mount=from=a,target=/a --mount=type=cache,target=/b true', []],
    ['a frontend', '# syntax=docker/dockerfile:1\nFROM scratch', ['docker.io/docker/dockerfile:1']],
    ['a frontend after another directive', '# escape=`\n# Syntax = a/b:1\nFROM scratch', ['docker.io/a/b:1']],
    ['a frontend after a first line of a script', '#!/bin/x\n#syntax=a/b:1\nFROM scratch', ['docker.io/a/b:1']],
    ['a frontend too late', '# hello\n# syntax=a/b:1\nFROM scratch', []],
    [
      'a frontend that is given',
      '# syntax=a/b:1\nFROM scratch',
      ['docker.io/c/d:1'],
      { args: new Map([['BUILDKIT_SYNTAX', 'c/d:1']]) },
    ],
    ['a context in its place', 'FROM debian:12', [], { contexts: new Map([['debian:12', 'hash']]) }],
    [
      'a context in place of latest',
      'FROM docker.io/library/debian:latest',
      [],
      { contexts: new Map([['debian', 'hash']]) },
    ],
    ['a context that is an image', 'FROM a', [debian], { contexts: new Map([['a', 'docker-image://debian:12']]) }],
    ['a context that is pinned', 'FROM a', [], { contexts: new Map([['a', `docker-image://${pinned}`]]) }],
    [
      '.git that nobody copies',
      'FROM scratch\nCOPY src /src\nRUN --mount=type=cache,target=/x true',
      [],
      { sendsGit: true },
    ],
    ['ADD of a file', 'FROM scratch\nADD a.tar /', []],
    ['ADD with a checksum', `FROM scratch\nADD --checksum=sha256:${'a'.repeat(64)} https://x.test/a /`, []],
  ])('%s', (_, dockerfile, names, given = {}) => expect(namesOf(dockerfile, given)).toEqual(names));

  test.each<[name: string, dockerfile: string, because: string, given?: Partial<Given>]>([
    ['an argument without a value', 'ARG BASE\nFROM $BASE', 'no image'],
    ['the machine’s own', 'FROM debian:$TARGETARCH', 'not known before the build'],
    ['a substitution that is not understood', 'ARG A=1\nFROM debian:${A%.*}', 'not known before the build'],
    ['a default for what is not set', 'ARG A\nFROM debian:${A-1}', 'not known before the build'],
    ['an escaped variable', 'FROM debian:\\$A', 'not known before the build'],
    ['a name that is none', 'FROM Not:A:Name', 'no image'],
    ['COPY --from a variable', 'FROM scratch\nCOPY --from=$A /a /a', 'not known before the build'],
    ['ADD of a URL', 'FROM scratch\nADD https://x.test/a /', 'ADD https://x.test/a'],
    ['ADD of a repository', 'FROM scratch\nADD git@github.com:a/b.git /', 'ADD git@'],
    ['ADD of a URL as JSON', 'FROM scratch\nADD ["https://x.test/a", "/"]', 'ADD https://x.test/a'],
    ['ADD of a variable', 'FROM scratch\nARG A\nADD $A /', 'ADD $A'],
    ['a context from the web', 'FROM scratch', 'the context a', { contexts: new Map([['a', 'https://x.test/a.git']]) }],
    ['COPY of .git', 'FROM scratch\nCOPY . /', '.dockerignore', { sendsGit: true }],
    ['a mount of the context', 'FROM scratch\nRUN --mount=target=/x true', '.dockerignore', { sendsGit: true }],
  ])('is not known: %s', (_, dockerfile, because, given = {}) => expect(namesOf(dockerfile, given)).toContain(because));
});

test('whatever a Dockerfile is, there is an answer', () => {
  const words = [
    'FROM',
    'ARG',
    'COPY',
    'ADD',
    'RUN',
    '--from=',
    '--mount=',
    '--mount=type=bind,from',
    '$',
    '${',
    '}',
    '${A:-',
    'A=1',
    ' AS ',
    '"',
    "'",
    '\\',
    '\n',
    '\n',
    ' ',
    '<<E',
    'E',
    '[',
    ']',
    '["a',
    '# syntax=',
    '#',
    'a:1',
    '@sha256:',
    'scratch',
    '\0',
    '🚀',
    '`',
  ];
  const texts = fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(texts, fc.boolean(), (dockerfile, sendsGit) => {
      expect(['known', 'unknown']).toContain(findBases(dockerfile, { ...plain, sendsGit }).kind);
    }),
    { seed: 20_261_121, numRuns: 3_000 },
  );
});
