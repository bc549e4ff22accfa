import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { schedule } from '../../scripts/testbed/payloads.mjs';
import { imageStore } from '../support/image-store.ts';
import {
  configOfTag,
  docker,
  engineKind,
  leftovers,
  openProject,
  type Project,
  type Run,
  runImage,
  tagsOf,
  writesTo,
} from '../support/project.ts';

let project: Project;

async function open(dockerfile: string, files: Record<string, string> = {}): Promise<void> {
  project = await openProject({ Dockerfile: dockerfile, '.dockerignore': '.git\n', ...files });
}

afterEach(async () => {
  await project.close();
});

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly annotations?: Readonly<Record<string, string>>;
}

async function manifestOfTag(tag: string): Promise<Manifest> {
  const accept =
    'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json';
  return (await (
    await fetch(`${project.registry.url}/v2/acme/app/manifests/${tag}`, { headers: { accept } })
  ).json()) as Manifest;
}

function noticesOf(run: Run): string {
  return run.annotations
    .filter(({ level }) => level === 'notice')
    .map(({ message }) => message)
    .join('\n');
}

describe('secrets', () => {
  const ids = ['value', 'lines', 'variable', 'file', 'bytes', 'buildx'] as const;
  const dockerfile = [
    'FROM busybox:stable',
    // BuildKit does not look at a secret's value when it looks for a cached step
    `ENV NONCE=${randomBytes(8).toString('hex')}`,
    ...ids.map((id) => `RUN --mount=type=secret,id=${id},required=true sha256sum /run/secrets/${id} >> /sums`),
    'RUN sleep 2',
    '',
  ].join('\n');
  /** Unlike anything else, and with what quoting could trip over. */
  const canary = (id: string): string => `cANARY-${id}-${randomBytes(9).toString('hex')}`;
  const secrets = {
    value: `${canary('value')}=,"'$x`,
    lines: `-----BEGIN\n${canary('lines-a')}\n${canary('lines-b')}==\n`,
    variable: `${canary('variable')}\n${canary('variable-2')}`,
    file: `${canary('file')}\n`,
    bytes: Buffer.concat([Buffer.of(0, 255), Buffer.from(canary('bytes'))]),
    buildx: canary('buildx'),
  };
  const needles = Object.values(secrets).flatMap((one) => one.toString('latin1').match(/cANARY-[\w-]+/g) ?? []);
  let probe: string;

  beforeEach(() => {
    probe = mkdtempSync(join(tmpdir(), 'slipway-probe-'));
    writeFileSync(join(probe, 'file'), secrets.file);
    writeFileSync(join(probe, 'bytes'), secrets.bytes);
  });

  afterEach(() => rmSync(probe, { recursive: true, force: true }));

  const given = () => ({
    secrets: `value=${secrets.value}\n"lines=${secrets.lines}"\nid=buildx,env=THE_SECRET_2`,
    'secret-envs': 'variable=THE_SECRET',
    'secret-files': `file=${join(probe, 'file')}\nbytes=${join(probe, 'bytes')}`,
  });

  /** Everything that can be fetched from the registry: manifests, configs and layers of every tag, unpacked. */
  async function everyBlob(): Promise<Buffer[]> {
    const found: Buffer[] = [];
    for (const tag of await tagsOf(project.registry)) {
      const manifest = await manifestOfTag(tag);
      found.push(Buffer.from(JSON.stringify(manifest)));
      for (const { digest } of [manifest.config, ...(manifest.layers ?? [])]) {
        const reply = await fetch(`${project.registry.url}/v2/acme/app/blobs/${digest}`);
        const bytes = Buffer.from(await reply.arrayBuffer());
        found.push(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes);
      }
    }
    return found;
  }

  test('reach a RUN to the last byte, in every form, and are found nowhere else', async () => {
    await open(dockerfile);
    const watch =
      'for n in 1 2 3 4 5; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n" >> "$PROBE/argv" || true; sleep 0.2; done; env > "$PROBE/env"';
    const run = await project.push('main', {
      inputs: { ...given(), test: watch },
      env: { PROBE: probe, THE_SECRET: secrets.variable, THE_SECRET_2: secrets.buildx },
    });
    expect(run.receipt.error).toBeNull();
    const sums = runImage(`${project.image}@${run.outputs['digest']}`, 'cat', '/sums');
    const wanted = ids.map((id) => `${createHash('sha256').update(secrets[id]).digest('hex')}  /run/secrets/${id}\n`);
    expect(sums).toBe(wanted.join(''));

    const log = run.main.log
      .split('\n')
      .filter((line) => !line.startsWith('::add-mask::'))
      .join('\n');
    const blobs = await everyBlob();
    expect(blobs.length).toBeGreaterThan(8);
    const places: Record<string, string | Buffer> = {
      log,
      'log of post': run.post?.log ?? '',
      outputs: JSON.stringify(run.outputs),
      receipt: JSON.stringify(run.receipt),
      state: JSON.stringify(run.state),
      summary: run.summary,
      'command lines': readFileSync(join(probe, 'argv')),
      'environment of the test': readFileSync(join(probe, 'env')),
      ...Object.fromEntries(blobs.map((bytes, at) => [`blob ${at}`, bytes])),
    };
    expect(places['command lines']?.toString()).toContain('--metadata-file=');
    expect(places['environment of the test']?.toString()).not.toContain('THE_SECRET');
    const leaks = Object.entries(places).flatMap(([place, text]) =>
      needles
        .flatMap((needle) => [needle, Buffer.from(needle).toString('base64').slice(2, -4)])
        .flatMap((needle) => (text.includes(needle) ? [`${place}: ${needle}`] : [])),
    );
    expect(leaks).toEqual([]);
    expect(needles.filter((needle) => !run.masks.some((mask) => mask.includes(needle)))).toEqual([]);
    expect(run.leftFiles).toEqual([]);
    expect(leftovers(run, project.image)).toEqual([]);
  }, 120_000);

  test('that the workflow says elsewhere too stay out of receipt and summary, also when the run fails', async () => {
    await open('FROM busybox:stable\nRUN --mount=type=secret,id=value cat /run/secrets/value\n');
    const run = await project.push('main', {
      inputs: { secrets: `value=${secrets.buildx}`, test: `echo ${secrets.buildx}; false` },
    });
    expect(run.receipt.error).toMatchObject({
      code: 'test-failed',
      message: expect.stringContaining('echo ***; false'),
    });
    expect(run.masks).toContain(secrets.buildx);
    expect(JSON.stringify(run.receipt) + run.summary).not.toContain(secrets.buildx);
  });

  test.each<[string, Record<string, string>, string]>([
    ['an empty value', { secrets: 'a=\nb=hunter2-hunter2' }, 'secrets: a: it has no value'],
    ['a variable that is not set', { 'secret-envs': 'a=NO_SUCH' }, 'the variable NO_SUCH is not set'],
    ['a file that is not there', { 'secret-files': 'a=./no-such' }, 'no-such cannot be read: ENOENT'],
    ['a folder', { secrets: 'id=a,src=.' }, 'is no file'],
    ['no SSH agent', { ssh: 'default' }, 'there is no SSH agent'],
  ])('%s: red on main before anything runs, a notice on a fork', async (_, inputs, message) => {
    await open('FROM busybox:stable\nRUN --mount=type=secret,id=a true\n');
    const mark = await project.registry.mark();
    const run = await project.push('main', { inputs });
    expect(run.green).toBe(false);
    expect(run.receipt.error).toMatchObject({ code: 'invalid-input', message: expect.stringContaining(message) });
    expect(run.main.log).not.toContain('hunter2-hunter2\n##');
    expect(await mark()).toEqual([]);
    await project.origin.commit('theirs', { message: 'x\n' });
    const fork = await project.pullRequest(1, 'theirs', { inputs, fork: 'mallory/app' });
    expect(fork.receipt.error).toBeNull();
    expect(noticesOf(fork)).toContain(message);
    expect(await writesTo(project.registry)).toEqual([]);
  });

  test('in a build argument are refused', async () => {
    await open('FROM busybox:stable\n');
    const run = await project.push('main', {
      inputs: { secrets: `t=${secrets.buildx}`, 'build-args': `T=${secrets.buildx}` },
    });
    expect(run.receipt.error).toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('build-args: T holds'),
    });
  });
});

