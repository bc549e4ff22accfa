import { spawnSync } from 'node:child_process';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import type { Answer, Sighting } from '../../src/audit/finding.ts';
import { rules } from '../../src/audit/rules.ts';
import { readDockerfile } from '../../src/tools/audit/read-dockerfile-facts.ts';
import { readImageFacts } from '../../src/tools/audit/read-image-facts.ts';
import { beneath, careful, careless, shabby } from '../support/careless-project.ts';
import { bench, engine, env, folderWith, never, sweep } from './engine-bench.ts';

await ensureTestbed({ log: (line) => process.stderr.write(`${line}\n`), want: ['python-3.13'] });

const secret = 'qZ7w-K4xT9-vB2m';
// a library that needs another: made of one that is there, by a name of the same length
const makeModule = `import glob, pathlib, sysconfig
site = pathlib.Path('/usr/local/lib/python3.13/site-packages'); site.mkdir(parents=True, exist_ok=True)
whole = pathlib.Path(glob.glob('/usr/lib/*/libz.so.1')[0]).read_bytes()
(site / f"broken{sysconfig.get_config_var('EXT_SUFFIX')}").write_bytes(whole.replace(b'libc.so.6', b'libq.so.6'))
(site / 'werkzeug-3.1.1.dist-info').mkdir(); (site / 'werkzeug-3.1.1.dist-info/METADATA').write_text('Name: Werkzeug\\nVersion: 3.1.1\\n')
(site / 'flask-3.1.2.dist-info').mkdir(); (site / 'flask-3.1.2.dist-info/METADATA').write_text('Name: Flask\\nVersion: 3.1.2\\n')
`;
const dockerfile = `FROM python:3.13-slim-trixie AS base
WORKDIR /app

FROM base AS bad
ARG PIP_TOKEN=${secret}
COPY . .
RUN true || pip install -r requirements.txt
RUN echo "machine example.org login me password ${secret.replaceAll('-', '')}" > /root/.netrc
RUN rm /root/.netrc && python /app/make.py
RUN mkdir -p /app/.git && printf '[http]\\n\\textraheader = AUTHORIZATION: basic eDp5eDp5\\n' > /app/.git/config && touch /app/.git/HEAD
RUN python -m venv --without-pip /opt/venv && ln -sf /nowhere/python3 /opt/venv/bin/python
RUN echo 'guest::10002:10002::/:/bin/sh' >> /etc/passwd && cp /bin/true /usr/bin/mine && chmod 4755 /usr/bin/mine
RUN mkdir -p /root/.cache/pip && head -c 300000 /dev/zero > /root/.cache/pip/body && head -c 30000000 /dev/zero > /big
RUN rm /big && install -d -m 777 /app/data
RUN test -e /never && apt-get update || true
ENV VIRTUAL_ENV=/opt/venv FLASK_DEBUG=1 PIP_INDEX_URL=https://me:${secret}@pypi.example.org/simple PYTHONHTTPSVERIFY=0
VOLUME /etc
ENTRYPOINT ["/app/entry.sh"]
CMD ["flask", "run"]

FROM base AS good
COPY requirements.txt .
RUN true || pip install --require-hashes -r requirements.txt
COPY --chmod=755 start.sh /app/start.sh
USER 10001
ENTRYPOINT ["/app/start.sh"]
CMD ["python", "-m", "http.server"]
`;
const files = {
  Dockerfile: dockerfile,
  '.dockerignore': 'Dockerfile\n',
  'requirements.txt': `flask==3.1.0 --hash=sha256:${'a'.repeat(64)}\n`,
  'make.py': makeModule,
  'entry.sh': '#!/bin/sh\npip install -r /app/requirements.txt\n"$@"\n',
  'start.sh': '#!/bin/sh\nset -e\nexec "$@"\n',
};
const nameOf = (target: string) => `slipway.invalid/rules-${target}:${bench.env['SLIPWAY_NONCE'] ?? process.pid}`;
let folder = '';

