import { type Answer, answerBy, notApplicable, unknownBecause } from '../finding.ts';
import type { ProbeFacts, StartFacts } from '../probe-facts.ts';
import { byProbe, isUp, lastLine, seenInImage } from '../probed.ts';
import type { Rule } from '../rule.ts';

/** Whether the image runs within the walls that an orchestrator can put around it. */
export const sandboxRules: readonly Rule[] = [
  {
    id: 'readonly-rootfs',
    stride: 'secure',
    severity: 'medium',
    title: 'The image does not run with a read-only root',
    why: 'Whoever breaks in can change the program and what it starts next; with `--read-only --tmpfs /tmp` nothing can.',
    remedy: 'ENV TMPDIR=/tmp\nVOLUME /app/data',
    ignoreWhen: 'its documentation says where a volume has to be mounted',
    needs: 'probes',
    judge: (facts) => byProbe(facts, ({ start }) => start, judgeReadOnly),
  },
  {
    id: 'drop-capabilities',
    stride: 'secure',
    severity: 'medium',
    title: 'The image does not run without root’s capabilities',
    why: 'With `--cap-drop=ALL --security-opt no-new-privileges` a process that was taken over can do little; restricted pods demand it.',
    remedy: 'USER 10001\nEXPOSE 8080 # above 1024, no right is needed to bind it',
    ignoreWhen: 'its work needs a capability, as a ping or a VPN does',
    needs: 'probes',
    judge: (facts) => byProbe(facts, ({ start }) => start, judgeCapabilities),
  },
];

function judgeReadOnly(start: StartFacts, { plainStart, readOnlyStart, written }: ProbeFacts): Answer {
  if (isUp(start)) return { kind: 'pass' };
  const without = whyNotComparable(plainStart);
  if (without !== undefined) return without;
  if (readOnlyStart.kind === 'unknown') return unknownBecause(readOnlyStart.because);
  const failed = readOnlyStart.value;
  if (isUp(failed)) return { kind: 'pass' };
  const [, before, after] = readOnlyError.exec(failed.output) ?? [];
  const path = before ?? after;
  const wrote = written.kind === 'known' ? written.value.at(-1) : undefined;
  const what = path ?? wrote;
  const at = what === undefined ? '' : `, it writes to ${what}`;
  return answerBy([
    seenInImage(`it runs only where its root can be written${at}: ${lastLine(failed.output) || 'it says nothing'}`),
  ]);
}

const readOnlyError = /(\/[^\s:'"]+)['"]?: Read-only file system|Read-only file system:? *['"]?(\/[^'"\n]*)/i;

function judgeCapabilities(start: StartFacts, { plainStart, readOnlyStart }: ProbeFacts): Answer {
  if (isUp(start)) return { kind: 'pass' };
  const without = whyNotComparable(plainStart);
  if (without !== undefined) return without;
  if (readOnlyStart.kind === 'unknown') return unknownBecause(readOnlyStart.because);
  if (!isUp(readOnlyStart.value))
    return unknownBecause('it does not run with a read-only root either: see `readonly-rootfs`');
  return answerBy([
    seenInImage(
      `it runs only with the engine’s usual capabilities: ${lastLine(start.output) || `exit status ${start.exitCode}`}`,
    ),
  ]);
}

function whyNotComparable(plain: ProbeFacts['plainStart']): Answer | undefined {
  if (plain.kind === 'unknown') return unknownBecause(plain.because);
  if (plain.value.refusal !== '') return notApplicable('it does not start at all');
  return isUp(plain.value)
    ? undefined
    : unknownBecause('it does not come up here without these walls either: see `starts-and-stays-up`');
}
