import { type Answer, answerBy, notApplicable, unknownBecause } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import type { HealthFacts } from '../probe-facts.ts';
import { byProbe, byRunning, lastLine, seenInConfig } from '../probed.ts';
import type { Rule } from '../rule.ts';
import { findObstacle } from '../startable.ts';

/** Whether the image's HEALTHCHECK tells anything. */
export const healthRules: readonly Rule[] = [
  {
    id: 'healthcheck-cannot-run',
    stride: 'operable',
    severity: 'high',
    title: 'The image’s health check cannot run',
    why: 'The container is unhealthy for ever, however well it works: it never comes into service, or is started again and again.',
    remedy:
      'HEALTHCHECK --timeout=3s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen(\'http://127.0.0.1:8000/health\', timeout=2)"]',
    ignoreWhen: 'its orchestrator has a check of its own and does not look at this one, as Kubernetes',
    needs: 'image',
    judge: judgeCannotRun,
  },
  {
    id: 'healthcheck-always-true',
    stride: 'operable',
    severity: 'medium',
    title: 'The image’s health check is content with a frozen program',
    why: 'A program that hangs is what a health check is for; this one says all is well with every process stopped.',
    remedy:
      'HEALTHCHECK --timeout=3s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen(\'http://127.0.0.1:8000/health\', timeout=2)"]',
    ignoreWhen: 'it is there to switch the base’s check off',
    needs: 'probes',
    judge: (facts) =>
      byRunning(
        facts,
        ({ health }) => health,
        (health) =>
          health === undefined
            ? noCheck
            : byProbe(
                facts,
                () => health.frozen,
                (answer) =>
                  answerBy(
                    answer === 0
                      ? [seenInConfig('Healthcheck', `${health.test} succeeds with all processes stopped`)]
                      : [],
                  ),
              ),
      ),
  },
];

const noCheck = notApplicable('the image has no HEALTHCHECK');

function judgeCannotRun(facts: ImageFacts): Answer {
  const { config, probes } = facts;
  const [kind, ...words] = config.healthcheck?.test ?? [];
  if (words.length === 0 || kind === 'NONE') return noCheck;
  if (probes?.health.kind === 'known' && probes.health.value !== undefined) return judgeRun(probes.health.value);
  const [shell = '/bin/sh'] = config.shell;
  const obstacle = findObstacle(facts, kind === 'CMD' ? (words[0] ?? '') : shell);
  return answerBy(obstacle === '' ? [] : [seenInConfig('Healthcheck', obstacle)]);
}

/** What shells and engines say of a program that is not there. */
const missing =
  /executable file not found|no such file or directory: unknown|: (?:command )?not found\b|No such file or directory$/im;

function judgeRun({ test, exitCode, output }: HealthFacts): Answer {
  if (exitCode === 0) return { kind: 'pass' };
  if (exitCode === 126 || exitCode === 127 || missing.test(output))
    return answerBy([
      seenInConfig('Healthcheck', `${test} cannot run: ${lastLine(output) || `exit status ${exitCode}`}`),
    ]);
  const how = exitCode === undefined ? 'did not end in time' : `ended with exit status ${exitCode}`;
  const said = lastLine(output);
  return unknownBecause(`the check ran, and ${how}${said === '' ? '' : ` (${said})`}; it may need what is not here`);
}