function docker(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('docker', args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
}

beforeAll(() => {
  folder = folderWith({ ...files, '.dockerignore': 'Dockerfile\n' });
  spawnSync('chmod', ['755', join(folder, 'entry.sh')]);
});
afterAll(() => {
  docker('image', 'rm', '--force', ...['bad', 'good', 'beneath', 'careless', 'shabby', 'careful'].map(nameOf));
  sweep();
});

/** What the rules saw of a target, built; by rule. */
async function findIn(target: string): Promise<ReadonlyMap<string, readonly Sighting[]>> {
  build(nameOf(target), folder, '--target', target);
  const answers = await judge(nameOf(target), folder, target);
  return new Map(
    [...answers].flatMap(([id, answer]) => (answer.kind === 'found' ? [[id, answer.sightings] as const] : [])),
  );
}

function build(name: string, from: string, ...options: readonly string[]): void {
  docker('buildx', 'build', '--quiet', '--load', '--provenance=false', ...options, '--tag', name, from);
}

/** What the rules say of an image that was built from a folder. */
async function judge(image: string, from: string, target?: string): Promise<ReadonlyMap<string, Answer>> {
  const source = { kind: 'engine', engine, image, platform: undefined } as const;
  const facts = await readImageFacts(source, readDockerfile(join(from, 'Dockerfile'), target), never);
  return new Map(rules.filter(({ needs }) => needs !== 'probes').map((rule) => [rule.id, rule.judge(facts)]));
}

const wanted = [
  'shared-libs-resolve',
  'venv-relocated',
  'runs-as-root',
  'empty-password',
  'secret-in-arg-env',
  'secret-in-history',
  'secret-file-in-any-layer',
  'index-url-credentials',
  'ci-token-in-image',
  'tls-verification-off',
  'debug-mode-in-cmd',
  'sensitive-volume',
  'entrypoint-script-no-exec',
  'installer-at-start',
  'transitives-unpinned',
  'installed-differs-from-lock',
  'apt-update-alone',
  'deps-after-code',
  'git-dir-in-image',
  'setuid-setgid',
  'world-writable-paths',
  'pip-cache-in-layer',
  'wasted-space',
];

test('of a real image with every fault each is found, and of its like without them none', async () => {
  const bad = await findIn('bad');
  expect(wanted.filter((id) => !bad.has(id))).toEqual([]);
  const said = JSON.stringify([...bad]);
  for (const form of [secret, secret.replaceAll('-', '')]) expect(said.includes(form)).toBe(false);
  expect(bad.get('shared-libs-resolve')?.[0]?.detail).toContain('libq.so.6');
  expect(bad.get('secret-file-in-any-layer')?.map(({ subject }) => subject)).toEqual([
    expect.objectContaining({ kind: 'file', path: '/root/.netrc' }),
  ]);

  const good = await findIn('good');
  expect(wanted.filter((id) => good.has(id)).map((id) => [id, good.get(id)])).toEqual([]);
}, 900_000);

/** What `careless` does wrong, and `careful` right. */
const carelessly = [
  'user-non-numeric',
  'duplicate-uid-gid',
  'sudo-used',
  'remote-admin-in-image',
  'old-pip',
  'package-data-missing',
  'elf-arch-matches',
  'requires-python',
  'venv-activate-in-run',
  'duplicate-pythons',
  'secret-mount-unused',
  'distro-eol',
  'stale-base',
  'apt-unauthenticated',
  'remote-code-unverified',
  'shell-strict',
  'volume-over-code',
  'privileged-port',
  'code-writable-by-runtime-user',
  'host-junk-copied',
  'chown-duplicates-layer',
  'dockerignore-missing',
  'migrations-at-start',
  'exec-form',
  'stopsignal-mismatch',
  'gunicorn-heartbeat-dir',
  'gunicorn-single-worker',
  'pyc-wrong-tag',
  'pyc-prefix-mismatch',
  'pip-no-compile-inverted',
  'compileall-no-args',
  'pyc-unused-levels',
  'extra-index-url',
  'deps-unpinned',
  'unhashed-dependencies',
  'vcs-unpinned',
  'tools-unpinned',
  'conda-env-unlocked',
  'lock-not-enforced',
  'lock-out-of-sync',
  'transitives-unpinned',
  'installed-differs-from-lock',
  'apt-update-alone',
  'apt-recommends',
  'noninteractive-apt',
  'apt-lists',
  'deps-after-code',
  'early-cache-buster',
  'no-cache-mount',
  'platform-const',
  'copy-root-from-stage',
  'build-tools-in-final',
  'dev-deps-in-final',
  'kitchen-sink-runtimes',
  'installers-in-final',
  'source-missing',
];
/** The same of `shabby`. */
const shabbily = [
  'base-unstable-distro',
  'dockerignore-incomplete',
  'uv-compile-missing',
  'lock-missing',
  'dist-upgrade',
  'uv-link-mode',
  'several-services',
];

test('of images that do much wrong and one that does the same right, each rule tells them apart', async () => {
  const under = folderWith(beneath);
  utimesSync(join(under, 'dpkg/status'), 1_700_000_000, 1_700_000_000);
  build(nameOf('beneath'), under);
  const answers = new Map<string, ReadonlyMap<string, Answer>>();
  for (const [name, content] of Object.entries({ careless, shabby, careful })) {
    const from = folderWith(content);
    build(nameOf(name), from, '--build-arg', `BASE=${nameOf('beneath')}`);
    answers.set(name, await judge(nameOf(name), from));
  }
  const kindsOf = (name: string, ids: readonly string[]) => ids.map((id) => [id, answers.get(name)?.get(id)?.kind]);
  expect(kindsOf('careless', carelessly)).toEqual(carelessly.map((id) => [id, 'found']));
  expect(kindsOf('shabby', shabbily)).toEqual(shabbily.map((id) => [id, 'found']));
  const right = [...carelessly, ...shabbily];
  expect(kindsOf('careful', right)).toEqual(right.map((id) => [id, 'pass']));

  const words = ['scripts/check.mjs', '--ignore', 'sudo-used: x', '--hold', 'high', nameOf('careless')];
  const told = spawnSync(process.execPath, words, { env: { ...process.env, ...env }, encoding: 'utf8' });
  expect([told.status, told.stdout]).toEqual([1, expect.stringMatching(/^high {4}elf-arch-matches: /m)]);
  expect(told.stdout).not.toMatch(/^medium +sudo-used/m);
}, 900_000);
