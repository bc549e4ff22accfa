import { existsSync, realpathSync } from 'node:fs';
import { type SimpleGit, simpleGit } from 'simple-git';
import { readVariables } from '../environment.ts';
import { findProgram } from '../programs.ts';

const answerWithin = 15_000;

/** Options that keep a repository's own configuration from running programs in our process's environment. */
const hardened = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'protocol.ext.allow=never',
  'log.showSignature=false',
  'core.useReplaceRefs=false',
  'core.commitGraph=false',
];

const opened = new Map<string, SimpleGit>();

/** What git is not handed: its own variables and programs that it would start, and the action's inputs, whose passwords a credential
 * helper or a remote's program would see. */
const withheld = /^(?:GIT_|INPUT_|STATE_|ACTIONS_|EDITOR$|VISUAL$|PAGER$|PREFIX$|SSH_ASKPASS$)/i;

/** Opens the repository around a folder. Nothing of git's environment is inherited; git never asks for a password. That another user
 * owns the checkout, as in a job's container, is no reason to refuse it: the runner names it as this job's workspace, and whoever may
 * write there runs in this job anyway. Git before 2.38 does not take that from a command line. The program stays the one that was
 * found first, wherever a test may put another. */
export function openGit(workspace: string): SimpleGit {
  const git = opened.get(workspace) ?? makeGit(workspace);
  opened.set(workspace, git);
  return git;
}

function makeGit(workspace: string): SimpleGit {
  const program = findProgram('git', readVariables()['PATH'] ?? '');
  const env = Object.entries(readVariables()).filter(([name]) => !withheld.test(name));
  const git = simpleGit(workspace, {
    ...(program === undefined ? {} : { binary: program }),
    config: [...hardened, `safe.directory=${existsSync(workspace) ? realpathSync(workspace) : workspace}`],
    // simple-git waits 50 ms for late output after a child's exit unless its streams' end is taken as the end
    completion: { onClose: true, onExit: false },
    timeout: { block: answerWithin },
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeCustomBinary: true,
    },
  });
  return git.env(Object.fromEntries(env));
}