describe('build-contexts', () => {
  const dockerfile = 'FROM base\nCOPY --from=lib greeting /greeting\nCMD ["cat", "/greeting"]\n';
  const inputs = { 'build-contexts': 'lib=./libs/one\nbase=docker-image://busybox:stable' };

  test('are a folder of the workspace and an image', async () => {
    await open(dockerfile, { 'libs/one/greeting': 'hello lib\n' });
    const run = await project.push('main', { inputs });
    expect(run.receipt.error).toBeNull();
    expect(runImage(`${project.image}@${run.outputs['digest']}`)).toBe('hello lib\n');
    expect((await project.push('main', { inputs })).outputs['reused']).toBe('true');
    const other = await project.push('main', { inputs: { 'build-contexts': `${inputs['build-contexts']}\nx=./libs` } });
    expect(other.outputs['reused']).toBe('false');
  });

  test('that are not part of git are built with a notice, labelled dirty and never reused', async () => {
    await open(dockerfile, { '.gitignore': 'libs\n', '.dockerignore': '.git\nlibs\n' });
    const prepare = (folder: string): void => {
      mkdirSync(join(folder, 'libs/one'), { recursive: true });
      writeFileSync(join(folder, 'libs/one/greeting'), 'hello built\n');
    };
    const run = await project.push('main', { inputs, prepare });
    expect(run.receipt.error).toBeNull();
    expect(noticesOf(run)).toMatch(/the work tree differs from its commit \("greeting"\).*never reused/);
    expect((await configOfTag(project.registry, 'main')).config.Labels['io.slipway.dirty']).toBe('true');
    expect((await project.push('main', { inputs, prepare })).outputs['reused']).toBe('false');
  });

  test.each([
    ['outside the workspace', 'lib=../'],
    ['that is not there', 'lib=./nowhere'],
    ['that is a file', 'lib=./Dockerfile'],
  ])('%s are refused', async (_, contexts) => {
    await open('FROM busybox:stable\n');
    const run = await project.push('main', { inputs: { 'build-contexts': contexts } });
    expect(run.receipt.error).toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('build-contexts: lib'),
    });
  });

  test('that would ship the checkout’s token are refused', async () => {
    await open('FROM busybox:stable\nCOPY --from=all . /all\n');
    const run = await project.push('main', {
      inputs: { 'build-contexts': 'all=.' },
      prepare: (folder) => {
        rmSync(join(folder, '.dockerignore'));
        writeFileSync(
          join(folder, '.git/config'),
          `${readFileSync(join(folder, '.git/config'))}[http "x"]\n\textraheader = A: b\n`,
        );
      },
    });
    expect(run.receipt.error).toMatchObject({
      code: 'context-refused',
      message: expect.stringContaining('Dockerfile:2: COPY'),
    });
  });
});

