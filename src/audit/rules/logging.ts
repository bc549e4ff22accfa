import { type Answer, answerBy, notApplicable } from '../finding.ts';
import type { ProcessFacts } from '../probe-facts.ts';
import { byProbe, byPython, byRunning, listSome, seenInConfig, seenInImage } from '../probed.ts';
import type { Rule } from '../rule.ts';

/** What is left to read when something went wrong. */
export const loggingRules: readonly Rule[] = [
  {
    id: 'unbuffered-logs',
    stride: 'debuggable',
    severity: 'medium',
    title: 'The image’s Python keeps what it prints in a buffer',
    why: 'Up to 8 KiB of the last lines are lost where it is killed or crashes: those that would say why.',
    remedy: 'ENV PYTHONUNBUFFERED=1',
    ignoreWhen: 'it logs to stderr only, or flushes after each line',
    needs: 'probes',
    judge: (facts) =>
      byPython(
        facts,
        ({ losesOutput }) => losesOutput,
        (loses) => (loses ? byRunning(facts, ({ processes }) => processes, judgeBuffer) : { kind: 'pass' }),
      ),
  },
  {
    id: 'faulthandler-off',
    stride: 'debuggable',
    severity: 'medium',
    title: 'A crash of the image’s Python leaves no trace',
    why: 'A fault in a C extension ends it without a word; with the fault handler it prints where Python was.',
    remedy: 'ENV PYTHONFAULTHANDLER=1',
    ignoreWhen: 'something else catches crashes, as a debugger or Sentry’s native handler',
    needs: 'probes',
    judge: (facts) => {
      const { python } = facts.probes ?? {};
      if (python?.kind === 'known' && python.value === undefined) return notApplicable('the image has no Python');
      return byRunning(facts, ({ processes }) => processes, judgeFaults);
    },
  },
  {
    id: 'logs-to-stdout',
    stride: 'debuggable',
    severity: 'low',
    title: 'The image writes log files',
    why: 'Nobody sees them from outside, they are gone with the container, and until then they fill its disk.',
    remedy: 'CMD ["gunicorn", "--access-logfile", "-", "--error-logfile", "-", "app:app"]',
    ignoreWhen: 'a sidecar ships them from a volume',
    needs: 'probes',
    judge: (facts) =>
      byProbe(
        facts,
        ({ written }) => written,
        (written) => {
          const logs = written.filter(isLog);
          return answerBy(logs.length === 0 ? [] : [seenInImage(`it writes ${listSome(logs)}`)]);
        },
      ),
  },
];

function judgeBuffer(processes: readonly ProcessFacts[]): Answer {
  const pythons = processes.filter(({ unbuffered }) => unbuffered !== undefined);
  if (pythons.length === 0) return notApplicable('no Python was seen to run');
  const loses = pythons.filter(({ unbuffered }) => unbuffered === false);
  return answerBy(
    loses.length === 0
      ? []
      : [seenInConfig('Env', 'PYTHONUNBUFFERED is not set, and what a killed program had printed was lost')],
  );
}

/** What the fault handler has a handler for (SIGSEGV, SIGFPE, SIGABRT; faulthandler.enable). */
const faults = [11, 8, 6];

function judgeFaults(processes: readonly ProcessFacts[]): Answer {
  const pythons = processes.filter(({ unbuffered }) => unbuffered !== undefined);
  if (pythons.length === 0) return notApplicable('no Python was seen to run');
  const without = pythons.filter(({ caught }) => !faults.every((signal) => caught.includes(signal)));
  return answerBy(
    without.length === 0
      ? []
      : [seenInConfig('Env', `PYTHONFAULTHANDLER is not set, and PID ${without[0]?.pid} has no handler`)],
  );
}

function isLog(path: string): boolean {
  return /\.log(?:\.\d+)?$/.test(path) || /^\/var\/log\/.*[^/]$/.test(path);
}
