import {
  atLine,
  type DockerfileView,
  isForDevelopment,
  judgeDockerfile,
  type Written,
  type WrittenStage,
} from '../dockerfile-view.ts';
import { answerBy, notApplicable, type Sighting } from '../finding.ts';
import { isTool, readPythonInstall } from '../python-installs.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';

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
  {
    id: 'no-cache-mount',
    stride: 'fast',
    severity: 'info',
    title: 'The installer downloads everything again when one dependency changes',
    why: 'A cache mount keeps what was downloaded on a builder that keeps its state; on GitHub’s own runners it brings nothing.',
    remedy: 'RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --no-dev',
    ignoreWhen: 'the builder is new at each run',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          contributing.flatMap(({ instructions }) =>
            instructions
              .filter(
                (at) =>
                  installsDependencies(at) &&
                  !at.flags.some(([name, value]) => name === 'mount' && value.includes('type=cache')),
              )
              .map((at) => atLine(at, 'it installs without a cache mount')),
          ),
        ),
      ),
  },
  {
    id: 'uv-link-mode',
    stride: 'fast',
    severity: 'info',
    title: 'uv warns at each build that it cannot link',
    why: 'A cache mount is another file system: uv tries to link, falls back to copying, and says so.',
    remedy: 'ENV UV_LINK_MODE=copy',
    ignoreWhen: 'the warning bothers nobody',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          contributing.flatMap(({ instructions }) => {
            const isSet = instructions.some(({ variables }) => variables.some(([name]) => name === 'UV_LINK_MODE'));
            const seen = instructions.find(
              ({ flags, commands }) =>
                flags.some(([, value]) => /type=cache/.test(value)) &&
                commands.some(
                  (command) =>
                    programOf(command) === 'uv' &&
                    !command.words.includes('--link-mode') &&
                    !command.assigned.some(([name]) => name === 'UV_LINK_MODE'),
                ),
            );
            return isSet || seen === undefined ? [] : [atLine(seen, 'uv runs with a cache mount and no UV_LINK_MODE')];
          }),
        ),
      ),
  },
];

const changing =
  /(?:^|_)(?:(?:GIT_?|VCS_?|COMMIT_?|BUILD_?)(?:SHA|REF|COMMIT|REVISION|HASH|DATE|TIME|NUMBER|ID)|COMMIT|REVISION|SHA|BUILD)$/i;

/** Installs what others wrote: not the project alone, and no tools. */
function installsDependencies({ commands }: Written): boolean {
  return commands.some((command) => {
    const install = readPythonInstall(command);
    if (install === undefined)
      return (
        /^(?:npm|yarn|pnpm)$/.test(programOf(command)) &&
        /^(?:ci|install|i)$/.test(command.words[1] ?? '') &&
        !command.words.includes('-g')
      );
    if (install.options.some(([name]) => name === '--no-deps')) return false;
    if (install.by === 'pip' || install.by === 'uv pip')
      return install.requirements.length > 0 || install.paths.length > 0 || install.names.some((name) => !isTool(name));
    return true;
  });
}

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