/** Buildx 0.13 would leave these out without a word, so Slipway refuses: see machine.test.ts. */
const recent = engineKind === 'stable' ? test.skip : test;

describe('what surrounds a RUN', () => {
  recent('hosts, no network, limits, shared memory, arguments and labels of several lines', async () => {
    await open(
      [
        'FROM busybox:stable',
        'ARG TEXT',
        'RUN grep -wE "db|six" /etc/hosts > /facts',
        'RUN ls /sys/class/net >> /facts; ulimit -n >> /facts; df -k /dev/shm | tail -1 | tr -s " " | cut -d " " -f 2 >> /facts',
        'RUN printf %s "$TEXT" >> /facts',
        'CMD ["cat", "/facts"]',
        '',
      ].join('\n'),
    );
    const run = await project.push('main', {
      inputs: {
        'add-hosts': 'db:10.1.2.3,six:fe80::1',
        network: 'none',
        ulimit: 'nofile=123:456',
        'shm-size': '96m',
        'build-args': '"TEXT=one, ""two""\n# three"',
        labels: '"note=one\ntwo"',
      },
    });
    expect(run.receipt.error).toBeNull();
    const facts = runImage(`${project.image}@${run.outputs['digest']}`);
    expect(facts).toMatch(/^10\.1\.2\.3\s+db$/m);
    expect(facts).toMatch(/^fe80::1\s+six$/m);
    expect(facts.split('\n').slice(2)).toEqual(['lo', '123', '98304', 'one, "two"', '# three']);
    expect((await configOfTag(project.registry, 'main')).config.Labels['note']).toBe('one\ntwo');
  });

  test('annotations are the manifest’s, or an error where the engine keeps no manifest', async () => {
    await open('FROM busybox:stable\n');
    const annotations = 'org.example.note=a, ${b} "c"\nmanifest:org.example.kind=d';
    const run = await project.push('main', { inputs: { annotations } });
    if (imageStore.hasManifests) {
      expect(run.receipt.error).toBeNull();
      expect((await manifestOfTag('main')).annotations).toMatchObject({
        'org.example.note': 'a, ${b} "c"',
        'org.example.kind': 'd',
      });
    } else expect(run.receipt.error).toMatchObject({ message: expect.stringContaining('annotations') });
  });

  const namespace = 'readlink /proc/self/ns/net';
  const ofHost = (): string => docker('run', '--rm', '--network', 'host', 'busybox:stable', 'sh', '-c', namespace);

  recent('the host’s network is for those who ask, and not for forks', async () => {
    await open(`FROM busybox:stable\nRUN ${namespace} > /ns; echo "network: $(cat /ns)"\nCMD ["cat", "/ns"]\n`);
    const run = await project.push('main', { inputs: { network: 'host' } });
    expect(run.receipt.error).toBeNull();
    expect(runImage(`${project.image}@${run.outputs['digest']}`)).toBe(ofHost());
    await project.origin.commit('theirs', { message: 'x\n' });
    const inputs = { network: 'host', allow: 'network.host', 'build-args': 'OTHER=1', cache: 'none' };
    const fork = await project.pullRequest(2, 'theirs', {
      inputs: { ...inputs, 'no-cache': 'true' },
      fork: 'mallory/app',
    });
    expect(fork.receipt.error).toBeNull();
    expect(noticesOf(fork)).toContain('`allow` is refused on untrusted runs: this build goes without network.host');
    expect(fork.main.log).toContain('network: net:[');
    expect(fork.main.log).not.toContain(`network: ${ofHost().trim()}`);
  });

  recent('a step that takes the host’s network by itself needs `allow`, and gets it nowhere on a fork', async () => {
    await open(`FROM busybox:stable\nRUN --network=host ${namespace} > /ns\nCMD ["cat", "/ns"]\n`);
    const refused = await project.push('main');
    expect(refused.receipt.error).toMatchObject({
      code: 'build-failed',
      message: expect.stringContaining('network.host'),
    });
    const run = await project.push('main', { inputs: { allow: 'network.host' } });
    expect(run.receipt.error).toBeNull();
    expect(runImage(`${project.image}@${run.outputs['digest']}`)).toBe(ofHost());
    await project.origin.commit('theirs', { message: 'x\n' });
    const fork = await project.pullRequest(3, 'theirs', { inputs: { allow: 'network.host' }, fork: 'mallory/app' });
    expect(fork.receipt.error).toMatchObject({
      code: 'build-failed',
      message: expect.stringContaining('network.host'),
    });
  });
});

