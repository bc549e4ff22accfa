import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { secretForms } from '../../src/model/secret-forms.ts';
import { imageStore } from '../support/image-store.ts';
import { engineEnv, openProject, type Project, type Run, type RunOptions, tagsOf } from '../support/project.ts';
import { filesWith, watchProcesses, withoutMasks } from '../support/secret-search.ts';

/** A secret for every way in which the action or what it calls is given one. */
const secrets = {
  password: 'cANARY-pass+word/44c1<"x',
  'github-token': 'cANARY-github-token-9a07',
  secrets: `cANARY-input $(x) 'quoted' 1b3d`,
  'secrets of several lines': 'cANARY-line-one-77aa\ncANARY-line-two-88bb\n',
  'secret-envs': 'cANARY-variable-5e5e',
  'secret-files': 'cANARY-file-2f2f\n',
  'the runner’s docker login': 'cANARY-docker-login-c0c0',
  'an identity token of docker': 'cANARY-identity-token-d1d1',
  'the checkout’s token': 'cANARY-checkout-token-e2e2',
  'the runtime token': 'cANARY-runtime-token-f3f3',
} as const;
const forms = Object.values(secrets).flatMap((one) => secretForms(Buffer.from(one)));
const ids = ['one', 'lines', 'two', 'three'];

const files = {
  Dockerfile: [
    'FROM busybox:stable',
    ...ids.map(
      (id) => `RUN --mount=type=secret,id=${id},required=true cat /run/secrets/${id} && base64 /run/secrets/${id}`,
    ),
    'COPY . /app',
    'ARG VERSION',
    'RUN sleep 1',
    '',
  ].join('\n'),
  '.dockerignore': '.git\n',
  message: 'hello\n',
};

let project: Project;
let root: string;

/** Runs on a checkout with a token, beside a docker configuration with logins; `left` is what lies on disk then. */
async function run(options: RunOptions): Promise<{ run: Run; argv: readonly string[]; left: readonly string[] }> {
  const [temp, docker, given] = ['temp', 'docker', 'given'].map((name) => join(root, name)) as [string, string, string];
  for (const folder of [temp, given]) mkdirSync(folder, { recursive: true });
  rmSync(docker, { recursive: true, force: true });
  cpSync(engineEnv['DOCKER_CONFIG'] ?? '', docker, { recursive: true });
  writeFileSync(join(given, 'secret'), secrets['secret-files']);
  const theirs = JSON.parse(readFileSync(join(engineEnv['DOCKER_CONFIG'] ?? '', 'config.json'), 'utf8')) as object;
  const auths = {
    'elsewhere.example': { auth: Buffer.from(`robot:${secrets['the runner’s docker login']}`).toString('base64') },
    'identity.example': {
      auth: Buffer.from('robot:').toString('base64'),
      identitytoken: secrets['an identity token of docker'],
    },
  };
  writeFileSync(join(docker, 'config.json'), JSON.stringify({ ...theirs, auths }));
  const stop = watchProcesses(forms);
  const done = await project.push('main', {
    ...options,
    where: { workspace: join(root, 'work'), temp },
    env: {
      DOCKER_CONFIG: docker,
      THE_SECRET: secrets['secret-envs'],
      ACTIONS_RUNTIME_TOKEN: secrets['the runtime token'],
    },
    prepare: (folder) => {
      const token = Buffer.from(`x-access-token:${secrets['the checkout’s token']}`).toString('base64');
      execFileSync('git', [
        '-C',
        folder,
        'config',
        'http.https://github.com/.extraheader',
        `AUTHORIZATION: basic ${token}`,
      ]);
    },
    afterMain: () => {
      rmSync(join(root, 'work', '.git', 'config')); // what checkout wrote there is not ours
      left.push(...filesWith(temp, forms), ...filesWith(join(root, 'work'), forms));
    },
    inputs: {
      username: 'robot',
      password: secrets.password,
      'github-token': secrets['github-token'],
      secrets: `one=${secrets.secrets}\n"lines=${secrets['secrets of several lines']}"`,
      'secret-envs': 'two=THE_SECRET',
      'secret-files': `three=${join(given, 'secret')}`,
      'build-args': 'VERSION=1',
      ...options.inputs,
    },
  });
  return { run: done, argv: stop().argv, left };
}

