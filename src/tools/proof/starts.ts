import type { PlatformBytecode } from '../../model/bytecode.ts';
import { formatDuration } from '../../model/duration.ts';
import type { FileTree } from '../../model/file-tree.ts';
import type { ImageConfig } from '../../model/image-config.ts';
import { findEntryModule } from '../../plan/bytecode/entry-module.ts';
import type { StartProof, StartTimes } from '../../plan/bytecode/proof-verdict.ts';
import { median, type StartSummary, summarizeStart } from '../../plan/bytecode/start.ts';
import type { Workbench } from '../workbench.ts';
import { type Start, type StartPlan, startImage } from './start.ts';

/** What is started. */
export interface StartWork {
  readonly image: string;
  readonly report: PlatformBytecode;
  readonly variables: Readonly<Record<string, string>>;
  readonly contents: { readonly config: ImageConfig; readonly tree: FileTree<unknown> };
}

/** A start that was made for the proof; undefined where no Python was seen in any. */
export interface Started {
  readonly proof: StartProof;
  readonly first: { readonly command: StartPlan['command']; readonly summary: StartSummary } | undefined;
}

const proving = { quiet: 1_000, limit: 20_000 };
const measuring = { quiet: 300, limit: 10_000 };

/** Starts the image's own command. Where that ends badly, as many do without network and configuration, or starts no Python, the module that
 * it is about is imported in its place: most of what it loads is loaded by that. */
export async function proveByStarting(bench: Workbench, work: StartWork): Promise<Started> {
  const own = await startOnce(bench, work, { command: undefined, ...proving });
  if (own.problem === '') return { proof: proofOf('the image’s command', own), first: firstOf(undefined, own) };
  const module = findEntryModule(work.contents.config);
  const command = module === undefined ? undefined : importCommand(work, module);
  const second = command === undefined ? undefined : await startOnce(bench, work, { command, ...proving });
  if (second?.problem === '') return { proof: proofOf(`import ${module}`, second), first: firstOf(command, second) };
  if (own.summary.ms === undefined) return { proof: { kind: 'unproved', reason: own.problem }, first: undefined };
  return { proof: proofOf('the image’s command', own), first: undefined };
}

/** Measures the start of what the proof has started, whose own start is the first to count: by turns as it ships and without bytecode, 3
 * times each, less where that takes more than 6 s. */
export async function measureStarts(bench: Workbench, work: StartWork, { proof, first }: Started): Promise<StartTimes> {
  if (first === undefined) return { kind: 'skipped', reason: proof.kind === 'unproved' ? proof.reason : proof.short };
  const how = { command: first.command, ...measuring };
  const [before, after]: [StartSummary[], StartSummary[]] = [[], [first.summary]];
  const until = performance.now() + budget;
  for (;;) {
    const without = await startOnce(bench, work, how, noBytecode);
    if (without.problem !== '') return { kind: 'skipped', reason: without.problem };
    before.push(without.summary);
    if (before.length === most || performance.now() > until) break;
    const shipped = await startOnce(bench, work, how);
    if (shipped.problem !== '') return { kind: 'skipped', reason: shipped.problem };
    after.push(shipped.summary);
  }
  return { kind: 'measured', starts: before.length, before: sumUp(before), after: sumUp(after) };
}

const most = 3;
const budget = 6_000;
/** No `.pyc` is found below a prefix that does not exist, and none is written. */
const noBytecode = { PYTHONPYCACHEPREFIX: '/nonexistent', PYTHONDONTWRITEBYTECODE: '1' };

function sumUp(starts: readonly StartSummary[]): { readonly ms: number; readonly compiled: number } {
  return {
    ms: Math.round(median(starts.map(({ ms }) => ms ?? 0))),
    compiled: Math.round(median(starts.map(({ compiled, leftOut }) => compiled.length - leftOut.length))),
  };
}

interface Outcome {
  readonly summary: StartSummary;
  /** Why that was no whole start; empty where it was. */
  readonly problem: string;
}

async function startOnce(
  bench: Workbench,
  work: StartWork,
  how: Pick<StartPlan, 'command' | 'quiet' | 'limit'>,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { image, variables, contents, report } = work;
  const { config, tree } = contents;
  const pythonPath = variables['PYTHONPATH'] ?? config.env.get('PYTHONPATH') ?? '';
  const start = await startImage(bench, {
    image,
    platform: report.platform,
    ...how,
    env: { ...variables, ...env },
    pythonPath,
  });
  const summary = summarizeStart(start.events, { tree, report, workingDir: config.workingDir });
  return { summary, problem: findProblem(start, how.limit) };
}

function findProblem({ events, end, lastWords }: Start, limit: number): string {
  const said = lastWords === '' ? '' : ` (${lastWords})`;
  if (end.kind === 'exit' && end.code !== 0)
    return `without network and on a read-only root it ended with exit status ${end.code}${said}`;
  if (events.length === 0) return `it started no Python that reads PYTHONPATH${said}`;
  return end.kind === 'limit' ? `it was still loading modules after ${formatDuration(limit)}` : '';
}

function proofOf(what: string, { summary, problem }: Outcome): StartProof {
  const compiled = summary.compiled.filter((path) => !summary.leftOut.includes(path));
  return { kind: 'started', what, compiled, short: problem };
}

function firstOf(command: StartPlan['command'], { summary }: Outcome): Started['first'] {
  return { command, summary };
}

/** Imports a module by the Python that the image's PATH leads to; a virtual environment's own is found by its link, so it stays one. */
function importCommand({ contents }: StartWork, module: string): StartPlan['command'] {
  const folders = (contents.config.env.get('PATH') ?? '').split(':').filter((folder) => folder.startsWith('/'));
  const names = folders.flatMap((folder) =>
    ['python', 'python3'].map((name) => `${folder.replace(/\/+$/, '')}/${name}`),
  );
  const python = names.find((path) => contents.tree.resolve(path) !== undefined);
  const script = 'import importlib, sys; importlib.import_module(sys.argv[1])';
  return python === undefined ? undefined : [python, '-c', script, module];
}
