import { answerBy } from '../finding.ts';
import { startField } from '../image-start.ts';
import type { Rule } from '../rule.ts';

/** How many applications the image starts. */
export const serviceRules: readonly Rule[] = [
  {
    id: 'several-services',
    stride: 'operable',
    severity: 'low',
    title: 'The image holds several services and something that watches over them',
    why: 'One that fails and is started again by a supervisor is healthy to the platform; their logs and limits are one.',
    remedy:
      '# a container for each, of the same image\ndocker run IMAGE gunicorn app.wsgi\ndocker run IMAGE celery -A app worker',
    ignoreWhen: 'the platform can run one container alone',
    needs: 'image',
    judge: (facts) => {
      const names = /^(?:supervisord|s6-svscan|runsvdir|runit|circusd|honcho|monit)$/;
      const words = [...facts.config.entrypoint, ...facts.config.cmd]
        .flatMap((word) => word.split(/\s+/))
        .map((word) => word.slice(word.lastIndexOf('/') + 1));
      const found = words.find((word) => names.test(word));
      return answerBy(
        found === undefined
          ? []
          : [
              {
                subject: startField(facts),
                detail: `${found} starts the services`,
              },
            ],
      );
    },
  },
];
