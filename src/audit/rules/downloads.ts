import { atLine, commandsIn, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { programOf, type ShellCommand, shells } from '../shell-commands.ts';

/** What is fetched while the image is built, and whether anybody checks that it is the right thing. */
export const downloadRules: readonly Rule[] = [
  {
    id: 'remote-code-unverified',
    stride: 'secure',
    severity: 'medium',
    title: 'Code from the network is run as it comes',
    why: 'What that address answers tomorrow runs in the build, with whatever the build may read.',
    remedy: 'ADD --checksum=sha256:DIGEST https://example.com/install.sh /tmp/install.sh\nRUN sh /tmp/install.sh',
    ignoreWhen: 'the address names a version that never changes and the server is your own',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) => {
        const piped = commandsIn(contributing).filter(({ at, command }) => {
          const next = at.commands[at.commands.indexOf(command) + 1];
          return (
            command.link === '|' &&
            isFetch(command) &&
            next !== undefined &&
            (shells.has(programOf(next)) || /^(?:python|perl|ruby|node)[\d.]*$/.test(programOf(next)))
          );
        });
        const added = contributing.flatMap(({ instructions }) =>
          instructions.filter(
            ({ keyword, words, flags }) =>
              keyword === 'ADD' &&
              words.slice(0, -1).some((word) => /^https?:\/\//.test(word) && !/\.git(?:#|$)/.test(word)) &&
              !flags.some(([name]) => name === 'checksum'),
          ),
        );
        return answerBy([
          ...piped.map(({ at, command }) => atLine(at, `what ${programOf(command)} fetches goes into a shell`)),
          ...added.map((at) => atLine(at, 'ADD fetches a file without --checksum')),
        ]);
      }),
  },
  {
    id: 'shell-strict',
    stride: 'automated',
    severity: 'medium',
    title: 'A download that fails within a pipe does not fail the build',
    why: 'Of a pipe only the last program’s status counts: half a download, or an error page, goes on as if all were well.',
    remedy: 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
    ignoreWhen: 'what follows in the pipe fails on half an input',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          contributing.flatMap(({ instructions }) => {
            let strict = false;
            return instructions.flatMap((at) => {
              if (at.keyword === 'SHELL') strict = at.words.some((word) => word === 'pipefail');
              const own = at.commands.some(({ words }) => words[0] === 'set' && words.includes('pipefail'));
              const piped = at.commands.find((command) => command.link === '|' && isFetch(command));
              return strict || own || piped === undefined
                ? []
                : [atLine(at, `${programOf(piped)} stands in a pipe, and no pipefail is set`)];
            });
          }),
        ),
      ),
  },
];

function isFetch(command: ShellCommand): boolean {
  return /^(?:curl|wget)$/.test(programOf(command));
}
