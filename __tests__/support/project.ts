import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEngineKind } from '../../scripts/testbed/engine.mjs';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import { pullRequest, pushBranch } from '../../scripts/testbed/payloads.mjs';
import { createOrigin } from '../../scripts/testbed/repo.mjs';
import { runAction } from '../../scripts/testbed/runner.mjs';

/** The app of these tests: a base that is slow to make, a test stage, and an image that tells what it holds. */
export const app: Readonly<Record<string, string>> = {
  Dockerfile: [
    'FROM busybox:stable AS base',
    'WORKDIR /app',
    'RUN echo made > /made',
    'COPY . /app',
    'FROM base AS test',
    'RUN sh /app/stage-test.sh',
    'FROM base',
    'USER nobody',
    'ENTRYPOINT ["cat"]',
    'CMD ["/app/message"]',
    '',
  ].join('\n'),
  '.dockerignore': '.git\n',
  message: 'hello\n',
  'stage-test.sh': 'grep -q hello /app/message\n',
};

/** Which of the bench's engines these tests run on. */
export const engineKind = parseEngineKind(process.env['SLIPWAY_TESTBED_ENGINE'] || 'default');
export const bench = await ensureTestbed({
  log: (line) => process.stderr.write(`${line}\n`),
  engine: engineKind,
});
// some tests take the base for an image of somebody else's; on the bench's first engine it is there from making it
if (engineKind !== 'default' || !bench.engine.ours) docker('pull', '--quiet', 'busybox:stable');
const action = process.cwd();

type Result = Awaited<ReturnType<typeof runAction>>;
type Registry = Awaited<ReturnType<typeof bench.startRegistry>>;

/** What differs between two runs of the action. */
export interface RunOptions {
  readonly inputs?: Record<string, string>;
  readonly env?: Record<string, string>;
  readonly depth?: number;
  /** What is checked out, where that is not the event's ref: git cannot make every remote branch a local one. */
  readonly checkout?: string;
  readonly runId?: string;
  readonly signal?: Parameters<typeof runAction>[0]['signal'];
  /** In place of the bench's Node 24. */
  readonly node?: string;
  /** Where the runner's folders are, in place of fresh ones with plain names. */
  readonly where?: { readonly workspace: string; readonly temp: string };
  readonly onLine?: (line: string) => void;
  readonly afterMain?: () => void;
  /** Changes the checkout before the action runs. */
  readonly prepare?: (folder: string) => void;
}

/** A run as the runner saw it, with the receipt read. */
export interface Run extends Result {
  readonly receipt: Receipt;
  readonly green: boolean;
  readonly runnerFiles: readonly string[];
  /** What is left of the action's own in the runner's folder, other than the files that outputs name. */
  readonly leftFiles: readonly string[];
  /** Unique to the run: in the receipt's name, the image's local name and the containers' label. */
  readonly nonce: string;
}

export interface Receipt {
  readonly result: string;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly role: string | null;
  readonly tags: readonly {
    readonly repository: string;
    readonly tag: string;
    readonly before: string | null;
    readonly after: string | null;
    readonly outcome: string;
  }[];
  readonly tests: readonly { readonly kind: string; readonly platform: string | null; readonly passed: boolean }[];
  readonly notices: readonly string[];
  readonly image: {
    readonly digest: string;
    readonly reused: boolean;
    readonly platform: string | null;
    readonly platforms: readonly { readonly platform: string; readonly digest: string; readonly size: number }[];
    readonly steps: { readonly cached: number; readonly total: number };
    readonly uncached: { readonly step: string; readonly line: number | null; readonly because: string } | null;
  } | null;
  readonly revisions: readonly { readonly digest: string; readonly commit: string }[];
  readonly cache: { readonly export: { readonly ok: boolean; readonly reason: string } | null };
  readonly steps: readonly { readonly name: string }[];
}

/** Starts a registry of some make; see the test bench. */
export const startRegistry = bench.startRegistry;
/** What a child needs to use the engine. */
export const engineEnv: Readonly<Record<string, string>> = bench.env;
export const { node24 } = bench;

/** A registry as runs see it: its host, and a way to end it. */
type Place = Pick<Registry, 'host' | 'stop'>;

/** A repository with its own registry, on the real engine. */
export async function openProject(files: Readonly<Record<string, string>> = app) {
  return openProjectAt(await bench.startRegistry(), files);
}

export type Project = Awaited<ReturnType<typeof openProject>>;