const left: string[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'slipway-nowhere-'));
  project = await openProject(files);
}, 60_000);

afterAll(async () => {
  await project.close();
  rmSync(root, { recursive: true, force: true });
});

/** Everything below every tag: indexes, manifests, attestations, configs and layers, unpacked. */
async function everyBlob(): Promise<readonly Buffer[]> {
  const seen = new Map<string, Buffer>();
  const read = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    const accept = ['index.v1', 'manifest.v1'].map((kind) => `application/vnd.oci.image.${kind}+json`);
    accept.push('application/vnd.docker.distribution.manifest.v2+json');
    const reply = await fetch(`${project.registry.url}/v2/acme/app/${path}`, {
      headers: { accept: accept.join(', ') },
    });
    const bytes = Buffer.from(await reply.arrayBuffer());
    seen.set(path, bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes);
    if (!path.startsWith('manifests/')) return;
    const {
      manifests = [],
      config,
      layers = [],
    } = JSON.parse(bytes.toString()) as Record<'manifests' | 'layers', { digest: string }[] | undefined> & {
      config?: { digest: string };
    };
    for (const { digest } of manifests) await read(`manifests/${digest}`);
    for (const { digest } of [...(config === undefined ? [] : [config]), ...layers]) await read(`blobs/${digest}`);
  };
  for (const tag of await tagsOf(project.registry)) await read(`manifests/${tag}`);
  return [...seen.values()];
}

function found(text: string): readonly string[] {
  return forms.filter((form) => text.includes(form));
}

describe('a secret of every channel', () => {
  let seen: Awaited<ReturnType<typeof run>>;

  beforeAll(async () => {
    seen = await run({
      inputs: { test: 'echo tested', ...(imageStore.kind === 'containerd' ? { provenance: 'mode=max' } : {}) },
    });
  }, 240_000);

  test('does not keep the run from publishing', () => {
    expect(seen.run.receipt.error).toBeNull();
    expect(seen.run.green).toBe(true);
  });

  test.each<[string, () => string | Promise<string>]>([
    ['the log, though RUN prints it in two ways', () => withoutMasks(seen.run.main.log + (seen.run.post?.log ?? ''))],
    ['an annotation', () => JSON.stringify(seen.run.annotations)],
    ['the receipt', () => JSON.stringify(seen.run.receipt)],
    ['the summary', () => seen.run.summary],
    ['an output, `metadata` too', () => JSON.stringify(seen.run.outputs)],
    ['state, environment or path', () => JSON.stringify([seen.run.state, seen.run.envFile, seen.run.pathFile])],
    ['any process’s argv', () => seen.argv.join('\n')],
    ['a file of the runner, the workspace or HOME afterwards', () => seen.left.join('\n')],
    [
      'layer, history, label, provenance or cache in the registry',
      async () => (await everyBlob()).map((one) => one.toString('latin1')).join('\n'),
    ],
  ])('is not in %s', async (_, text) => {
    expect(found(await text())).toEqual([]);
    if (_.startsWith('any process') || _.startsWith('a file')) expect(await text()).toBe('');
  });

  test('is on no disk where main was killed and post has run', async () => {
    await project.origin.commit('main', { message: 'again\n' });
    left.length = 0;
    const killed = await run({
      inputs: { test: 'echo tested; sleep 60' },
      signal: { kind: 'SIGKILL', when: (line) => line.includes('test │ tested') },
    });
    expect(killed.run.main.signal).toBe('SIGKILL');
    expect(found(withoutMasks(killed.run.main.log + (killed.run.post?.log ?? '')))).toEqual([]);
    expect(killed.run.leftFiles).toEqual([]);
    expect(killed.argv).toEqual([]);
  }, 240_000);
});
