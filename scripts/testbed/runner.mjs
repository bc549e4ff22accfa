// Starts a JavaScript action exactly as GitHub's runner does: main, its command files, then post.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { readActionFile } from './action-file.mjs';
import { makeCommandFiles, readCommandFiles } from './command-files.mjs';
import { inputVariables, runnerVariables } from './runner-env.mjs';
import { runProcess } from './runner-process.mjs';
import { annotationOf, commandReader } from './workflow-commands.mjs';

/** @typedef {import('./runner-process.mjs').ProcessResult & { fileError: string | undefined, conclusion: 'success' | 'failure' }} PhaseResult `fileError` is what the runner says of a malformed command file */
/** @typedef {import('./workflow-commands.mjs').WorkflowCommand & { phase: 'main' | 'post' }} SeenCommand */
/** @typedef {import('./command-files.mjs').FileResults} FileResults */
/**
 * @typedef {object} ActionRun
 * @property {string} action folder of action.yml
 * @property {string} [node] the Node binary; this process's own without
 * @property {Record<string, string>} [inputs] what `with:` gives
 * @property {{ name: string, payload: unknown }} event
 * @property {string} ref
 * @property {string} sha
 * @property {string} [headRef]
 * @property {string} [baseRef]
 * @property {string} [actor]
 * @property {string} workspace
 * @property {Record<string, string>} [env] on top of what the runner sets
 * @property {string} [repository]
 * @property {string} [runId]
 * @property {string} [runAttempt]
 * @property {string} [runnerTemp] a fresh folder without
 * @property {boolean} [post] whether to run post; it runs whatever became of main
 * @property {(line: string, phase: 'main' | 'post') => void} [onLine]
 * @property {(pid: number, phase: 'main' | 'post') => void} [onStart] told the process once it runs
 * @property {import('./runner-process.mjs').Kill} [signal] ends main when a line says so
 * @property {boolean} [keepLog] false where a run prints more than memory takes: its log is empty then
 * @property {(soFar: { main: PhaseResult } & FileResults) => void | Promise<void>} [afterMain]
 */
/**
 * @typedef {FileResults & { main: PhaseResult, post: PhaseResult | undefined, annotations: import('./workflow-commands.mjs').Annotation[],
 *   commands: SeenCommand[], masks: string[], groups: string[], postSummary: string, runnerTemp: string, cleanup: () => void }} ActionResult
 */

/**
 * Runs the action and returns all a runner would have seen.
 * @param {ActionRun} run
 * @returns {Promise<ActionResult>}
 */
export async function runAction(run) {
  const isOurs = run.runnerTemp === undefined;
  const runnerTemp = run.runnerTemp ?? mkdtempSync(join(tmpdir(), 'slipway-runner-'));
  const { runs, inputs } = await readActionFile(run.action);
  const base = prepareEnvironment(run, runnerTemp, inputs ?? {});
  /** @type {SeenCommand[]} */
  const commands = [];
  const phase = phaseRunner(run, runnerTemp, commands);
  const { result: main, files } = await phase('main', runs.main, base);
  applyOldCommands(commands, files);
  await run.afterMain?.({ main, ...files });
  const afterwards =
    run.post === false || runs.post === undefined
      ? undefined
      : await phase('post', runs.post, postEnvironment(base, files));
  return {
    main,
    post: afterwards?.result,
    ...files,
    postSummary: afterwards?.files.summary ?? '',
    commands,
    annotations: commands.flatMap((seen) => annotationOf(seen) ?? []),
    masks: dataOf(commands, 'add-mask'),
    groups: dataOf(commands, 'group'),
    runnerTemp,
    cleanup: () => {
      if (isOurs) rmSync(runnerTemp, { recursive: true, force: true });
    },
  };
}

/** @param {ActionRun} run @param {string} runnerTemp @param {SeenCommand[]} commands */
function phaseRunner(run, runnerTemp, commands) {
  return async (
    /** @type {'main' | 'post'} */ phase,
    /** @type {string} */ script,
    /** @type {Record<string, string>} */ env,
  ) => {
    const read = commandReader();
    const files = makeCommandFiles(runnerTemp);
    const done = await runProcess({
      argv: [run.node ?? process.execPath, join(resolve(run.action), script)],
      cwd: run.workspace,
      keepLog: run.keepLog ?? true,
      env: { ...env, ...files },
      kill: phase === 'main' ? run.signal : undefined,
      onStart: (pid) => run.onStart?.(pid, phase),
      onLine: (line) => {
        const command = read(line);
        if (command !== undefined) commands.push({ phase, ...command });
        run.onLine?.(line, phase);
      },
    });
    return conclude(done, files);
  };
}

/** @param {import('./runner-process.mjs').ProcessResult} done @param {import('./command-files.mjs').CommandFiles} paths */
function conclude(done, paths) {
  /** @type {FileResults} */
  let files = { outputs: {}, state: {}, envFile: {}, pathFile: [], summary: '' };
  /** @type {string | undefined} */
  let fileError;
  try {
    files = readCommandFiles(paths);
  } catch (error) {
    fileError = /** @type {Error} */ (error).message;
  }
  /** @type {'success' | 'failure'} */
  const conclusion = done.code === 0 && fileError === undefined ? 'success' : 'failure';
  return { result: { ...done, fileError, conclusion }, files };
}

/** @param {ActionRun} run @param {string} runnerTemp @param {Record<string, { default?: unknown } | null>} declared */
function prepareEnvironment(run, runnerTemp, declared) {
  const home = join(runnerTemp, '_home');
  const eventPath = join(runnerTemp, '_github_workflow', 'event.json');
  for (const folder of [home, join(runnerTemp, '_github_workflow'), join(runnerTemp, '_tool')])
    mkdirSync(folder, { recursive: true });
  writeFileSync(eventPath, JSON.stringify(run.event.payload));
  const variables = runnerVariables({
    action: resolve(run.action),
    event: run.event,
    ref: run.ref,
    sha: run.sha,
    headRef: run.headRef ?? '',
    baseRef: run.baseRef ?? '',
    actor: run.actor ?? 'octocat',
    repository: run.repository ?? 'octo-org/app',
    workspace: run.workspace,
    runId: run.runId ?? '1',
    runAttempt: run.runAttempt ?? '1',
    runnerTemp,
    eventPath,
    home,
  });
  return { ...variables, ...run.env, ...inputVariables(declared, run.inputs ?? {}, run.env?.GITHUB_TOKEN ?? '') };
}

/** What main left for the steps after it reaches post too. @param {Record<string, string>} base @param {FileResults} files */
function postEnvironment(base, { state, envFile, pathFile }) {
  const { NODE_OPTIONS: _forbidden, ...allowed } = envFile;
  const env = { ...base, ...allowed };
  const states = Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
  return { ...env, PATH: [...[...pathFile].reverse(), env.PATH].join(delimiter), ...states };
}

/** `set-output` and `save-state` lines are old, and still count. @param {SeenCommand[]} commands @param {FileResults} files */
function applyOldCommands(commands, files) {
  for (const { command, properties, data } of commands) {
    if (command === 'set-output' && properties.name) files.outputs[properties.name] = data;
    if (command === 'save-state' && properties.name) files.state[properties.name] = data;
  }
}

/** @param {SeenCommand[]} commands @param {string} name */
function dataOf(commands, name) {
  return commands.filter(({ command }) => command === name).map(({ data }) => data);
}
