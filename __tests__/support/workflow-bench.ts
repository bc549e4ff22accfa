import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureEmulation } from '../../scripts/testbed/emulation.mjs';
import { findFreePort } from '../../scripts/testbed/http.mjs';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import { repositoryObject } from '../../scripts/testbed/payloads.mjs';
import { createOrigin } from '../../scripts/testbed/repo.mjs';
import { runAction } from '../../scripts/testbed/runner.mjs';
import { acceptedManifests } from '../../src/model/manifest.ts';
import { type Builders, openBuilders } from './builders.ts';
import { type Contexts, holds, interpolate } from './expressions.ts';
import { isSlipway, type Job, type Step, type Workflow } from './workflows.ts';

/** What happens in the repository, and how the runner is told. */
export interface Occasion {
  readonly name: string;
  readonly event: {
    readonly name: string;
    readonly payload: unknown;
    readonly ref: string;
    readonly sha: string;
    readonly headRef: string;
    readonly baseRef: string;
  };
  readonly actor: string;
  /** Forks and Dependabot get empty secrets, `GITHUB_TOKEN` aside. */
  readonly secrets: boolean;
}

/** One run of our step, as a user sees it, and the jobs' steps around it. */
export interface Outcome {
  readonly green: boolean;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly receipt: unknown;
  /** The inputs after expressions; hosts are the test registries'. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly notices: readonly string[];
  readonly runId: string;
  /** Names of the jobs that ran. */
  readonly jobs: readonly string[];
  /** What the `run:` steps printed. */
  readonly printed: string;
}

type Registry = Awaited<ReturnType<typeof bench.startRegistry>>;

const bench = await ensureTestbed({
  log: (line) => process.stderr.write(`${line}\n`),
  want: new Set(['python' as const]),
});
const repository = 'octo-org/app';

/** A repository and its registries: one for each host that the workflow names. */
export async function openWorld(files: Readonly<Record<string, string>>, options: { readonly python?: string } = {}) {
  const origin = await createOrigin({ ...files });
  const registries = new Map<string, Registry>();
  const reach = async (lines: string): Promise<string> => {
    const moved = lines.split('\n').map(async (line) => {
      const [host = '', ...path] = line.trim().split('/');
      const registry = registries.get(host) ?? (await bench.startRegistry());
      registries.set(host, registry);
      return [registry.host, ...path].join('/');
    });
    return (await Promise.all(moved)).join('\n');
  };
  return {
    origin,
    /** Every tag of every repository with its digest, asked without any code of Slipway's. */
    readTags: async (): Promise<Readonly<Record<string, string>>> => {
      const found = await Promise.all([...registries.values()].map(readRegistry));
      return Object.fromEntries(found.flat());
    },
    run: (workflow: Workflow, occasion: Occasion) =>
      runWorkflow(workflow, occasion, { origin, reach, python: options.python }),
    close: async () => {
      for (const registry of registries.values()) await registry.stop();
      origin.remove();
    },
  };
}

interface World {
  readonly origin: Awaited<ReturnType<typeof createOrigin>>;
  readonly reach: (lines: string) => Promise<string>;
  /** Folder of the programs that setup-python would put first on the path. */
  readonly python: string | undefined;
}

/** Runs the jobs one after the other, each on a runner of its own. */
async function runWorkflow(workflow: Workflow, occasion: Occasion, world: World): Promise<Outcome> {
  const found: Outcome[] = [];
  const names: string[] = [];
  const printed: string[] = [];
  const needs: Record<string, { outputs: Record<string, string> }> = {};
  for (const [name, job] of Object.entries(workflow.jobs)) {
    const contexts = { ...contextsOf(occasion), needs };
    if (!holds(job.if, contexts, true)) continue;
    const done = await runJob(job, { occasion, world, contexts });
    names.push(name);
    printed.push(done.printed);
    if (done.outcome !== undefined) found.push(done.outcome);
    needs[name] = { outputs: done.outputs };
  }
  const [first, ...others] = found;
  if (first === undefined || others.length > 0) throw new Error(`${workflow.place} ran our step ${found.length} times`);
  return { ...first, jobs: names, printed: printed.join('') };
}

interface JobRun {
  readonly occasion: Occasion;
  readonly world: World;
  readonly contexts: Contexts;
}

