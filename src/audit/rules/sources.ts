import { answerBy } from '../finding.ts';
import { atFile, visibleEntries } from '../image-files.ts';
import type { Rule } from '../rule.ts';

/** Whether the source is there beside what was compiled of it. */
export const sourceRules: readonly Rule[] = [
  {
    id: 'source-missing',
    stride: 'debuggable',
    severity: 'low',
    title: 'Modules are there as bytecode alone',
    why: 'Tracebacks show no lines, and the next minor version of Python imports none of it.',
    remedy: '# ship the .py files beside their __pycache__\nCOPY . /app',
    ignoreWhen: 'the source is withheld on purpose',
    needs: 'image',
    judge: (facts) => {
      const bare = visibleEntries(facts).filter(
        ({ path, entry }) =>
          entry.kind === 'file' &&
          /\/(?!__pycache__\/)[^/]+\.pyc$/.test(path) &&
          !path.includes('/__pycache__/') &&
          facts.tree.at(path.slice(0, -1)) === undefined,
      );
      const [first, ...others] = bare;
      return answerBy(
        first === undefined
          ? []
          : [
              atFile(
                { path: first.path, layer: first.entry.layer },
                `${first.path}${others.length > 0 ? ` and ${others.length} more` : ''} has no .py`,
              ),
            ],
      );
    },
  },
];
