import { answerBy } from '../finding.ts';
import type { Rule } from '../rule.ts';

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
    judge: ({ config }) =>
      answerBy(isRoot(config.user) ? [{ subject: { kind: 'config', field: 'User' }, detail: tell(config.user) }] : []),
  },
];

/** By the forms in which `docker run --user` takes it: a name or a number, with or without a group. */
function isRoot(user: string): boolean {
  const [name = ''] = user.split(':');
  return name === '' || name === 'root' || /^0+$/.test(name);
}

function tell(user: string): string {
  return user === '' ? 'no USER is set, so it runs as root' : `USER is ${JSON.stringify(user)}`;
}
