import { type Answer, answerBy, notApplicable, unknownBecause } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import type { ProbeFacts, StartFacts } from '../probe-facts.ts';
import { byProbe, byRunning, isUp, lastLine, seenInConfig, seenInImage } from '../probed.ts';
import type { Rule } from '../rule.ts';
import { blamesProgram, explainFailure, type StartFailure } from '../start-failure.ts';
import { findObstacle } from '../startable.ts';

/** Whether the image's command is there, comes up, and does so again. */
export const startupRules: readonly Rule[] = [
  {
    id: 'entrypoint-resolves',
    stride: 'working',
    severity: 'high',
    title: 'The image’s command is not there or cannot be executed',
    why: 'No container of this image can start: the engine ends it with status 126 or 127 before a line of it runs.',
    remedy: 'COPY --chmod=755 start.sh /app/\nENTRYPOINT ["/app/start.sh"]',
    ignoreWhen: 'the image is only a base for others, or whoever runs it always names the command',
    needs: 'image',
    judge: judgeEntrypoint,
  },
  {
    id: 'starts-and-stays-up',
    stride: 'working',
    severity: 'high',
    title: 'The image’s command fails when it is started',
    why: 'It would fail the same way at each deployment; a job may end with status 0, a service has to run on.',
    remedy: 'checks-command: serve --port 8000\nchecks-env: |\n  DATABASE_URL=sqlite:////tmp/check.db',
    ignoreWhen: 'it can only start beside other services, and a test with these covers it',
    needs: 'probes',
    judge: (facts) => byProbe(facts, bestStart, judgeStart),
  },
  {
    id: 'second-start',
    stride: 'operable',
    severity: 'low',
    title: 'A container that was stopped does not start again',
    why: 'What the first start leaves behind (a pid file, a socket, a lock) is in the way of the next one after a crash or a reboot.',
    remedy: 'CMD ["gunicorn", "--pid", "/dev/null", "app:app"]',
    ignoreWhen: 'its containers are never started twice, as on Kubernetes',
    needs: 'probes',
    judge: (facts) =>
      byRunning(
        facts,
        ({ secondStart }) => secondStart,
        (again) => answerBy(isUp(again) ? [] : [seenInImage(`its second start ended with ${tellEnd(again)}`)]),
      ),
  },
  {
    id: 'startup-time',
    stride: 'operable',
    severity: 'low',
    title: 'The image takes long to start',
    why: 'Every deployment, scaling and recovery waits for it; processor time is what stays when the machine is a quiet one.',
    remedy: 'bytecode: on # an input of Slipway; import what is large where it is used',
    ignoreWhen: 'it loads data on purpose before it serves, as a model server does',
    needs: 'probes',
    judge: (facts) => byProbe(facts, ({ watched }) => watched, judgeTime),
  },
];

function judgeEntrypoint({ config, tree, probes }: ImageFacts): Answer {
  const [program] = [...config.entrypoint, ...config.cmd];
  const field = config.entrypoint.length > 0 ? 'Entrypoint' : 'Cmd';
  if (program === undefined) return answerBy([seenInConfig('Cmd', 'there is neither ENTRYPOINT nor CMD')]);
  const ran = probes === undefined ? undefined : [probes.start, probes.plainStart].find(({ kind }) => kind === 'known');
  if (ran?.kind === 'known')
    return answerBy(blamesProgram(ran.value.refusal) ? [seenInConfig(field, ran.value.refusal)] : []);
  const obstacle = findObstacle({ config, tree }, program);
  return answerBy(obstacle === '' ? [] : [seenInConfig(field, obstacle)]);
}

/** As it should be run; where that fails, as it may be run: that is for other rules to tell. */
function bestStart({ start, plainStart }: ProbeFacts): ProbeFacts['start'] {
  return start.kind === 'known' && isUp(start.value) ? start : plainStart;
}

function judgeStart(start: StartFacts): Answer {
  if (isUp(start)) return { kind: 'pass' };
  if (blamesProgram(start.refusal)) return notApplicable('it does not start at all: see `entrypoint-resolves`');
  if (start.refusal !== '') return answerBy([seenInImage(start.refusal)]);
  const failure = explainFailure(start);
  if (failure === 'its-own') return answerBy([seenInConfig('Cmd', `it ended with ${tellEnd(start)}`)]);
  return unknownBecause(`it ended with ${tellEnd(start)}: ${wants[failure]}`);
}

const wants: Readonly<Record<Exclude<StartFailure, 'its-own'>, string>> = {
  'wants-network': 'it looks for others, and has no network here; `checks-command` can start something that does not',
  'wants-settings': 'it wants variables, which `checks-env` can give it',
  'wants-arguments': 'it wants arguments, which `checks-command` can give it',
  'wants-memory': 'it took more than the 1 GiB that it has here',
};

function tellEnd(start: StartFacts): string {
  if (start.refusal !== '') return JSON.stringify(start.refusal);
  const said = lastLine(start.output);
  return `exit status ${start.exitCode ?? 'unknown'}${said === '' ? '' : ` (${said})`}`;
}

/** Milliseconds of processor time; a web framework with its libraries takes one or two seconds. */
const budget = 5_000;

function judgeTime({ running, settled, processorMs }: StartFacts): Answer {
  if (!running) return notApplicable('it is a job, or does not stay up');
  if (processorMs === undefined) return unknownBecause('the engine does not tell of processor time');
  if (processorMs < budget) return { kind: 'pass' };
  if (!settled) return unknownBecause('it was busy all the time: starting or at work');
  return answerBy([seenInImage(`it had ${(processorMs / 1000).toFixed(1)} s of a processor before it was quiet`)]);
}
