import { atLine, commandsIn, type DockerfileView, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, type Sighting } from '../finding.ts';
import type { Written } from '../instruction.ts';
import type { Rule } from '../rule.ts';
import { programOf, type ShellCommand } from '../shell-commands.ts';

/** Packages of the system. */
export const aptRules: readonly Rule[] = [
  {
    id: 'apt-update-alone',
    stride: 'reproducible',
    severity: 'high',
    title: 'The list of packages is fetched in a step of its own',
    why: 'That step is cached: a later build installs from a list that is weeks old, and fails with 404 or brings old packages with known holes.',
    remedy:
      'RUN apt-get update \\\n && apt-get install -y --no-install-recommends PACKAGE \\\n && rm -rf /var/lib/apt/lists/*',
    ignoreWhen: 'the builder never caches',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          contributing.flatMap(({ instructions }) =>
            instructions.filter(isUpdateAlone).map((at) => atLine(at, 'apt-get update stands alone in its RUN')),
          ),
        ),
      ),
  },
  {
    id: 'dist-upgrade',
    stride: 'reproducible',
    severity: 'low',
    title: 'The whole distribution is upgraded while the image is built',
    why: 'dist-upgrade may remove packages to resolve what does not fit; upgrade brings the same fixes and removes nothing.',
    remedy: 'RUN apt-get update && apt-get upgrade -y && rm -rf /var/lib/apt/lists/*',
    ignoreWhen: 'the base is one of your own that is made this way',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (view) =>
        findApt(
          view,
          ({ words }) => words.find((word) => /^(?:dist|full)-upgrade$/.test(word)),
          (word) => `apt-get ${word}`,
        ),
      ),
  },
  {
    id: 'apt-recommends',
    stride: 'small',
    severity: 'low',
    title: 'Packages come with all that they recommend',
    why: 'Recommended packages are for people at a desk: often as many bytes again, none of which the application asked for.',
    remedy: 'RUN apt-get update && apt-get install -y --no-install-recommends PACKAGE && rm -rf /var/lib/apt/lists/*',
    ignoreWhen: 'a recommended package is needed and nobody wants to name it',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (view) => {
        const isOff = commandsIn(view.shipped).some(({ command }) =>
          command.words.some((word) => /Install-Recommends/i.test(word)),
        );
        const shipped = { ...view, contributing: view.shipped };
        return findApt(
          shipped,
          ({ words }) =>
            isOff ||
            !words.includes('install') ||
            words.some((word) => /^--no-install-recommends$|Install-Recommends/i.test(word))
              ? undefined
              : 'install',
          () => 'apt-get install has no --no-install-recommends',
        );
      }),
  },
  {
    id: 'noninteractive-apt',
    stride: 'automated',
    severity: 'low',
    title: 'DEBIAN_FRONTEND stays set in the image',
    why: 'It is meant for the build alone: whoever works in the container later wonders why nothing asks any more.',
    remedy: 'ARG DEBIAN_FRONTEND=noninteractive',
    ignoreWhen: 'other images are built on this one, and install packages',
    needs: 'image',
    judge: ({ config }) =>
      answerBy(
        config.env.has('DEBIAN_FRONTEND')
          ? [
              {
                subject: { kind: 'config', field: 'Env' },
                detail: `DEBIAN_FRONTEND is ${JSON.stringify(config.env.get('DEBIAN_FRONTEND'))}`,
              },
            ]
          : [],
      ),
  },
];

const harmless = /^(?:apt-get|apt|aptitude|rm|echo|set|export|true|:|apt-mark|mkdir|ls)$/;

/** Nothing installs in that RUN, not even a script that might. */
function isUpdateAlone({ commands, flags }: Written): boolean {
  const at = commands.findIndex((command) => isApt(command) && command.words.includes('update'));
  if (
    at < 0 ||
    flags.some(
      ([name, value]) => name === 'mount' && /type=cache/.test(value) && /\/var\/(?:lib|cache)\/apt/.test(value),
    )
  )
    return false;
  const after = commands.slice(at + 1);
  return after.every(
    (command) =>
      harmless.test(programOf(command)) &&
      !command.words.some((word) =>
        /^(?:install|upgrade|dist-upgrade|full-upgrade|build-dep|satisfy|download|reinstall|source)$/.test(word),
      ),
  );
}

function isApt(command: ShellCommand): boolean {
  return /^(?:apt-get|apt|aptitude)$/.test(programOf(command));
}

function findApt(
  view: DockerfileView,
  ask: (command: ShellCommand) => string | undefined,
  tell: (word: string) => string,
) {
  return answerBy(
    commandsIn(view.contributing).flatMap(({ at, command }): Sighting[] => {
      const word = isApt(command) ? ask(command) : undefined;
      return word === undefined ? [] : [atLine(at, tell(word))];
    }),
  );
}
