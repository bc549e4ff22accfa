import {
  atLine,
  type DockerfileView,
  isForDevelopment,
  judgeDockerfile,
  type WrittenStage,
} from '../dockerfile-view.ts';
import { answerBy, notApplicable, type Sighting } from '../finding.ts';
import { installsDependencies } from '../installations.ts';
import type { Written } from '../instruction.ts';
import type { Rule } from '../rule.ts';

/** What is built anew with each commit, and need not be. */
export const layerOrderRules: readonly Rule[] = [
  {
    id: 'deps-after-code',
    stride: 'fast',
    severity: 'high',
    title: 'Dependencies are installed after the code was copied',
    why: 'Every commit changes the code, so every build downloads and installs all packages again: minutes instead of seconds.',
    remedy: 'COPY requirements.txt ./\nRUN pip install --no-cache-dir -r requirements.txt\nCOPY . .',
    ignoreWhen: 'the dependencies are part of the code',
    needs: 'dockerfile',
    judge: (facts) => {
      if (isForDevelopment(facts)) return notApplicable('the stage is one for development');
      return judgeDockerfile(facts, (view) => answerBy(view.contributing.flatMap((stage) => findLate(view, stage))));
    },
  },
  {
    id: 'early-cache-buster',
    stride: 'fast',
    severity: 'medium',
    title: 'A value that changes with each commit comes before the dependencies',
    why: 'Every RUN after an ARG depends on its value: a commit’s name above the installation makes it run again each time.',
    remedy: '# at the end of the last stage\nARG GIT_SHA\nENV GIT_SHA=$GIT_SHA',
    ignoreWhen: 'the value changes with releases alone',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          contributing.flatMap(({ instructions }) => {
            const install = instructions.findIndex(installsDependencies);
            return instructions
              .slice(0, Math.max(install, 0))
              .flatMap((at) =>
                at.keyword === 'ARG' && at.variables.some(([name]) => changing.test(name))
                  ? [atLine(at, `ARG ${at.variables[0]?.[0]} comes before the dependencies`)]
                  : [],
              );
          }),
        ),
      ),
  },
];

const changing =
  /(?:^|_)(?:(?:GIT_?|VCS_?|COMMIT_?|BUILD_?)(?:SHA|REF|COMMIT|REVISION|HASH|DATE|TIME|NUMBER|ID)|COMMIT|REVISION|SHA|BUILD)$/i;

/** The first installation of a stage and of those below it, where it follows a copy of all there is. */
function findLate(view: DockerfileView, stage: WrittenStage): readonly Sighting[] {
  const below = lineage(view, stage);
  if (below.some(({ instructions }) => instructions.some(installsDependencies))) return [];
  const install = stage.instructions.findIndex(installsDependencies);
  const copy = [
    ...below.flatMap(({ instructions }) => instructions),
    ...stage.instructions.slice(0, Math.max(install, 0)),
  ].find(copiesAll);
  const at = stage.instructions[install];
  return at === undefined || copy === undefined
    ? []
    : [atLine(at, `it comes after the ${copy.keyword} of everything in line ${copy.line}`)];
}

function lineage({ stages }: DockerfileView, stage: WrittenStage): readonly WrittenStage[] {
  const at = stages.indexOf(stage);
  const parent = stages.slice(0, at).findLast(({ name }) => name !== '' && name === stage.base);
  return parent === undefined ? [] : [...lineage({ stages, shipped: [], contributing: [] }, parent), parent];
}

function copiesAll({ keyword, words, flags }: Written): boolean {
  if ((keyword !== 'COPY' && keyword !== 'ADD') || flags.some(([name]) => name === 'from')) return false;
  return words.slice(0, -1).some((word) => /^(?:\.\/?|\/|\*|\.\/\*|\$\{?PWD\}?)$/.test(word));
}
