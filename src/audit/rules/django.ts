import { type Answer, answerBy, notApplicable } from '../finding.ts';
import { byPython, seenInImage } from '../probed.ts';
import type { StaticFacts } from '../python-probe.ts';
import type { Rule } from '../rule.ts';

/** What Django projects forget in an image. */
export const djangoRules: readonly Rule[] = [
  {
    id: 'collectstatic-missing',
    stride: 'working',
    severity: 'low',
    title: 'The static files were not collected into the image',
    why: 'The settings serve them from a folder that is empty: pages come without style, or not at all where a manifest is asked for.',
    remedy: 'RUN SECRET_KEY=unused python manage.py collectstatic --noinput',
    ignoreWhen: 'they are collected elsewhere, as for a CDN',
    needs: 'probes',
    judge: (facts) => byPython(facts, ({ staticFiles }) => staticFiles, judgeStatic),
  },
];

function judgeStatic(found: StaticFacts | undefined): Answer {
  if (found === undefined) return notApplicable('no Django settings are named');
  if (found.servedBy === '' || found.root === '')
    return notApplicable('the settings do not serve static files from the image');
  return answerBy(
    found.files > 0 ? [] : [seenInImage(`STATIC_ROOT ${found.root} is empty, and ${found.servedBy} serves from there`)],
  );
}
