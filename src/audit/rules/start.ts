import { isForDevelopment } from '../dockerfile-view.ts';
import { answerBy, notApplicable, type Sighting } from '../finding.ts';
import { shippedFiles } from '../image-files.ts';
import { readStart, startField } from '../image-start.ts';
import type { Rule } from '../rule.ts';
import type { ShellCommand } from '../shell-commands.ts';
import { startWorkRules } from './start-work.ts';

/** What is started. */
export const startRules: readonly Rule[] = [
  {
    id: 'debug-mode-in-cmd',
    stride: 'secure',
    severity: 'high',
    title: 'The image starts a development server or in debug mode',
    why: 'Development servers run one request after another, reload on each change of a file, and show tracebacks, variables and often a console to everybody.',
    remedy: 'CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app.wsgi"]',
    ignoreWhen: 'the image is for development alone',
    needs: 'image',
    judge: (facts) => {
      if (isForDevelopment(facts)) return notApplicable('the stage is one for development');
      const env = [...facts.config.env].flatMap(([name, value]): Sighting[] =>
        debugVariables.test(name) && /^(?:1|true|yes|on)$/i.test(value)
          ? [{ subject: { kind: 'config', field: 'Env' }, detail: `${name} is ${JSON.stringify(value)}` }]
          : [],
      );
      const commands = readStart(facts).commands.flatMap((command): Sighting[] => {
        const what = tellDebug(command);
        return what === undefined ? [] : [{ subject: startField(facts), detail: what }];
      });
      return answerBy([...commands, ...env]);
    },
  },
  ...startWorkRules,
  {
    id: 'no-production-server',
    stride: 'operable',
    severity: 'medium',
    title: 'A web framework is installed, and no server for production',
    why: 'What comes with the framework is for one developer: one process, no limits, no timeouts.',
    remedy: 'RUN pip install gunicorn==23.0.0\nCMD ["gunicorn", "--bind", "0.0.0.0:8000", "app.wsgi"]',
    ignoreWhen: 'the image is a worker or a command',
    needs: 'image',
    judge: (facts) => {
      const names = new Set(facts.packages.flatMap(({ kind, name }) => (kind === 'python' ? [name] : [])));
      const framework = ['django', 'flask'].find((name) => names.has(name));
      if (framework === undefined) return notApplicable('neither Django nor Flask is installed');
      const runsIt = readStart(facts).commands.some((command) => tellDebug(command) !== undefined);
      const hasServer =
        servers.some((name) => names.has(name)) ||
        shippedFiles(facts).some(({ path }) => /\/bin\/(?:uwsgi|unitd|apache2|httpd)$/.test(path));
      return answerBy(
        runsIt && !hasServer
          ? [
              {
                subject: { kind: 'package', name: framework },
                detail: `${framework} is started by its own server, and none of ${servers.slice(0, 4).join(', ')} is installed`,
              },
            ]
          : [],
      );
    },
  },
];

const debugVariables =
  /^(?:FLASK_DEBUG|DJANGO_DEBUG|DEBUG|PYTHONDEVMODE|PYTHONASYNCIODEBUG|UVICORN_RELOAD|WERKZEUG_DEBUG)$/;
const servers = [
  'gunicorn',
  'uvicorn',
  'hypercorn',
  'granian',
  'daphne',
  'waitress',
  'uwsgi',
  'pyuwsgi',
  'mod-wsgi',
  'gevent',
  'cheroot',
  'bjoern',
  'meinheld',
];

function tellDebug(command: ShellCommand): string | undefined {
  const line = ['', ...command.words.map((word) => word.slice(word.lastIndexOf('/') + 1)), ''].join(' ');
  if (/ (?:manage\.py|django-admin|django) (?:-\S+ )*runserver(?:_plus)? /.test(line))
    return 'runserver is Django’s server for development';
  if (/ flask (?:-\S+ (?:[\w.:]+ )?)*run /.test(line)) return 'flask run is Flask’s server for development';
  if (/ fastapi dev /.test(line)) return 'fastapi dev reloads on every change';
  if (
    / (?:uvicorn|gunicorn|hypercorn|granian|sanic|daphne|fastapi|watchfiles|watchmedo) (?:.* )?--(?:auto-)?reload /.test(
      line,
    )
  )
    return '--reload watches the files and starts anew on every change';
  if (/ debugpy (?:.* )?--(?:listen|connect) /.test(line)) return 'debugpy lets everybody on that port run code';
  return / python[\d.]* (?:-\S+ )*-X dev /.test(line) ? 'python -X dev is for development' : undefined;
}
