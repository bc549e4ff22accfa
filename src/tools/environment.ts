import { readFileSync } from 'node:fs';
import { ActionError } from '../errors.ts';

/** What the runner hands to an action, read once; the only place that looks at `process.env`. */
export interface RunnerEnvironment {
  readonly eventName: string;
  /** The event's payload as parsed JSON. */
  readonly payload: unknown;
  /** The file of the payload, written when the job starts. */
  readonly payloadPath: string;
  readonly ref: string;
  readonly sha: string;
  readonly actor: string;
  readonly repository: string;
  readonly serverUrl: string;
  readonly workspace: string;
  /** Address of this action's own files, as the workflow names it; empty for an action in the workflow's repository. */
  readonly home: string;
  readonly runId: string;
  readonly runAttempt: string;
  /** RUNNER_TEMP: emptied by the runner after the job. */
  readonly temp: string;
  /** Every variable of the process. */
  readonly all: Readonly<Record<string, string>>;
  /** The inputs as the runner spells them: `INPUT_IMAGE` is `IMAGE` here; values are untouched. */
  readonly inputs: ReadonlyMap<string, string>;
}

/** Reads the runner's environment.
 * @throws ActionError `event-refused` where a variable that every runner sets is missing, or the payload is no JSON. */
export function readEnvironment(): RunnerEnvironment {
  const all = readVariables();
  const need = (name: string): string => {
    const value = all[name];
    if (value !== undefined && value !== '') return value;
    throw new ActionError('event-refused', `the variable ${name} is not set`, {
      hint: 'Slipway runs as a step of a GitHub Actions workflow; on other runners this variable must be set as GitHub sets it',
    });
  };
  return {
    eventName: need('GITHUB_EVENT_NAME'),
    payload: readPayload(need('GITHUB_EVENT_PATH')),
    payloadPath: need('GITHUB_EVENT_PATH'),
    ref: need('GITHUB_REF'),
    sha: need('GITHUB_SHA'),
    actor: all['GITHUB_ACTOR'] ?? '',
    repository: need('GITHUB_REPOSITORY'),
    serverUrl: all['GITHUB_SERVER_URL'] || 'https://github.com',
    workspace: need('GITHUB_WORKSPACE'),
    home: readHome(all),
    runId: all['GITHUB_RUN_ID'] || '0',
    runAttempt: all['GITHUB_RUN_ATTEMPT'] || '1',
    temp: need('RUNNER_TEMP'),
    all,
    inputs: readInputs(all),
  };
}

function readHome(all: Readonly<Record<string, string>>): string {
  const { GITHUB_ACTION_REPOSITORY: repository = '', GITHUB_ACTION_REF: ref = '', GITHUB_SERVER_URL: server } = all;
  return repository === '' || ref === '' ? '' : `${server || 'https://github.com'}/${repository}/blob/${ref}`;
}

/** Gives every process that is started from here on a variable, wherever its environment is put together. */
export function markChildren(name: string, value: string): void {
  process.env[name] = value;
}

/** Every variable of the process as a plain record. */
export function readVariables(): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) all[name] = value;
  return all;
}

function readInputs(all: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const inputs = new Map<string, string>();
  for (const [name, value] of Object.entries(all))
    if (name.startsWith('INPUT_')) inputs.set(name.slice('INPUT_'.length), value);
  return inputs;
}

function readPayload(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (cause) {
    throw new ActionError('event-refused', `the event's payload cannot be read from ${path}`, {
      hint: 'GITHUB_EVENT_PATH must name the JSON file that the runner wrote for this event',
      cause,
    });
  }
}
