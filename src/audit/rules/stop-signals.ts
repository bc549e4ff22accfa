import { type Answer, answerBy, notApplicable, unknownBecause } from '../finding.ts';
import { type ImageFacts, textOf } from '../image-facts.ts';
import { findProgram, readStart } from '../image-start.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';

/** Whether the image is told to stop in the words of its own server. */
export const stopSignalRules: readonly Rule[] = [
  {
    id: 'stopsignal-mismatch',
    stride: 'operable',
    severity: 'medium',
    title: 'The image is stopped by a signal that its server takes for something else',
    why: 'nginx and PHP-FPM drop open requests at SIGTERM, gunicorn does at SIGINT and SIGQUIT, uWSGI starts itself again: each has one signal that means finish and end.',
    remedy: 'STOPSIGNAL SIGQUIT # nginx, PHP-FPM; for uWSGI: --die-on-term',
    ignoreWhen: 'requests are drained before the container is told to stop',
    needs: 'image',
    judge: judgeSignal,
  },
];

/** By which signals a server ends once its work is done, as its own manual says. */
const graceful: Readonly<Record<string, readonly string[]>> = {
  gunicorn: ['SIGTERM'],
  uvicorn: ['SIGTERM', 'SIGINT'],
  celery: ['SIGTERM', 'SIGINT'],
  nginx: ['SIGQUIT'],
  'php-fpm': ['SIGQUIT'],
  haproxy: ['SIGUSR1'],
  apache2: ['SIGWINCH'],
  'apache2-foreground': ['SIGWINCH'],
  'httpd-foreground': ['SIGWINCH'],
  uwsgi: ['SIGINT', 'SIGQUIT'],
};

const numbers: Readonly<Record<string, string>> = { 2: 'INT', 3: 'QUIT', 10: 'USR1', 15: 'TERM', 28: 'WINCH' };

function judgeSignal(facts: ImageFacts): Answer {
  const words = lastWords(facts);
  const isModule = /^python[\d.]*$/.test(programOf({ words })) && words[1] === '-m';
  const name = isModule ? (words[2] ?? '') : programOf({ words }).replace(/^(php-fpm)[\d.]+$/, '$1');
  const right = Object.hasOwn(graceful, name) ? graceful[name] : undefined;
  if (right === undefined) return notApplicable('no server is started whose signals are known');
  const said = facts.config.stopSignal.toUpperCase().replace(/^SIG/, '') || 'TERM';
  const signal = `SIG${Object.hasOwn(numbers, said) ? numbers[said] : said}`;
  if (right.includes(signal)) return { kind: 'pass' };
  if (name === 'uwsgi') {
    const dies = diesOnTerm(facts, words);
    if (dies !== false) return dies === true ? { kind: 'pass' } : unknownBecause('the settings of uWSGI are not read');
  }
  const detail = `${name} is told to stop by ${signal}, and ends its work at ${right.join(' or ')}`;
  return answerBy([{ subject: { kind: 'config', field: 'StopSignal' }, detail }]);
}

/** What the image runs in the end, as words: a script that ends in `exec "$@"` runs its CMD. */
function lastWords(facts: ImageFacts): readonly string[] {
  const { commands, script } = readStart(facts);
  const last = (script?.commands ?? commands).filter(({ isExec }) => isExec).at(-1) ?? commands.at(-1);
  return last?.words[0] === '$@' ? facts.config.cmd : (last?.words ?? []);
}

/** Undefined where a file of settings may say so, and was not read. */
function diesOnTerm(facts: ImageFacts, words: readonly string[]): boolean | undefined {
  if (
    words.some((word) => /^--(?:die-on-term|hook-master-start)\b/.test(word)) ||
    facts.config.env.has('UWSGI_DIE_ON_TERM')
  )
    return true;
  const files = words.slice(1).flatMap((word) => /(?:^|=)([^=]+\.(?:ini|ya?ml|xml|json|conf))$/.exec(word)?.[1] ?? []);
  const texts = files.map((file) => textOf(findProgram(facts, file.includes('/') ? file : `./${file}`)?.entry.content));
  if (texts.some((text) => text !== undefined && /^\s*(?:die-on-term|hook-master-start)\b/m.test(text))) return true;
  return texts.includes(undefined) ? undefined : false;
}