async function runJob(job: Job, run: JobRun) {
  const runnerTemp = mkdtempSync(join(tmpdir(), 'slipway-workflow-'));
  const steps: Record<string, { outputs: Readonly<Record<string, string>> }> = {};
  const fresh = { workspace: undefined, builders: undefined, outcome: undefined, printed: '', green: true };
  const state: JobState = { run, runnerTemp, job, ...fresh };
  try {
    for (const step of job.steps) {
      const contexts = { ...run.contexts, steps, env: job.env ?? {} };
      if (!holds(step.if, contexts, state.green)) continue;
      await runStep(step, contexts, state);
      if (step.id !== undefined) steps[step.id] = { outputs: state.outcome?.outputs ?? {} };
    }
    const contexts = { ...run.contexts, steps };
    const outputs = Object.entries(job.outputs ?? {}).map(([name, value]) => [name, interpolate(value, contexts)]);
    return {
      outcome: state.outcome,
      printed: state.printed,
      outputs: Object.fromEntries(outputs) as Record<string, string>,
    };
  } finally {
    state.workspace?.remove();
    state.builders?.remove();
    rmSync(runnerTemp, { recursive: true, force: true });
  }
}

interface JobState {
  readonly run: JobRun;
  readonly runnerTemp: string;
  readonly job: Job;
  workspace: { readonly folder: string; readonly remove: () => void } | undefined;
  builders: Builders | undefined;
  outcome: Outcome | undefined;
  printed: string;
  green: boolean;
}

async function runStep(step: Step, contexts: Contexts, state: JobState): Promise<void> {
  const given = Object.fromEntries(
    Object.entries(step.with ?? {}).map(([name, value]) => [name, interpolate(String(value), contexts)]),
  );
  const env = Object.fromEntries(
    Object.entries({ ...state.job.env, ...step.env }).map(([name, value]) => [name, interpolate(value, contexts)]),
  );
  const [action = ''] = (step.uses ?? '').split('@');
  if (isSlipway(step)) return runOurs(given, env, state);
  if (step.run !== undefined) return runScript(step.run, env, state);
  switch (action) {
    case 'actions/checkout':
      state.workspace = await checkOut(given, state);
      return;
    case 'docker/login-action':
      // The registries ask for no login; what the real action refuses is refused.
      if (!given['username'] || !given['password']) throw new Error('Username and password required');
      return;
    case 'docker/setup-buildx-action':
      state.builders = openBuilders();
      await state.builders.addContainer();
      return;
    case 'docker/setup-qemu-action':
      await ensureEmulation((line) => process.stderr.write(`${line}\n`));
      return;
    case 'actions/setup-python':
      if (state.run.world.python === undefined) throw new Error('this app has no Python');
      return;
    default:
      throw new Error(`the test bench cannot run the step ${step.uses}`);
  }
}

/** As actions/checkout does: the event's ref, one commit deep, its token beside the checkout unless told otherwise. */
async function checkOut(given: Readonly<Record<string, string>>, { run, runnerTemp }: JobState) {
  const { event } = run.occasion;
  const depth = Number(given['fetch-depth'] ?? '1');
  const clone = await run.world.origin.clone({ ref: event.ref, depth });
  if ((given['persist-credentials'] ?? 'true') === 'true') {
    const file = join(runnerTemp, 'git-credentials.config');
    writeFileSync(file, '[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic testbed\n');
    await clone.git('config', '--local', `includeIf.gitdir:${clone.folder}/.git.path`, file);
  }
  return clone;
}

async function runOurs(given: Readonly<Record<string, string>>, env: Record<string, string>, state: JobState) {
  const { occasion, world } = state.run;
  if (state.workspace === undefined) throw new Error('our step has no checkout before it');
  const inputs = { ...given, image: await world.reach(given['image'] ?? '') };
  const apart = given['protected-image'];
  if (apart !== undefined) Object.assign(inputs, { 'protected-image': await world.reach(apart) });
  // Other tests may run beside these: a fixed port of the runner becomes a free one.
  if (given['verify'] !== undefined)
    Object.assign(inputs, {
      verify: given['verify'].replaceAll('127.0.0.1:8000', `127.0.0.1:${await findFreePort()}`),
    });
  const { event, actor } = occasion;
  const runId = String(runs++);
  const result = await runAction({
    action: process.cwd(),
    node: bench.node24,
    inputs,
    event: { name: event.name, payload: event.payload },
    ref: event.ref,
    sha: event.sha,
    headRef: event.headRef,
    baseRef: event.baseRef,
    actor,
    repository,
    workspace: state.workspace.folder,
    env: { ...bench.env, ...state.builders?.env, ...env, PATH: pathOf(world) },
    runId,
    runnerTemp: state.runnerTemp,
  });
  state.green &&= result.main.code === 0;
  state.outcome = {
    green: state.green,
    log: result.main.log,
    outputs: result.outputs,
    receipt: readReceipt(state.runnerTemp),
    inputs,
    notices: result.annotations.filter(({ level }) => level === 'notice').map(({ message }) => message),
    runId,
    jobs: [],
    printed: '',
  };
}