describe('freshness', () => {
  const base = (): string => `${project.registry.host}/acme/base:1`;

  beforeEach(async () => {
    await open('FROM busybox:stable\n');
    docker('tag', 'busybox:stable', base());
    docker('push', base());
    // the name makes the step this test's own: of several records of a step BuildKit may take any
    await project.origin.commit('main', {
      Dockerfile: `FROM ${base()} AS steady\nRUN : ${base()} && date +%s%N > /steady\nFROM steady AS fresh\nRUN date +%s%N > /fresh\nFROM fresh\nCMD ["sh", "-c", "cat /steady /fresh"]\n`,
    });
  });

  afterEach(() => {
    docker('image', 'rm', '--force', base());
  });

  let runs = 5_000;
  const nextRun = (): string => `${++runs}`;

  const timesOf = (run: Run): string[] => runImage(`${project.image}@${run.outputs['digest']}`).trim().split('\n');

  const isBuilders = ({ path, userAgent }: { path: string; userAgent: string | undefined }): boolean =>
    path.startsWith('/v2/acme/base/manifests/') && userAgent !== 'slipway';

  /** Whether the builder looked the base image up in its registry: Slipway itself asks what it is, by HEAD. */
  async function pulled(work: () => Promise<Run>): Promise<[Run, boolean]> {
    const mark = await project.registry.mark();
    const run = await work();
    expect(run.receipt.error).toBeNull();
    return [run, (await mark()).some(isBuilders)];
  }

  test('no-cache-filters runs these stages anew and no others', async () => {
    const first = timesOf(await project.push('main'));
    await project.origin.commit('main', { message: 'two\n' });
    expect(timesOf(await project.push('main'))).toEqual(first);
    await project.origin.commit('main', { message: 'three\n' });
    const [steady, fresh] = timesOf(await project.push('main', { inputs: { 'no-cache-filters': 'fresh' } }));
    expect(steady).toBe(first[0]);
    expect(fresh).not.toBe(first[1]);
  });

  test('schedule pulls and builds anew, each unless told not to', async () => {
    const sha = await project.origin.sha('refs/heads/main');
    const again = (inputs: Record<string, string>) => () =>
      project.on(schedule({ sha }), 'refs/heads/main', { inputs, runId: nextRun() });
    const first = await project.push('main');
    const times = timesOf(first);

    const [scheduled, hasPulled] = await pulled(again({}));
    expect([scheduled.outputs['reused'], hasPulled]).toEqual(['false', true]);
    expect(timesOf(scheduled)[0]).not.toBe(times[0]);

    const [cached, pullsToo] = await pulled(again({ 'no-cache': 'false' }));
    expect([cached.outputs['reused'], pullsToo]).toEqual(['false', true]);
    expect(cached.receipt.image?.steps.cached).toBeGreaterThanOrEqual(2);

    const [uncached, pullsNot] = await pulled(again({ pull: 'false' }));
    expect([uncached.outputs['reused'], pullsNot]).toEqual(['false', false]);
    expect(timesOf(uncached)[0]).not.toBe(timesOf(cached)[0]);

    const [reused] = await pulled(again({ pull: 'false', 'no-cache': 'false' }));
    expect(reused.outputs['reused']).toBe('true');
  }, 120_000);

  test('push builds anew where pull or no-cache says so', async () => {
    await project.push('main');
    const [again, hasPulled] = await pulled(() => project.push('main', { inputs: { pull: 'true' }, runId: nextRun() }));
    expect([again.outputs['reused'], hasPulled]).toEqual(['false', true]);
    expect(again.receipt.image?.steps.cached).toBeGreaterThanOrEqual(2); // the RUNs; of FROM BuildKit says it as it comes
    const [anew] = await pulled(() => project.push('main', { inputs: { 'no-cache': 'true' }, runId: nextRun() }));
    expect(anew.outputs['reused']).toBe('false');
    expect(timesOf(anew)[0]).not.toBe(timesOf(again)[0]);
  });
});

test('summary: false writes none; extra tags are written by main and reached by no branch', async () => {
  await open('FROM busybox:stable\n');
  const inputs = { summary: 'false', 'extra-tags': 'stable', 'protected-tags': 'prod*' };
  const run = await project.push('main', { inputs });
  expect(run.summary).toBe('');
  expect(run.outputs['tags']).toContain(`${project.image}:stable`);
  await project.origin.commit('prod-1', { message: 'x\n' });
  const branch = await project.push('prod-1', { inputs });
  expect(branch.outputs['tag']).toMatch(/prod-1-[0-9a-f]{16}$/);
});
