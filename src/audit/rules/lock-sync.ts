import { judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, notApplicable, type Sighting } from '../finding.ts';
import { readInstallations } from '../installations.ts';
import { lockOf, readLock } from '../lock-files.ts';
import { readProjectFile } from '../project-file.ts';
import { readRequirementLines } from '../requirements.ts';
import type { Rule } from '../rule.ts';

/** Whether the lock knows what the project asks for. */
export const lockSyncRules: readonly Rule[] = [
  {
    id: 'lock-out-of-sync',
    stride: 'reproducible',
    severity: 'medium',
    title: 'The lock file does not know all that the project asks for',
    why: 'Somebody added to pyproject.toml and did not lock again: what is installed from the lock lacks that package, and the import fails.',
    remedy: 'uv lock # or poetry lock, pdm lock',
    ignoreWhen: 'the package is installed in another way on purpose',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (view, dockerfile) => {
        const { contextTexts } = dockerfile;
        const file = readInstallations(view, dockerfile)
          .map((one) => lockOf(one, contextTexts))
          // one further down is that of another project
          .find((name) => name !== undefined && !name.includes('/'));
        const project = readProjectFile(dockerfile);
        const locked = file === undefined ? undefined : readLock(file, contextTexts.get(file) ?? '');
        if (project === undefined || locked === undefined || locked.size === 0)
          return notApplicable('nothing is installed from a lock beside a pyproject.toml');
        // what is asked for under a condition that never holds is left out of a lock
        const asked = readRequirementLines(project.dependencies.filter((one) => !one.includes(';')).join('\n'));
        return answerBy(
          asked.flatMap(({ name }): Sighting[] =>
            locked.has(name) ? [] : [{ subject: { kind: 'package', name }, detail: `${file} does not know ${name}` }],
          ),
        );
      }),
  },
];
