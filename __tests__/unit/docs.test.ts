import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { findWrongSteps } from '../../scripts/workflows.mjs';
import { inputNames } from '../../src/model/input-names.ts';
import { planOwnTag, planProductionTag } from '../../src/plan/slug.ts';
import { names, planOf, type policy, push, runOf } from '../support/oracle-runs.ts';
import { known, semver } from '../support/versions.ts';
import { readExampleWorkflows } from '../support/workflows.ts';

const folders = ['docs', 'docs/checks'];
const documents = [
  'README.md',
  ...folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name))),
].filter((path) => path.endsWith('.md'));
const text = (path: string) => readFileSync(path, 'utf8');

/** The rows of the tables under a heading, cells as they stand. */
function rows(path: string, heading: string): readonly (readonly string[])[] {
  const [, body = ''] = text(path).split(`\n${heading}\n`);
  const section = body.split(/^#{1,6} /m)[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|') && !/^\|[ :|-]+\|$/.test(line));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** What stands as code in a cell. */
function codes(cell = ''): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

describe('README.md, Tags; docs/tags.md, Own tag', () => {
  const protection = {
    productionBranch: 'main',
    productionTag: planProductionTag('main'),
    extraTags: [],
    protectedTags: [],
  };
  const table = [...rows('README.md', '## Tags'), ...rows('docs/tags.md', '## Own tag of a branch')];
  const pairs = table.flatMap(([branches, tags]) => codes(branches).map((branch, at) => [branch, codes(tags)[at]]));

  test('show branches', () => {
    expect(pairs.length).toBeGreaterThan(15);
  });

  test.each(pairs)('%s has the own tag %s', (branch = '', tag) => {
    expect(planOwnTag(branch, protection)).toBe(tag);
  });
});

describe('README.md, Releases', () => {
  const table = rows('README.md', '## Releases').slice(1);

  test('shows git tags', () => {
    expect(table).toHaveLength(4);
  });

  test.each(table.map((row) => [codes(row[0])[0] ?? '', row] as const))('%s', (gitTag, [, highest, fixed, moving]) => {
    const git = runOf(push(`refs/tags/${gitTag}`));
    const versions = semver(...codes(highest));
    const plan = planOf(git, { extraTags: ['stable'] }, { kind: 'known', versions });
    const said = [...codes(fixed), ...codes(moving), ...(moving?.includes('extra tags') ? ['stable'] : [])];
    expect(
      names(plan)
        .map((one) => one.replace(/^sha-[0-9a-f]{12}$/, 'sha-<12 hex>'))
        .toSorted(),
    ).toEqual(said.toSorted());
  });
});

describe('docs/tags.md, latest', () => {
  const released = known('1.0.0');
  const table = rows('docs/tags.md', '## `latest` and extra tags').slice(1);

  test.each(table.map(([input = '', main = '', release = '']) => [codes(input)[0] ?? '', main, release]))(
    '%s: the production branch %s, a release %s',
    (latest, main, release) => {
      const writes = (ref: string, versions: typeof released | undefined) =>
        names(planOf(runOf(push(ref)), { latest: latest as typeof policy.latest }, versions)).includes(
          'latest' as never,
        );
      expect(writes('refs/heads/main', undefined)).toBe(main.startsWith('moves'));
      expect(writes('refs/heads/main', released)).toBe(main.startsWith('moves') && !main.includes('until'));
      expect(writes('refs/tags/v1.4.2', released)).toBe(release.startsWith('moves'));
      expect(writes('refs/tags/v0.9.0', released)).toBe(false);
    },
  );
});

describe('docs/migrating.md', () => {
  /** The inputs of docker/build-push-action v7.3.0, metadata-action v6.2.0, setup-buildx-action v4.3.0 and login-action v4.1.0. */
  const buildPush =
    'add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to call cgroup-parent context file github-token labels load network no-cache no-cache-filters outputs platforms provenance pull push sbom secrets secret-envs secret-files shm-size ssh tags target ulimit';
  const metadata =
    'images tags flavor labels annotations context sep-tags sep-labels sep-annotations bake-target github-token';
  const setup =
    'version driver driver-opts buildkitd-flags buildkitd-config buildkitd-config-inline use name endpoint platforms append keep-state cache-binary cleanup';
  const login = 'registry username password ecr scope logout registry-auth';

  test.each([
    ['### docker/build-push-action', buildPush],
    ['### docker/metadata-action', metadata],
  ])('%s: has a row for each of its inputs', (heading, inputs) => {
    const table = rows('docs/migrating.md', heading).slice(1);
    const said = table.flatMap(([first]) => codes(first)).filter((one) => !/^(?:type|flavor:)/.test(one));
    expect(said.toSorted()).toEqual(inputs.split(' ').toSorted());
  });

  test.each([
    ['docker/setup-buildx-action', setup],
    ['docker/login-action', login],
  ])('%s: names each of its inputs', (action, inputs) => {
    const [, section = ''] = text('docs/migrating.md').split(`\n### ${action}\n`);
    expect(codes(section.split(/^#/m)[0])).toEqual(expect.arrayContaining(inputs.split(' ')));
  });

  const tags = rows('docs/migrating.md', '### docker/metadata-action').findIndex(([first]) =>
    first?.startsWith('tag of'),
  );
  const table = [
    ...rows('docs/migrating.md', '### docker/build-push-action'),
    ...rows('docs/migrating.md', '### docker/metadata-action').slice(0, tags),
  ];
  const kept = table
    .flatMap(([first, second = '']) => (second.startsWith('keep') ? codes(first) : codes(second)))
    .filter((one) => /^[a-z-]+$/.test(one));
  test.each([...new Set(kept)])('%s, which is to be kept or written, is an input', (name) => {
    expect(inputNames).toContain(name);
  });

  const deleted = table.flatMap(([first, second]) => (second === 'delete' ? codes(first) : []));
  test.each(
    deleted.filter((name) => name !== 'push' && name !== 'tags' && name !== 'context' && /^[a-z-]+$/.test(name)),
  )('%s, which is to be deleted, is none', (name) => {
    expect(inputNames).not.toContain(name);
  });
});

describe('every document', () => {
  const links = documents.flatMap((path) =>
    [...text(path).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(
      ([all, file = '', anchor]) => [path, all, file, anchor] as const,
    ),
  );

  test.each(links)('%s: %s leads somewhere', (path, _, file, anchor) => {
    const target = file === '' ? path : join(dirname(path), file);
    expect(existsSync(target)).toBe(true);
    if (anchor === undefined) return;
    const anchors = [...text(target).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(anchors).toContain(anchor);
  });

  test.each(
    readExampleWorkflows()
      .map(({ place, jobs }) => [place, jobs] as const)
      .filter(([place]) => place.startsWith('docs/')),
  )('%s: its workflow gives inputs that exist', (place, jobs) => {
    const action = parse(text('action.yml')) as Parameters<typeof findWrongSteps>[1];
    const rights = { contents: 'read', packages: 'write' };
    const framed = Object.fromEntries(
      Object.entries(jobs).map(([name, job]) => [name, { permissions: rights, ...job }]),
    );
    expect(findWrongSteps({ path: place, text: JSON.stringify({ jobs: framed }) }, action)).toEqual([]);
  });
});
