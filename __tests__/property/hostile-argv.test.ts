import { expect, test } from '@jest/globals';
import { parse as parseCsv } from 'csv-parse/sync';
import { ActionError } from '../../src/errors.ts';
import { parseInputs } from '../../src/inputs.ts';
import { digestOf } from '../../src/model/digest.ts';
import type { GitContext } from '../../src/model/git-context.ts';
import { parseTag } from '../../src/model/tag.ts';
import { authorize } from '../../src/plan/authorize.ts';
import { quoteCsvField } from '../../src/plan/bake-text.ts';
import { type BakePlan, planBake, planCacheExport, planLocalName } from '../../src/plan/build-plan.ts';
import { cacheTag, planCache } from '../../src/plan/cache-plan.ts';
import { planDestinations } from '../../src/plan/destinations.ts';
import { planRun } from '../../src/plan/run-plan.ts';
import { isFaithful } from '../../src/plan/slug.ts';
import { planTags } from '../../src/plan/tag-plan.ts';
import { planPush } from '../../src/plan/verdict.ts';
import { hostileRefs } from '../fixtures/hostile-refs.ts';
import { nameFrom, randomFrom } from '../support/oracle-names.ts';
import { noVersions, policy, pull, push, runOf } from '../support/oracle-runs.ts';

const seed = Number(process.env['SLIPWAY_SEED'] ?? 20_261_121);
const inputs = parseInputs(
  new Map([
    ['IMAGE', 'ghcr.io/acme/app'],
    ['TEST-TARGET', 'test'],
    ['VERSIONS', 'none'],
  ]),
);
const [cached, before] = [digestOf('cache'), digestOf('before')];

/** What a run could have: Slipway refuses bytes that are no UTF-8, and a merge queue's branch writes nothing. */
const isBranch = (name: string) =>
  name !== '' && name !== 'main' && isFaithful(name) && !name.startsWith('gh-readonly-queue/');

/** Names that meant harm to other tools, and 100,000 generated ones. */
function readNames(): readonly string[] {
  const names = hostileRefs.map(({ ref }) => ref).filter(isBranch);
  const random = randomFrom(seed);
  for (let made = 0; made < 100_000; ) {
    const name = nameFrom(random);
    if (!isBranch(name)) continue;
    names.push(name);
    made++;
  }
  return names;
}
const names = readNames();

/** From event to the solves, as release.ts goes, without the world: what each program is started with. */
function solvesOf(git: GitContext, productionBranch = 'main'): readonly BakePlan[] {
  const rights = authorize(git, { productionBranch, push: 'auto' });
  const destinations = planDestinations(inputs, rights.role);
  const wanted = planTags({ ...policy, versions: 'none' }, { git, rights }, noVersions);
  const { productionTag, role } = rights;
  const [repository] = destinations.image;
  const place = { protectedRepository: destinations.cache, repository, productionTag, ownTag: wanted.own };
  const { request } = planRun(inputs, {
    ...{ git, wanted, push: planPush('auto', rights), holdings: [], key: 'k', bases: { key: '', unknown: '' } },
    context: { path: '/work', file: '/work/Dockerfile', dockerfile: 'FROM x AS test\n', named: [] },
    grants: { secrets: [], values: new Map(), ssh: [], network: undefined, allow: [], notices: [] },
    cacheIntent: planCache({ mode: 'auto', role, exports: true, apart: [], ...place }),
    cacheFound: [cached, before],
    platforms: [],
    builder: { kind: 'engine' },
    ...{ name: planLocalName('0'), folder: '/run' },
    hasEngine: true,
    repository,
    machine: { store: 'containerd', engineVersion: '28.5.2', buildxVersion: undefined },
  });
  const written = planCacheExport(request);
  return [planBake(request), ...(written === undefined ? [] : [written])];
}

/** Every byte that a program is handed. */
function bytesOf(plans: readonly BakePlan[]): string {
  return plans.map(({ args, definition }) => [...args, definition].join('\0')).join('\0\0');
}

/** The fields of a line of comma-separated values, read by nobody's code of ours. */
function fieldsOf(attribute: string): readonly string[] {
  const [fields = [], ...more] = parseCsv(attribute) as string[][];
  if (more.length > 0) throw new Error(`more than a line: ${attribute}`);
  return fields;
}

test('there are enough of them', () => {
  expect(names.length).toBeGreaterThanOrEqual(101_000);
});

test('whatever a branch, a pull request’s head or a git tag is called, every program is handed the same bytes', () => {
  const runs = [
    (name: string) => runOf(push(`refs/heads/${name}`)),
    (name: string) => runOf(pull(name)),
    (name: string) => runOf(push(`refs/tags/${name}`)),
  ];
  const same = runs.map((run) => bytesOf(solvesOf(run('plain'))));
  expect(same[0]).toContain(before); // a branch's own image is read
  const runOfRow = (name: string, at: number) => runs[at % 3]?.(name) ?? runOf(push('refs/heads/plain'));
  const others = names.filter((name, at) => bytesOf(solvesOf(runOfRow(name, at))) !== same[at % 3]);
  expect(others.slice(0, 5)).toEqual([]);
}, 120_000);

test('whatever the production branch is called, its cache is one value of one attribute', () => {
  let taken = 0;
  const faults: object[] = [];
  // most generated names can be no production branch's: every fifth is enough
  for (const name of names.slice(0, 20_000)) {
    const plans = attempt(name);
    if (plans === undefined) continue;
    taken++;
    const { productionTag } = authorize(runOf(push('refs/heads/x')), { productionBranch: name, push: 'auto' });
    const ref = `ref=ghcr.io/acme/app:${cacheTag(parseTag(productionTag))}`;
    const target = (JSON.parse(plans[1]?.definition ?? '') as { target: { image: { 'cache-to': string[] } } }).target;
    const fields = target.image['cache-to'].map(fieldsOf);
    const wanted = [['type=registry', ref, 'mode=max', 'image-manifest=true', 'oci-mediatypes=true']];
    const args = plans.flatMap((plan) => plan.args).join(' ');
    if (JSON.stringify(fields) !== JSON.stringify(wanted) || args.includes('cache-')) faults.push({ name, fields });
  }
  expect(faults.slice(0, 5)).toEqual([]);
  expect(taken).toBeGreaterThan(1_000);
}, 120_000);

/** Undefined where the name can be no production branch's. */
function attempt(name: string): readonly BakePlan[] | undefined {
  try {
    return solvesOf(runOf(push(`refs/heads/${name}`)), name);
  } catch (error) {
    if (error instanceof ActionError && error.code === 'invalid-input') return undefined;
    throw error;
  }
}

test('any text as a field of comma-separated values is read back as it was', () => {
  const faults: string[] = [];
  for (let at = 0; at < names.length; at += 1_000) {
    const some = names.slice(at, at + 1_000);
    const lines = some.map((name) => [`id=${name}`, `env=${name}`].map(quoteCsvField).join(','));
    const rows = parseCsv(lines.join('\n'), { record_delimiter: '\n' }) as string[][];
    faults.push(...some.filter((name, row) => String(rows[row]) !== String([`id=${name}`, `env=${name}`])));
    if (rows.length !== some.length) faults.push(`${rows.length} rows`);
  }
  expect(faults.slice(0, 5)).toEqual([]);
});