/** A repository with a registry that somebody else started. */
export async function openProjectAt<P extends Place>(registry: P, files: Readonly<Record<string, string>> = app) {
  const origin = await createOrigin({ ...files });
  const image = `${registry.host}/acme/app`;
  const run = async (event: ReturnType<typeof pushBranch>, ref: string, options: RunOptions): Promise<Run> => {
    const { where } = options;
    const folder = where === undefined ? {} : { folder: where.workspace };
    const clone = await origin.clone({ ref: options.checkout ?? ref, depth: options.depth ?? 1, ...folder });
    const runnerTemp = where?.temp ?? mkdtempSync(join(tmpdir(), 'slipway-e2e-'));
    try {
      options.prepare?.(clone.folder);
      const result = await runAction({
        action,
        node: options.node ?? bench.node24,
        inputs: { image, ...options.inputs },
        event: { name: event.name, payload: event.payload },
        ref: event.ref,
        sha: event.sha,
        headRef: event.headRef,
        baseRef: event.baseRef,
        workspace: clone.folder,
        env: { ...bench.env, ...options.env },
        runId: options.runId ?? '4711',
        runnerTemp,
        post: true,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
        ...(options.afterMain === undefined ? {} : { afterMain: options.afterMain }),
      });
      // told by telling-environment.mjs where a test fails
      Object.assign(globalThis, { slipwayLastRun: `${result.main.log}\n${result.post?.log ?? ''}` });
      const runnerFiles = readdirSync(runnerTemp);
      const leftFiles = runnerFiles.filter((name) => /^slipway-(?!receipt-|findings-)/.test(name));
      const nonce = nonceOf(result.state);
      return {
        ...result,
        green: result.main.code === 0,
        receipt: readReceipt(runnerTemp),
        runnerFiles,
        leftFiles,
        nonce,
      };
    } finally {
      clone.remove();
      rmSync(runnerTemp, { recursive: true, force: true });
    }
  };
  return {
    registry,
    origin,
    image,
    /** Runs the action for any event on a checkout of `ref`. */
    on: run,
    /** Runs the action for a push of what the branch holds now. */
    push: async (branch: string, options: RunOptions = {}) => {
      const sha = await origin.sha(`refs/heads/${branch}`);
      return run(pushBranch({ branch, sha }), `refs/heads/${branch}`, options);
    },
    /** Runs the action for an earlier push to a branch, as a re-run or a slow runner does. */
    pushOld: (branch: string, sha: string, options: RunOptions = {}) => run(pushBranch({ branch, sha }), sha, options),
    /** Runs the action for a pull request into main; `fork` names the other repository. */
    pullRequest: async (number: number, head: string, options: RunOptions & { fork?: string } = {}) => {
      const merged = await origin.pullRequest({ number, head: `refs/heads/${head}` });
      const event = pullRequest({
        number,
        head,
        ...merged,
        ...(options.fork === undefined ? {} : { fork: options.fork }),
      });
      return run(event, `refs/pull/${number}/merge`, options);
    },
    close: async () => {
      await registry.stop();
      origin.remove();
    },
  };
}

/** Writes the registry saw: every PUT, PATCH and DELETE, and POSTs but the probe for the right to push. */
export async function writesTo(registry: Registry, pattern = /./): Promise<readonly string[]> {
  const seen = await registry.requests();
  return seen
    .filter(({ method, path }) => ['PUT', 'PATCH'].includes(method) && pattern.test(path))
    .map(({ method, path }) => `${method} ${path}`);
}

/** The digest that a tag holds, asked without any code of Slipway's. */
export async function digestOfTag(registry: Registry, tag: string): Promise<string | null> {
  const reply = await fetch(`${registry.url}/v2/acme/app/manifests/${tag}`, { method: 'HEAD', headers: { accept } });
  return reply.ok ? reply.headers.get('docker-content-digest') : null;
}

/** The config of the image that a tag holds. */
export async function configOfTag(
  registry: Registry,
  tag: string,
): Promise<{ config: { Labels: Record<string, string>; User?: string } }> {
  const manifest = (await (
    await fetch(`${registry.url}/v2/acme/app/manifests/${tag}`, { headers: { accept } })
  ).json()) as { config: { digest: string } };
  const blob = await fetch(`${registry.url}/v2/acme/app/blobs/${manifest.config.digest}`);
  return (await blob.json()) as { config: { Labels: Record<string, string> } };
}

/** Every tag of the repository, sorted. */
export async function tagsOf(registry: Registry): Promise<readonly string[]> {
  const reply = await fetch(`${registry.url}/v2/acme/app/tags/list`);
  if (reply.status === 404) return [];
  return (((await reply.json()) as { tags: string[] | null }).tags ?? []).toSorted();
}

/** What `docker run` of a reference prints: pulled from the registry, run by the engine. */
export function runImage(reference: string, ...args: string[]): string {
  return runImageOn(undefined, reference, ...args);
}

/** What `docker run` of one platform of a reference prints. */
export function runImageOn(platform: string | undefined, reference: string, ...args: string[]): string {
  const on = platform === undefined ? [] : ['--platform', platform];
  try {
    return docker('run', '--rm', '--pull=always', ...on, reference, ...args);
  } finally {
    docker('image', 'rm', '--force', reference);
  }
}

/** What is left of a run in the engine: its names for images, and its containers. */
export function leftovers(run: Run, image: string): readonly string[] {
  const names = listLines('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}');
  const containers = listLines('ps', '--all', '--quiet', '--filter', `label=io.slipway.run=${run.nonce}`);
  return [...names.filter((name) => name.includes(run.nonce) || name.startsWith(image)), ...containers];
}

/** What a listing of the docker client prints, sorted. On the containerd store the engine fails to list where an image goes meanwhile
 * that somebody else removes (`NotFound: content digest …`), so it is asked again. */
export function listLines(...args: string[]): readonly string[] {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const lines = docker(...args).split('\n');
      return lines.filter((line) => line !== '').toSorted();
    } catch (error) {
      if (attempt === 20 || !/not ?found/i.test(String(error))) throw error;
    }
  }
}

/** Runs the docker client against the bench's engine. */
export function docker(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, {
    env: { ...process.env, ...bench.env },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const accept =
  'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';

function nonceOf(state: Readonly<Record<string, string>>): string {
  const text = state['slipway'];
  return text === undefined ? 'no run' : (JSON.parse(text) as { nonce: string }).nonce;
}

function readReceipt(folder: string): Receipt {
  const name = readdirSync(folder).find((one) => /^slipway-receipt-[0-9a-f]{32}\.json$/.test(one));
  if (name === undefined)
    return {
      result: 'none',
      error: null,
      role: null,
      tags: [],
      tests: [],
      notices: [],
      image: null,
      revisions: [],
      cache: { export: null },
      steps: [],
    };
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Receipt;
}
