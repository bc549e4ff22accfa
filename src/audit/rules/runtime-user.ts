import { answerBy } from '../finding.ts';
import { byPython, seenInConfig } from '../probed.ts';
import type { Rule } from '../rule.ts';

/** What the image's user has when it runs. */
export const runtimeUserRules: readonly Rule[] = [
  {
    id: 'user-not-in-passwd',
    stride: 'secure',
    severity: 'medium',
    title: 'The image’s user has no entry in /etc/passwd',
    why: '`getpass.getuser()`, `pwd.getpwuid()` and `Path.home()` of libraries raise an error for it, often in code that no test reaches.',
    remedy: 'RUN useradd --create-home --uid 10001 app\nUSER 10001',
    ignoreWhen: 'the platform gives it another number anyhow, as OpenShift',
    needs: 'probes',
    judge: (facts) =>
      byPython(
        facts,
        ({ user }) => user,
        ({ named, uid }) => answerBy(named ? [] : [seenInConfig('User', `user ${uid} is unknown to the image`)]),
      ),
  },
  {
    id: 'tmp-home-writable',
    stride: 'operable',
    severity: 'medium',
    title: 'The image’s user has no home or no /tmp to write to',
    why: 'Caches, sockets and temporary files of libraries go there: gunicorn, matplotlib, Hugging Face and many others fail without.',
    remedy: 'RUN useradd --create-home --uid 10001 app\nUSER 10001',
    ignoreWhen: 'the program writes nothing, and nothing that it uses does',
    needs: 'probes',
    judge: (facts) =>
      byPython(
        facts,
        ({ user }) => user,
        ({ home, homeTrouble, temporaryTrouble }) =>
          answerBy([
            ...(homeTrouble === '' || isNone(home)
              ? []
              : [seenInConfig('User', `its home ${home} cannot be written: ${homeTrouble}`)]),
            ...(temporaryTrouble === ''
              ? []
              : [seenInConfig('User', `there is no folder for temporary files: ${temporaryTrouble}`)]),
          ]),
      ),
  },
];

/** As systems spell that a user is meant to have no home. */
function isNone(home: string): boolean {
  return /^\/(?:nonexistent|dev\/null|var\/empty)$/.test(home);
}
