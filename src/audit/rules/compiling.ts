import { atLine, commandsIn, isForDevelopment, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, notApplicable } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';

/** Whether a Dockerfile compiles what it installs. */
export const compilingRules: readonly Rule[] = [
  {
    id: 'pip-no-compile-inverted',
    stride: 'operable',
    severity: 'low',
    title: 'PIP_NO_COMPILE does the opposite of what it says',
    why: 'pip takes the variable for the value of --compile: with 1 it compiles, with 0 it does not.',
    remedy: 'RUN pip install --no-compile -r requirements.txt',
    ignoreWhen: 'never: say what is meant on the command line',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          contributing.flatMap(({ instructions }) =>
            instructions.flatMap((at) =>
              [...at.variables, ...at.commands.flatMap(({ assigned }) => assigned)].flatMap(([name, value]) =>
                name === 'PIP_NO_COMPILE'
                  ? [
                      atLine(
                        at,
                        `PIP_NO_COMPILE=${value ?? ''} means ${/^(?:0|false|no|off)$/i.test(value ?? '') ? '--no-compile' : '--compile'}`,
                      ),
                    ]
                  : [],
              ),
            ),
          ),
        ),
      ),
  },
  {
    id: 'uv-compile-missing',
    stride: 'operable',
    severity: 'medium',
    title: 'uv installs, and nothing compiles what it installed',
    why: 'Unlike pip, uv leaves modules uncompiled: each new container compiles them at its first import, and a read-only one at every start.',
    remedy: 'ENV UV_COMPILE_BYTECODE=1\n# or let this action do it\n# bytecode: true',
    ignoreWhen: 'the image is for development alone',
    needs: 'dockerfile',
    judge: (facts) => {
      if (isForDevelopment(facts)) return notApplicable('the stage is one for development');
      if (facts.layers.some(({ from }) => from === 'bytecode')) return { kind: 'pass' };
      return judgeDockerfile(facts, ({ contributing }) => {
        const all = commandsIn(contributing);
        const compiles = all.some(({ command }) => command.words.includes('compileall'));
        const isSet = (name: string, value: string | undefined): boolean =>
          name === 'UV_COMPILE_BYTECODE' && /^(?:1|true|yes|on)$/i.test(value ?? '');
        const seen = all.filter(({ at, stage, command }) => {
          const isInstall =
            programOf(command) === 'uv' &&
            (command.words[1] === 'sync' ||
              (command.words[1] === 'pip' && /^(?:install|sync)$/.test(command.words[2] ?? '')));
          const written = stage.instructions.some(
            ({ keyword, line, variables }) =>
              keyword === 'ENV' && line < at.line && variables.some(([name, value]) => isSet(name, value)),
          );
          const inherited = [...facts.config.env].some(([name, value]) => isSet(name, value));
          return (
            isInstall &&
            !written &&
            !inherited &&
            !command.words.includes('--compile-bytecode') &&
            !at.commands.some(({ assigned }) => assigned.some(([name, value]) => isSet(name, value)))
          );
        });
        return answerBy(compiles ? [] : seen.map(({ at }) => atLine(at, 'uv installs without --compile-bytecode')));
      });
    },
  },
  {
    id: 'compileall-no-args',
    stride: 'operable',
    severity: 'medium',
    title: 'compileall is not told what to compile',
    why: 'Without a folder it compiles what is on sys.path, not what is below it, and leaves out the options.',
    remedy: 'RUN python -m compileall -q /app /opt/venv/lib',
    ignoreWhen: 'never',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          commandsIn(contributing).flatMap(({ at, command }) => {
            const word = command.words.indexOf('compileall');
            if (word < 0 || command.words[word - 1] !== '-m') return [];
            const rest = command.words.slice(word + 1);
            const named =
              rest.some(
                (one, index) =>
                  !one.startsWith('-') &&
                  !/^-(?:[rdspxiojeb]|-invalidation-mode|-limit-sl-dest)$/.test(rest[index - 1] ?? ''),
              ) || rest.includes('-i');
            return named ? [] : [atLine(at, 'compileall has no folder')];
          }),
        ),
      ),
  },
];
