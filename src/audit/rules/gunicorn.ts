import { type Answer, answerBy, notApplicable } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { readStart, startField } from '../image-start.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';

/** Gunicorn, where the image starts it. */
export const gunicornRules: readonly Rule[] = [
  {
    id: 'gunicorn-heartbeat-dir',
    stride: 'operable',
    severity: 'medium',
    title: 'Gunicorn’s workers show that they live by a file on a disk',
    why: 'Where /tmp is a disk, a write that waits for it looks like a frozen worker, which is then killed amid its request.',
    remedy: 'CMD ["gunicorn", "--worker-tmp-dir", "/dev/shm", "app.wsgi"]',
    ignoreWhen: '/tmp is a tmpfs wherever the image runs',
    needs: 'image',
    judge: (facts) =>
      judgeGunicorn(facts, ({ words, settings }) =>
        has(words, settings, ['--worker-tmp-dir'], 'worker_tmp_dir')
          ? undefined
          : 'gunicorn is started without --worker-tmp-dir',
      ),
  },
  {
    id: 'gunicorn-single-worker',
    stride: 'operable',
    severity: 'low',
    title: 'Gunicorn runs one request at a time',
    why: 'Its default is one worker of one thread: a health check waits behind a slow request.',
    remedy: 'CMD ["gunicorn", "--workers", "2", "--threads", "4", "app.wsgi"]',
    ignoreWhen: 'there are as many containers as requests at once',
    needs: 'image',
    judge: (facts) =>
      judgeGunicorn(facts, ({ words, settings }) => {
        const isSet =
          has(
            words,
            settings,
            ['-w', '--workers', '--threads', '-k', '--worker-class'],
            '(?:workers|threads|worker_class)',
          ) || facts.config.env.has('WEB_CONCURRENCY');
        return isSet ? undefined : 'gunicorn is started without --workers and --threads';
      }),
  },
];

interface Started {
  readonly words: readonly string[];
  /** Text of GUNICORN_CMD_ARGS. */
  readonly settings: string;
}

/** A configuration file may say anything, and is not read. */
function judgeGunicorn(facts: ImageFacts, judge: (started: Started) => string | undefined): Answer {
  const { commands, script } = readStart(facts);
  const command = [...commands, ...(script?.commands ?? [])].find(
    (one) =>
      programOf(one) === 'gunicorn' ||
      (programOf(one).startsWith('python') && one.words[1] === '-m' && one.words[2] === 'gunicorn'),
  );
  if (command === undefined) return notApplicable('gunicorn is not started');
  const config = command.words.some((word) => /^(?:-c|--config)(?:=|$)/.test(word));
  const lies = ['gunicorn.conf.py'].some((name) => facts.tree.at(`${facts.config.workingDir}/${name}`) !== undefined);
  const settings = facts.config.env.get('GUNICORN_CMD_ARGS') ?? '';
  if (config || lies || /(?:^|\s)(?:-c|--config)\b/.test(settings))
    return notApplicable('gunicorn has a file of settings');
  const detail = judge({ words: command.words, settings });
  return answerBy(detail === undefined ? [] : [{ subject: startField(facts), detail }]);
}

function has(words: readonly string[], settings: string, options: readonly string[], setting: string): boolean {
  const given = [...words, ...settings.split(/\s+/)];
  return (
    options.some((name) =>
      given.some(
        (word) =>
          word === name || word.startsWith(`${name}=`) || (/^-\w$/.test(name) && new RegExp(`^${name}\\d`).test(word)),
      ),
    ) || new RegExp(`\\b${setting}\\b`).test(settings)
  );
}
