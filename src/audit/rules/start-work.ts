import { isForDevelopment } from '../dockerfile-view.ts';
import { answerBy, notApplicable, type Sighting } from '../finding.ts';
import { atFile } from '../image-files.ts';
import { readStart, startField } from '../image-start.ts';
import { readPythonInstall } from '../python-installs.ts';
import type { Rule } from '../rule.ts';
import { programOf, type ShellCommand } from '../shell-commands.ts';

/** What the container does before it serves. */
export const startWorkRules: readonly Rule[] = [
  {
    id: 'installer-at-start',
    stride: 'operable',
    severity: 'high',
    title: 'The container installs packages when it starts',
    why: 'Each start takes as long as the download, fails when the index does, and runs versions that nobody tested.',
    remedy: 'RUN pip install --no-cache-dir -r requirements.txt\nCMD ["/opt/venv/bin/gunicorn", "app.wsgi"]',
    ignoreWhen: 'the image is for development alone',
    needs: 'image',
    judge: (facts) => {
      if (isForDevelopment(facts)) return notApplicable('the stage is one for development');
      const { commands, script } = readStart(facts);
      const own = commands.flatMap((command): Sighting[] => {
        const what = tellInstaller(command, facts.config.env);
        return what === undefined ? [] : [{ subject: startField(facts), detail: `the command runs ${what}` }];
      });
      const inScript = (script?.commands ?? []).flatMap((command) => {
        const what = command.always ? tellInstaller(command, facts.config.env) : undefined;
        return what === undefined || script === undefined ? [] : [atFile(script, `${script.path} runs ${what}`)];
      });
      return answerBy([...own, ...inScript]);
    },
  },
  {
    id: 'migrations-at-start',
    stride: 'operable',
    severity: 'medium',
    title: 'The database is migrated when the container starts',
    why: 'With two containers two migrations run at once; and a container that is restarted at night changes the schema.',
    remedy:
      '# a step of the deployment, once, before the new containers\ndocker run --rm IMAGE python manage.py migrate',
    ignoreWhen: 'there is never more than one container',
    needs: 'image',
    judge: (facts) => {
      const { commands, script } = readStart(facts);
      const isAlone = script === undefined && commands.length <= 1;
      if (isAlone) return { kind: 'pass' }; // an image whose one command is the migration is the step that is asked for
      const all = [...commands, ...(script?.commands ?? []).filter(({ always }) => always)];
      const found = all.find(({ words }) =>
        /\bmanage\.py migrate\b|\bdjango-admin migrate\b|\balembic (?:\S+ )*upgrade\b|\bflask db upgrade\b/.test(
          words.join(' '),
        ),
      );
      const subject =
        script === undefined ? startField(facts) : ({ kind: 'file', path: script.path, layer: script.layer } as const);
      return answerBy(
        found === undefined
          ? []
          : [{ subject, detail: `it runs ${found.words.slice(0, 3).join(' ')} and then the application` }],
      );
    },
  },
];

function tellInstaller(command: ShellCommand, env: ReadonlyMap<string, string>): string | undefined {
  const install = readPythonInstall(command);
  if (install !== undefined && install.verb !== 'download') return `${install.by} ${install.verb}`;
  const program = programOf(command);
  const [, verb = ''] = command.words;
  if (program === 'uv' && verb === 'run') {
    const isOff =
      command.words.some((word) => /^--(?:no-sync|frozen|no-project)$/.test(word)) ||
      ['UV_NO_SYNC', 'UV_FROZEN'].some((name) => /^(?:1|true)$/i.test(env.get(name) ?? ''));
    return isOff ? undefined : 'uv run, which synchronises the environment first';
  }
  if (/^(?:npm|pnpm|yarn)$/.test(program) && /^(?:install|ci|i)$/.test(verb)) return `${program} ${verb}`;
  return /^(?:apt-get|apt|apk|dnf|yum|microdnf)$/.test(program) &&
    command.words.some((word) => /^(?:install|add)$/.test(word))
    ? `${program} install`
    : undefined;
}
