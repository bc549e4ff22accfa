import { spawnSync } from 'node:child_process';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ActionError } from '../../src/errors.ts';
import type { BuildInputs } from '../../src/inputs.ts';
import { Secret } from '../../src/model/secret.ts';
import { planBake } from '../../src/plan/build-plan.ts';
import { planGrants } from '../../src/plan/grants.ts';
import { parse } from '../support/inputs.ts';
import { buildx, folderWith, requestFor, sweep } from './engine-bench.ts';

afterAll(sweep);

const context = folderWith({ Dockerfile: 'FROM scratch\n' });

// what is special in CSV, HCL, JSON, shells and buildx's own notations, often; and any other text
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...',="\'$%{}[]:;\\ \n\r#/-@*',
        '${',
        '%{',
        '""',
        'fs=*',
        'id=',
        'src=',
        'env=',
        'default',
        'host',
        'e\u0301',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.stringMatching(/^[a-z0-9.]{1,4}$/),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join('').replace(/\0|\p{Surrogate}/gu, ''));

const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

/** One value for each input, in quotes so that it stays one. */
const shapes: Record<string, (a: string, b: string) => string> = {
  annotations: (a, b) => `${a}=${b}`,
  secrets: (a, b) => `${a}=${b}x`,
  ssh: (a, b) => `${a}=${b}`,
  'add-hosts': (a) => `${a}:10.0.0.1`,
  'no-cache-filters': (a) => a,
  ulimit: (a) => `nofile=1${a}`,
  allow: (a) => `device=${a}`,
  'build-contexts': (a, b) => `${a}=docker-image://${b}`,
};

/** What the gate makes of a value; undefined where it refuses it. */
function gate(name: string, value: string): BuildInputs | undefined {
  try {
    return parse({ [name]: quoted(value) }).build;
  } catch (error) {
    if (error instanceof ActionError) return undefined;
    throw error;
  }
}

/** What bake understood of what we plan for these inputs. */
function understood(build: BuildInputs): Record<string, unknown> {
  const found = {
    token: undefined,
    secrets: build.secrets.map(({ id }) => ({
      id,
      from: id,
      value: { kind: 'found' as const, secret: new Secret('v') },
    })),
    ssh: build.ssh.map(({ id, paths }) => ({ id, paths, missing: undefined })),
  };
  const grants = planGrants(build, found, { role: 'main', nonce: 'n', folder: '/f' });
  const plan = planBake(
    requestFor(context, {
      args: new Map(),
      contexts: build.contexts,
      secrets: grants.secrets,
      annotations: build.annotations,
      addHosts: build.addHosts,
      ulimits: build.ulimits,
      allow: grants.allow,
      noCacheFilters: build.noCacheFilters,
    }),
  );
  const args = ['bake', '--print', ...plan.args];
  const { status, stdout, stderr } = spawnSync(buildx.path, args, {
    input: plan.definition,
    env: { ...buildx.env, HOME: '/root' },
  });
  if (status !== 0) throw new Error(`${stderr}\n${plan.definition}`);
  return (JSON.parse(stdout.toString()) as { target: { image: Record<string, unknown> } }).target.image;
}

/** Read as buildx reads it (util/buildflags/ssh.go); bake itself would open the keys at once. */
function sshOf(build: BuildInputs): string[][] {
  const found = { token: undefined, secrets: [], ssh: build.ssh.map((one) => ({ ...one, missing: undefined })) };
  const { ssh } = planGrants(build, found, { role: 'main', nonce: 'n', folder: '/f' });
  const { definition } = planBake(requestFor(context, { ssh }));
  const written = (JSON.parse(definition) as { target: { image: { ssh?: string[] } } }).target.image.ssh ?? [];
  return written.map((one) => {
    const [id = '', paths] = one.replaceAll(/([$%])\1(?=\{)/g, '$1').split(/=(.*)/s);
    return paths === undefined ? [id] : [id, ...paths.split(',')];
  });
}

/** `--print` writes templates the way its own files need them. */
const plain = (shown: string): string => shown.replaceAll(/([$%])\1(?=\{)/g, '$1');

test('whatever the gate accepts arrives as the one value that it is', () => {
  let accepted = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...Object.keys(shapes)), text, text), { minLength: 200, maxLength: 200 }),
      (given) => {
        const builds = given.flatMap(([name, a, b]) => gate(name, shapes[name]?.(a, b) ?? '') ?? []);
        accepted += builds.length;
        const all = merge(builds);
        const image = understood(all);
        expect(((image['annotations'] as string[] | undefined) ?? []).map(plain).toSorted()).toEqual(
          [...new Set(all.annotations)].toSorted(),
        );
        expect(
          ((image['secret'] as { id: string; env: string }[] | undefined) ?? []).map(({ id, env }) => [id, env]),
        ).toEqual(all.secrets.map(({ id }, at) => [id, `SLIPWAY_n_${at}`]));
        expect(sshOf(all)).toEqual(all.ssh.map(({ id, paths }) => [id, ...paths]));
        expect(image['extra-hosts'] ?? {}).toEqual(Object.fromEntries(all.addHosts));
        expect(image['no-cache-filter'] ?? []).toEqual([...new Set(all.noCacheFilters)]);
        expect(image['ulimits'] ?? []).toEqual([...new Set(all.ulimits)]);
        expect(((image['entitlements'] as string[] | undefined) ?? []).toSorted()).toEqual(all.allow.toSorted());
        expect(image['contexts'] ?? {}).toEqual(Object.fromEntries(all.contexts));
      },
    ),
    { numRuns: 15, endOnFailure: true },
  );
  expect(accepted).toBeGreaterThan(200);
}, 60_000);

/** Many inputs as one, each id once. */
function merge(builds: readonly BuildInputs[]): BuildInputs {
  const { build } = parse({});
  const distinct = <T extends { readonly id: string }>(all: readonly T[]): T[] => [
    ...new Map(all.map((one) => [one.id, one])).values(),
  ];
  return {
    ...build,
    annotations: builds.flatMap((one) => one.annotations),
    secrets: distinct(builds.flatMap((one) => one.secrets)),
    ssh: distinct(builds.flatMap((one) => one.ssh)),
    addHosts: new Map(builds.flatMap((one) => [...one.addHosts])),
    noCacheFilters: builds.flatMap((one) => one.noCacheFilters),
    ulimits: builds.flatMap((one) => one.ulimits),
    allow: [...new Set(builds.flatMap((one) => one.allow))],
    contexts: new Map(builds.flatMap((one) => [...one.contexts])),
  };
}
