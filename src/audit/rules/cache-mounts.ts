import { atLine, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy } from '../finding.ts';
import { installsDependencies } from '../installations.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';

/** What is downloaded anew, and need not be. */
export const cacheMountRules: readonly Rule[] = [
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
