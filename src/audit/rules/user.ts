import { type Answer, answerBy, notApplicable, type Sighting, unknownBecause } from '../finding.ts';
import { type ImageFacts, textOf } from '../image-facts.ts';
import { readStart } from '../image-start.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';

/** As whom the image runs. */
export const userRules: readonly Rule[] = [
  {
    id: 'runs-as-root',
    stride: 'secure',
    severity: 'high',
    title: 'The image runs as root',
    why: 'Whoever breaks into the process is root in the container, one kernel or mount mistake away from the host.',
    remedy: 'RUN useradd --create-home --uid 10001 app\nUSER 10001',
    ignoreWhen: 'the process must be root at its start and gives that up itself, as some databases do',
    needs: 'image',
    judge: judgeUser,
  },
  {
    id: 'user-non-numeric',
    stride: 'secure',
    severity: 'medium',
    title: 'The user of the image is a name, not a number',
    why: 'Kubernetes refuses to start it where runAsNonRoot is asked for: it cannot know that the name is not root’s.',
    remedy: 'USER 10001:10001',
    ignoreWhen: 'the image never runs on Kubernetes',
    needs: 'image',
    judge: ({ config: { user } }) => {
      const [name = ''] = user.split(':');
      if (name === '' || name === 'root') return notApplicable('the image runs as root: see runs-as-root');
      return answerBy(/^\d+$/.test(name) ? [] : [atUser(`USER is ${JSON.stringify(user)}`)]);
    },
  },
];

function atUser(detail: string): Sighting {
  return { subject: { kind: 'config', field: 'User' }, detail };
}

const givesRootUp = new Set(['gosu', 'su-exec', 'setpriv', 'runuser', 's6-setuidgid', 'chroot', 'setuidgid']);

function judgeUser(facts: ImageFacts): Answer {
  const { user } = facts.config;
  if (!isRoot(facts, user)) return { kind: 'pass' };
  const { argv, commands, script } = readStart(facts);
  const dropper = [...commands, ...(script?.commands ?? [])].map(programOf).find((one) => givesRootUp.has(one));
  if (dropper !== undefined || argv.some((word) => givesRootUp.has(word)))
    return unknownBecause(
      `it starts as root, and ${dropper ?? 'its command'} may give that up: only a running container shows it`,
    );
  return answerBy([atUser(user === '' ? 'no USER is set, so it runs as root' : `USER is ${JSON.stringify(user)}`)]);
}

/** By the forms in which `docker run --user` takes it: a name or a number, with or without a group. */
function isRoot({ tree }: ImageFacts, user: string): boolean {
  const [name = ''] = user.split(':');
  if (name === '' || name === 'root' || /^0+$/.test(name)) return true;
  const lines = (textOf(tree.resolve('/etc/passwd')?.entry.content) ?? '').split('\n').map((line) => line.split(':'));
  return lines.some(([known, , uid]) => known === name && /^0+$/.test(uid ?? ''));
}
