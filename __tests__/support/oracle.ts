/** An oracle for roles, written from the text of INTERFACE.md, "Roles", over rows of words: it shares no code with the action. */
export interface Row {
  /** `push`, `push deleted`, `release draft`, `workflow_run`, …: the event's name and what is special about it. */
  readonly event: string;
  readonly ref: string;
  readonly relation: 'same' | 'fork' | 'no head repository' | 'no ids';
  readonly checkout: 'GITHUB_SHA' | 'pull head' | 'remote head' | 'other';
  readonly actor: string;
  readonly push: 'auto' | 'protected' | 'true' | 'false';
}

/** `red` or the role; `idle` where nothing is built. The production branch is `main`. */
export function oracle(row: Row): string {
  const { event, ref, checkout } = row;
  if (event === 'push deleted' || event === 'pull_request closed') return 'idle test-only';
  const role = roleOf(row);
  if (role === 'on somebody’s behalf') return checkout === 'GITHUB_SHA' ? 'test-only' : 'red';
  const pushes =
    row.push === 'auto' || row.push === 'true' || (row.push === 'protected' && (role === 'main' || role === 'release'));
  const mayWrite = ['main', 'release', 'branch', 'pull-request'].includes(role);
  if (!mayWrite || !pushes) return role;
  if (ref.includes('\ufffd') && role !== 'pull-request') return 'red';
  if (checkout === 'remote head') return role;
  if (checkout === 'pull head') return event.startsWith('pull_request') ? role : 'red';
  if (checkout === 'other') return 'red';
  return event === 'push after differs' && ref.startsWith('refs/heads/') ? 'red' : role;
}

function roleOf({ event, ref, relation, actor }: Row): string {
  const [name, special] = event.split(' ');
  const bot = actor === 'dependabot[bot]';
  const branch = /^refs\/heads\/(.+)$/s.exec(ref)?.[1];
  const tag = /^refs\/tags\/(.+)$/s.exec(ref)?.[1];
  if (name === 'merge_group') return 'test-only';
  if (name === 'push' && branch !== undefined && branch.startsWith('gh-readonly-queue/')) return 'test-only';
  if (name === 'pull_request') return bot || relation !== 'same' ? 'untrusted' : 'pull-request';
  if (name === 'release' && special === 'published' && tag === 'v1.4.2') return 'release';
  if (['push', 'workflow_dispatch', 'schedule'].includes(name ?? '')) {
    if (branch === 'main') return 'main';
    if (name === 'push' && bot) return 'untrusted';
    if (tag !== undefined && name !== 'schedule') return 'release';
    if (branch !== undefined) return 'branch';
  }
  return 'on somebody’s behalf';
}

export const events = [
  'push',
  'push deleted',
  'push after differs',
  'pull_request',
  'pull_request closed',
  'workflow_dispatch',
  'schedule',
  'merge_group',
  'release published',
  'release draft',
  'release created',
  'release of another tag',
  ...[
    'branch_protection_rule check_run check_suite create delete deployment deployment_status discussion',
    'discussion_comment fork gollum image_version issue_comment issues label milestone page_build project project_card',
    'project_column public pull_request_comment pull_request_review pull_request_review_comment pull_request_target',
    'registry_package repository_dispatch status watch workflow_call workflow_run',
    'PUSH Push pull-request pull_requests push2 __proto__ constructor toString',
  ]
    .join(' ')
    .split(' '),
  '',
] as const;

export const refs = [
  'refs/heads/main',
  'refs/heads/Main',
  'refs/heads/main\u200b',
  'refs/heads/\ufeffmain',
  'refs/heads/refs/heads/main',
  'refs/heads/feature/x',
  'refs/heads/refs/tags/v1.4.2',
  'refs/heads/bad\ufffd',
  'refs/heads/gh-readonly-queue/main/pr-7-abc',
  'refs/tags/v1.4.2',
  'refs/tags/main',
  'refs/tags/refs/heads/main',
  'refs/pull/7/merge',
  'refs/notes/commits',
  'refs/heads/',
  'main',
  '',
] as const;
