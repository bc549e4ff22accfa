// A runner that is not ours: nektos/act, which reads workflow files and runs their jobs on this machine.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { obtainGoProgram } from './go.mjs';
import { finish } from './process.mjs';

const VERSION = 'v0.2.88';
const MODULE = `github.com/nektos/act@${VERSION}`;

/** The program, built where it is not there yet. @param {(line: string) => void} [log] @returns {Promise<string>} */
export function obtainAct(log = () => {}) {
  return obtainGoProgram({ what: 'act', module: MODULE, where: `act-${VERSION}` }, log);
}

/**
 * @typedef {object} ActRun
 * @property {string} act the program
 * @property {string} node the Node binary that `using: node24` means
 * @property {string} workspace a checkout whose workflows run
 * @property {{ name: string, payload: unknown }} event
 * @property {Record<string, string>} env
 */
/**
 * @typedef {object} ActResult
 * @property {boolean} green
 * @property {string} log
 * @property {Record<string, Record<string, string>>} outputs of each step, by its id
 * @property {readonly string[]} steps the steps that ended well, as act names them: `Post ./x`
 * @property {readonly string[]} summaries
 */

/** Runs the workflows that this event starts, and returns what act says of them. @param {ActRun} options @returns {Promise<ActResult>} */
export async function runWorkflows({ act, node, workspace, event, env }) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-act-'));
  try {
    const payload = join(folder, 'event.json');
    writeFileSync(payload, JSON.stringify(event.payload));
    const argv = [act, event.name, '--json', '--pull=false', '-e', payload, '-P', 'ubuntu-latest=-self-hosted'];
    const done = await finish(argv, {
      cwd: workspace,
      // act keeps what it makes below HOME
      env: { ...env, HOME: folder, XDG_CACHE_HOME: folder, PATH: `${dirname(node)}:${env.PATH ?? ''}` },
      timeoutMs: 120_000,
    });
    const records = done.stdout.split('\n').flatMap(parseRecord);
    return {
      green: done.code === 0,
      log: `${records.map(({ step, msg }) => `${step ?? ''}: ${`${msg}`.trimEnd()}`).join('\n')}\n${done.stderr}`,
      outputs: collectOutputs(records),
      steps: records.flatMap(({ stage, step, stepResult }) =>
        stepResult === 'success' ? [stage === 'Main' ? `${step}` : `${stage} ${step}`] : [],
      ),
      summaries: records.flatMap(({ command, content }) => (command === 'summary' ? [`${content}`] : [])),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} line @returns {Record<string, any>[]} */
function parseRecord(line) {
  try {
    return [JSON.parse(line)];
  } catch {
    return []; // act prints plain text beside its records
  }
}

/** @param {Record<string, any>[]} records */
function collectOutputs(records) {
  /** @type {Record<string, Record<string, string>>} */
  const outputs = {};
  for (const { command, name, arg, stepID } of records) {
    if (command !== 'set-output') continue;
    const id = `${stepID?.[0] ?? ''}`;
    outputs[id] = { ...outputs[id], [name]: `${arg}` };
  }
  return outputs;
}
