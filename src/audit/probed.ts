import { type Answer, notApplicable, type Sighting, unknownBecause } from './finding.ts';
import type { ImageFacts } from './image-facts.ts';
import type { ProbeFacts, StartFacts } from './probe-facts.ts';
import type { Probed } from './probed-value.ts';
import type { PythonProbe } from './python-probe.ts';

/** Answers by what a probe found out; where nothing was run the question does not come up, where it failed the answer is unknown. */
export function byProbe<T>(
  { probes }: Pick<ImageFacts, 'probes'>,
  pick: (probes: ProbeFacts) => Probed<T>,
  judge: (value: T, probes: ProbeFacts) => Answer,
): Answer {
  if (probes === undefined) return notApplicable('the image was not run, as `checks: full` does');
  const probed = pick(probes);
  return probed.kind === 'known' ? judge(probed.value, probes) : unknownBecause(probed.because);
}

/** Answers by what was seen of a program while it ran; a job that ended well has no such questions. */
export function byRunning<T>(
  facts: Pick<ImageFacts, 'probes'>,
  pick: (probes: ProbeFacts) => Probed<T>,
  judge: (value: T, probes: ProbeFacts) => Answer,
): Answer {
  const watched = facts.probes?.watched;
  const isJob = watched?.kind === 'known' && watched.value.exitCode === 0;
  return isJob ? notApplicable('it ended with exit status 0: a job, no service') : byProbe(facts, pick, judge);
}

/** Answers by what the image's Python said. */
export function byPython<T>(
  facts: Pick<ImageFacts, 'probes'>,
  pick: (python: PythonProbe) => Probed<T>,
  judge: (value: T, probes: ProbeFacts) => Answer,
): Answer {
  return byProbe(
    facts,
    ({ python }) => python,
    (python) =>
      python === undefined ? notApplicable('the image has no Python') : byProbe(facts, () => pick(python), judge),
  );
}

/** Whether a start came to what it was for: a service runs on, a job ends with status 0. */
export function isUp({ running, exitCode }: StartFacts): boolean {
  return running || exitCode === 0;
}

export function seenInConfig(field: string, detail: string): Sighting {
  return { subject: { kind: 'config', field }, detail };
}

export function seenInImage(detail: string): Sighting {
  return { subject: { kind: 'image' }, detail };
}

/** The first few of many, and how many more there are. */
export function listSome(all: readonly string[], count = all.length): string {
  const first = all.slice(0, 3);
  return count > first.length ? `${first.join(', ')} and ${count - first.length} more` : first.join(', ');
}

/** The last line that says something, for a sentence. */
export function lastLine(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return (lines.findLast((line) => line !== '') ?? '').slice(0, 300);
}