let runs = 4711;

/** A `run:` step, as the runner starts it.
 * @throws Error where it fails: our documents' steps are meant to work. */
function runScript(script: string, env: Readonly<Record<string, string>>, state: JobState): void {
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
    cwd: state.workspace?.folder ?? state.runnerTemp,
    env: { ...process.env, ...bench.env, ...env, PATH: pathOf(state.run.world) },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the step ended with ${status}: ${script}\n${stdout}${stderr}`);
  state.printed += stdout;
}

function pathOf({ python }: World): string {
  const path = bench.env['PATH'] ?? '';
  return python === undefined ? path : [python, path].join(delimiter);
}

function contextsOf({ event, actor, secrets }: Occasion): Contexts {
  const [type, short] = event.ref.startsWith('refs/tags/') ? ['tag', 10] : ['branch', 11];
  return {
    github: {
      repository,
      actor,
      ref: event.ref,
      ref_name: event.ref.slice(Number(short)),
      ref_type: type,
      sha: event.sha,
      event_name: event.name,
      event: event.payload,
    },
    secrets: {
      GITHUB_TOKEN: 'testbed-token',
      ...(secrets ? { REGISTRY_USERNAME: 'somebody', REGISTRY_PASSWORD: 'something' } : {}),
    },
  };
}

/** The Python that setup-python would leave, with the packages of lock files; the folder is the caller's to remove. */
export async function makePython(folder: string, ...locks: readonly string[]): Promise<string> {
  const run = promisify(execFile);
  await run('python3', ['-m', 'venv', folder]);
  const requirements = locks.flatMap((lock) => ['--requirement', lock]);
  await run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--require-hashes', ...requirements]);
  return join(folder, 'bin');
}

/** Of a merge queue. */
export function mergeGroup(sha: string): Occasion['event'] {
  const ref = `refs/heads/gh-readonly-queue/main/pr-7-${sha}`;
  const payload = {
    action: 'checks_requested',
    merge_group: { head_ref: ref, head_sha: sha, base_ref: 'refs/heads/main', base_sha: sha },
    repository: repositoryObject(repository),
  };
  return { name: 'merge_group', payload, ref, sha, headRef: '', baseRef: '' };
}

/** Of a release that was published on a git tag. */
export function releasePublished(tag: string, sha: string): Occasion['event'] {
  const release = { tag_name: tag, draft: false, prerelease: false, target_commitish: 'main' };
  const payload = { action: 'published', release, repository: repositoryObject(repository) };
  return { name: 'release', payload, ref: `refs/tags/${tag}`, sha, headRef: '', baseRef: '' };
}

async function readRegistry({ url, host }: Registry): Promise<readonly (readonly [string, string])[]> {
  const { repositories } = (await (await fetch(`${url}/v2/_catalog`)).json()) as { repositories: string[] };
  const rows = repositories.map(async (name) => {
    const { tags } = (await (await fetch(`${url}/v2/${name}/tags/list`)).json()) as { tags: string[] | null };
    return Promise.all(
      (tags ?? []).map(async (tag): Promise<readonly [string, string]> => {
        const reply = await fetch(`${url}/v2/${name}/manifests/${tag}`, {
          method: 'HEAD',
          headers: { accept: acceptedManifests },
        });
        return [`${host}/${name}:${tag}`, reply.headers.get('docker-content-digest') ?? ''];
      }),
    );
  });
  return (await Promise.all(rows)).flat();
}

function readReceipt(folder: string): unknown {
  const [name, ...others] = readdirSync(folder).filter((one) => /^slipway-receipt-[0-9a-f]{32}\.json$/.test(one));
  if (name === undefined || others.length > 0) throw new Error(`there are ${others.length} receipts too many, or none`);
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown;
}
