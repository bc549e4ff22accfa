import { splitCommandLine } from '../model/command-line.ts';
import { type Ignore, parseIgnore } from '../model/ignore.ts';
import type { InputReader } from './reader.ts';

/** The inputs that say what is checked of the image, and what of it holds the run. */
export interface ChecksInputs {
  /** `report`: what can be read is shown; all others but `off` run the image too, and a severity holds the run at findings as bad as that. */
  readonly mode: 'report' | 'full' | 'high' | 'medium' | 'low' | 'off';
  readonly ignore: readonly Ignore[];
  /** What the image is started with in place of its CMD; empty: its own. */
  readonly command: readonly string[];
  /** Variables it is started with; undefined: the value that this step's environment has. */
  readonly env: ReadonlyMap<string, string | undefined>;
}

export function readChecksInputs(read: InputReader): ChecksInputs {
  const mode = read.choice('checks', ['report', 'full', 'high', 'medium', 'low', 'off']);
  const command = read.parsed('checks-command', splitCommandLine) ?? [];
  const env = readEnv(read);
  const isRun = mode !== 'report' && mode !== 'off';
  if (!isRun && (command.length > 0 || env.size > 0))
    read.notice('checks', `\`${mode}\` starts no image, so checks-command and checks-env have no effect`);
  return { mode, ignore: read.parsedAll('checks-ignore', read.lines('checks-ignore'), parseIgnore), command, env };
}

/** `NAME=value`, or `NAME` for what this step has; a value is never shown. */
function readEnv(read: InputReader): ChecksInputs['env'] {
  const rows = read.lines('checks-env').flatMap((line): [string, string | undefined][] => {
    const [, name = '', value] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/.exec(line) ?? [];
    if (name !== '') return [[name, value]];
    read.problem('checks-env', undefined, 'NAME=value or NAME is needed, one a line');
    return [];
  });
  return new Map(rows);
}
