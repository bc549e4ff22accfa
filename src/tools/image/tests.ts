import { ActionError } from '../../errors.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Platform } from '../../model/platform.ts';
import type { TestResult } from '../../report/facts.ts';
import { listen } from '../actions.ts';
import { type Exit, run } from '../command.ts';
import { markVariable, testMark } from '../leftovers.ts';
import { findProgram } from '../programs.ts';
import { undoAftermath } from './aftermath.ts';

/** A bash script of the user's, as it will run on the runner. */
export interface HostScript {
  readonly kind: 'test' | 'verify';
  readonly script: string;
  /** The platform whose image it looks at; undefined where it is about none in particular. */
  readonly platform: Platform | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly limit: number;
}

/** Where a test's result goes, and what else is to be told of it. */
export interface TestReport {
  readonly report: (result: TestResult) => void;
  readonly tell: (notice: string) => void;
}

let bash: string | undefined;

/** Runs a script the way a `run:` step does (`bash -euo pipefail`), reading its exit status alone. What it leaves behind is gone then.
 * @throws ActionError `test-failed` with the status, `timeout`, `cancelled`. */
export async function runScript(script: HostScript, { report, tell }: TestReport, cancel: AbortSignal): Promise<void> {
  const { kind, platform, cwd, limit } = script;
  const mark = testMark(script.env[markVariable] ?? '');
  const env = { ...script.env, [markVariable]: mark };
  const args = ['--noprofile', '--norc', '-euo', 'pipefail', '-c', script.script];
  bash ??= findProgram('bash', script.env['PATH'] ?? '') ?? 'bash'; // found before a test can put another one on PATH
  const command = { program: bash, args, cwd, env, stdin: undefined, limit, phase: `\`${kind}\`` };
  try {
    judgeTest({ kind, command: script.script, platform }, await run(command, listen(kind), cancel), report);
  } finally {
    for (const text of await undoAftermath(mark)) tell(text);
  }
}

/** Notes how a test ended; only exit status 0 is a pass.
 * @throws ActionError `test-failed`. */
export function judgeTest(
  test: Pick<TestResult, 'kind' | 'command' | 'platform'>,
  exit: Exit,
  report: (result: TestResult) => void,
): void {
  const passed = exit.code === 0 && exit.signal === null;
  report({ ...test, passed, ms: exit.ms });
  if (passed) return;
  const on = test.platform === undefined ? '' : ` for ${test.platform}`;
  const how = exit.signal === null ? `ended with exit status ${exit.code}` : `was killed by ${exit.signal}`;
  throw new ActionError(
    'test-failed',
    `\`${test.kind}\`${on} ${how} after ${formatDuration(exit.ms)}: ${firstLine(test.command)}`,
    {
      hint: 'nothing was published; what the test printed is in the log above',
    },
  );
}

function firstLine(text: string): string {
  const [line = '', ...rest] = text.trim().split('\n');
  return rest.length === 0 ? line : `${line} …`;
}
