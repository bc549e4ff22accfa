import type { DockerfileFacts } from '../dockerfile-facts.ts';
import { atLine, commandsIn, type DockerfileView, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, type Sighting } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { type Installation, readInstallations } from '../installations.ts';
import { lockFiles } from '../lock-files.ts';
import { readProjectFile } from '../project-file.ts';
import { hasOption } from '../python-installs.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';

/** Whether the lock file decides what is installed. */
export const lockEnforcedRules: readonly Rule[] = [
  {
    id: 'lock-not-enforced',
    stride: 'reproducible',
    severity: 'high',
    title: 'The lock file may be passed over when the image is built',
    why: 'Without the flag the tool resolves anew as soon as the lock does not fit, in the build, where nobody sees it.',
    remedy:
      'RUN uv sync --locked --no-dev\n# Poetry installs from its lock alone: no poetry lock, no poetry update in the Dockerfile\n# RUN pipenv install --deploy\n# RUN npm ci',
    ignoreWhen: 'never: the flag costs nothing',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (view, dockerfile) => {
        const found = [
          ...readInstallations(view, dockerfile).flatMap((one, at, all) =>
            findUnenforced(facts, one, { dockerfile, earlier: all.slice(0, at) }),
          ),
          ...findUpdates(view),
        ];
        return answerBy(found);
      }),
  },
];

function findUnenforced(
  { config }: ImageFacts,
  one: Installation,
  { dockerfile, earlier }: { readonly dockerfile: DockerfileFacts; readonly earlier: readonly Installation[] },
): readonly Sighting[] {
  const { at, stage, install } = one;
  const isSet = (...names: readonly string[]): boolean => {
    const written = stage.instructions.flatMap(({ keyword, line, variables }) =>
      keyword === 'ENV' && line < at.line ? variables : [],
    );
    const inline = at.commands.flatMap(({ assigned }) => assigned);
    return [...config.env, ...written, ...inline].some(
      ([name, value]) => names.includes(name) && /^(?:1|true|yes|on)$/i.test(value ?? ''),
    );
  };
  const told = `${install.by} ${install.verb}`;
  switch (install.by) {
    case 'uv':
      if (install.verb === 'add') return [atLine(at, `${told} changes the lock`)];
      return hasOption(install, '--locked', '--frozen') || isSet('UV_LOCKED', 'UV_FROZEN')
        ? []
        : [atLine(at, `${told} has neither --locked nor --frozen`)];
    case 'pipenv':
      if (install.verb === 'sync' || install.names.length > 0) return [];
      return hasOption(install, '--deploy', '--ignore-pipfile') ? [] : [atLine(at, `${told} has no --deploy`)];
    case 'poetry':
      return install.verb === 'update' || install.verb === 'add' ? [atLine(at, `${told} changes the lock`)] : [];
    case 'pdm':
      if (install.verb === 'update' || install.verb === 'add') return [atLine(at, `${told} changes the lock`)];
      return install.verb === 'sync' ||
        hasOption(install, '--frozen-lockfile', '--no-lock', '--check') ||
        isSet('PDM_FROZEN_LOCKFILE')
        ? []
        : [atLine(at, `${told} has no --frozen-lockfile`)];
    case 'pip':
    case 'uv pip':
      return findRanges(one, dockerfile, earlier);
    case 'conda':
      return [];
  }
}

/** `pip install .` beside a lock, where nothing was installed from it before. */
function findRanges(
  { at, stage, install }: Installation,
  dockerfile: DockerfileFacts,
  earlier: readonly Installation[],
): readonly Sighting[] {
  const isProject = install.paths.some((path) => /^(?:\.\/?|\.\/?\[.*\]|\/app\/?|\/src\/?)$/.test(path));
  if (
    !isProject ||
    hasOption(install, '--no-deps', '--no-index') ||
    install.constraints.length > 0 ||
    install.requirements.length > 0
  )
    return [];
  if (
    earlier.some(
      (one) => one.stage === stage || one.requirements.length > 0 || one.missing.length > 0 || one.install.by !== 'pip',
    )
  )
    return [];
  const lock = dockerfile.contextFiles.find((path) => Object.values(lockFiles).includes(path));
  const hasRanges = (readProjectFile(dockerfile)?.dependencies.length ?? 0) > 0;
  return lock === undefined || !hasRanges
    ? []
    : [atLine(at, `${install.by} install takes what pyproject.toml allows, and knows nothing of ${lock}`)];
}

function findUpdates({ contributing }: DockerfileView): readonly Sighting[] {
  return commandsIn(contributing).flatMap(({ at, command }) => {
    const [, verb = '', ...rest] = command.words;
    const program = programOf(command);
    const isAlone = rest.every((word) => word.startsWith('-'));
    if (/^(?:poetry|uv|pdm|pipenv)$/.test(program) && verb === 'lock' && !rest.includes('--check'))
      return [atLine(at, `${program} lock resolves anew`)];
    if (
      program === 'npm' &&
      /^(?:install|i)$/.test(verb) &&
      isAlone &&
      !rest.some((word) => /^(?:-g|--global)$/.test(word))
    )
      return [atLine(at, 'npm install may change the lock: npm ci does not')];
    return [];
  });
}
