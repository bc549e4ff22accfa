import { type Answer, answerBy, notApplicable, unknownBecause } from '../finding.ts';
import type { ProbeFacts, StopFacts } from '../probe-facts.ts';
import { byRunning, seenInConfig, seenInImage } from '../probed.ts';
import type { Rule } from '../rule.ts';

/** How the image behaves as the first process of a container. */
export const stoppingRules: readonly Rule[] = [
  {
    id: 'sigterm-ignored',
    stride: 'operable',
    severity: 'high',
    title: 'The image does not stop when it is told to',
    why: 'Every stop waits for 10 s (30 s on Kubernetes) and then kills it in the middle of its work: requests are cut off, transactions left open.',
    remedy: 'import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(0))',
    ignoreWhen: 'it is always run with an init (`docker run --init`), or its drain takes longer than 10 s on purpose',
    needs: 'probes',
    judge: (facts) => byRunning(facts, ({ stop }) => stop, judgeStop),
  },
  {
    id: 'exit-code-on-stop',
    stride: 'operable',
    severity: 'low',
    title: 'The image ends with an error when it is told to stop',
    why: 'An orchestrator counts it as a crash: alarms go off at each deployment, jobs are tried again.',
    remedy: 'signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))',
    ignoreWhen: 'its documentation gives that exit status a meaning',
    needs: 'probes',
    judge: (facts) => byRunning(facts, ({ stop }) => stop, judgeExit),
  },
  {
    id: 'zombie-reaping',
    stride: 'operable',
    severity: 'low',
    title: 'Processes that have ended stay as zombies',
    why: 'The first process has to take the exit status of what others leave behind; else each of them keeps a place in the process table until no more can be started.',
    remedy:
      'RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*\nENTRYPOINT ["tini", "--"]',
    ignoreWhen: 'it is always run with an init (`docker run --init`, a pod’s shared process namespace)',
    needs: 'probes',
    judge: (facts) => byRunning(facts, ({ orphan }) => orphan, judgeOrphan),
  },
];

function judgeStop({ ms, signal, grace, handled }: StopFacts, { watched }: ProbeFacts): Answer {
  if (ms !== undefined) return { kind: 'pass' };
  if (watched.kind === 'known' && !watched.value.settled)
    return unknownBecause('it was still starting, or busy, when it was told to stop');
  const detail =
    handled === false
      ? `PID 1 has no handler for ${signal}, which the kernel drops then`
      : `it still ran ${grace / 1000} s after ${signal}`;
  return answerBy([seenInConfig(signal === 'SIGTERM' ? 'Entrypoint' : 'StopSignal', detail)]);
}

/** The signal's own status, as a shell counts it, is as good as 0. */
function judgeExit({ ms, signal, exitCode }: StopFacts): Answer {
  if (ms === undefined || exitCode === undefined) return notApplicable('it does not stop: see `sigterm-ignored`');
  const fine = [0, 130, 143].includes(exitCode) || (signal !== 'SIGTERM' && exitCode > 128);
  return answerBy(fine ? [] : [seenInImage(`it ended with exit status ${exitCode} after ${signal}`)]);
}

function judgeOrphan(orphan: 'reaped' | 'zombie', { processes, health }: ProbeFacts): Answer {
  if (orphan === 'reaped') return { kind: 'pass' };
  if (processes.kind === 'unknown') return unknownBecause(processes.because);
  const children = processes.value.filter(({ pid }) => pid !== 1);
  const [first] = processes.value;
  const asked = health.kind === 'known' && health.value?.test.startsWith('CMD-SHELL') === true;
  if (children.length === 0 && !asked) return notApplicable('it starts no other processes');
  return answerBy([
    seenInConfig('Entrypoint', `PID 1 (${first?.name ?? ''}) left a process that had ended as a zombie`),
  ]);
}
