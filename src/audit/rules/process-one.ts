import { type Answer, answerBy, notApplicable, unknownBecause } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { atFile } from '../image-files.ts';
import { type ImageStart, readStart, startField } from '../image-start.ts';
import type { Rule } from '../rule.ts';
import { programOf, type ShellCommand, scriptOf } from '../shell-commands.ts';

/** Whether the application hears that it should stop. */
export const processOneRules: readonly Rule[] = [
  {
    id: 'entrypoint-script-no-exec',
    stride: 'operable',
    severity: 'high',
    title: 'The entry script starts the application without exec',
    why: 'The shell stays process 1 and hands no signal on: every stop takes the full ten seconds and ends in a kill, amid requests.',
    remedy: '#!/bin/sh\nset -e\n# … what has to be prepared\nexec "$@"',
    ignoreWhen: 'the script does all of its work itself and is done in a moment',
    needs: 'image',
    judge: judgeScript,
  },
  {
    id: 'exec-form',
    stride: 'operable',
    severity: 'medium',
    title: 'A shell stays in front of the application',
    why: 'A shell that runs several commands is process 1 and hands no signal on: the application never hears that it should stop.',
    remedy:
      'CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app.wsgi"]\n# or, where a shell is needed\nCMD ["sh", "-c", "./prepare && exec gunicorn app.wsgi"]',
    ignoreWhen: 'the commands are done in a moment',
    needs: 'image',
    judge: (facts) => {
      const { argv, commands } = readStart(facts);
      if (scriptOf(argv) === undefined)
        return argv.length === 0 ? notApplicable('nothing is started') : { kind: 'pass' };
      const last = commands.filter(isApart).at(-1);
      const hears = commands.some((one) => /^(?:trap|wait)$/.test(programOf(one)));
      // alone, a command takes the shell's place: dash, bash and busybox all save the fork
      const isFine = last === undefined || commands.length === 1 || last.isExec || hears;
      const detail = `of ${commands.length} commands ${programOf(last ?? { words: [] })} is started without exec`;
      return answerBy(isFine ? [] : [{ subject: startField(facts), detail }]);
    },
  },
];

function judgeScript(facts: ImageFacts): Answer {
  const start = readStart(facts);
  const { script } = start;
  if (script === undefined) return tellNoScript(start);
  if (/^(?:dumb-init|tini.* -g)/.test(start.init.map((word) => word.slice(word.lastIndexOf('/') + 1)).join(' ')))
    return { kind: 'pass' };
  if (!script.whole) return unknownBecause(`only the beginning of ${script.path} was read`);
  if (/^\s*trap\s/m.test(script.text)) return { kind: 'pass' };
  const own = script.commands.filter(isApart);
  const last = own.at(-1);
  const replaces = (command: ShellCommand): boolean => command.isExec && command.words.length > 0;
  if (last === undefined) return { kind: 'pass' };
  if (['.', 'source'].includes(programOf(last))) return unknownBecause(`${script.path} ends in another script`);
  // within `if` or `case`, or in a function that is called last: some way out has it
  const isNested =
    !last.always || new RegExp(`^\\s*(?:function\\s+)?${literally(programOf(last))}\\s*\\(\\)`, 'm').test(script.text);
  if (replaces(last) || (isNested && own.some(replaces))) return { kind: 'pass' };
  return answerBy([atFile(script, `${script.path} ends in ${JSON.stringify(programOf(last))} without exec`)]);
}

/** Whether it is more than the shell's own business. */
function isApart(command: ShellCommand): boolean {
  return !/^(?:|:|exit|return|set|true)$/.test(programOf(command));
}

function tellNoScript({ argv }: ImageStart): Answer {
  return argv.length === 0 ? notApplicable('nothing is started') : notApplicable('no shell script is started');
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
