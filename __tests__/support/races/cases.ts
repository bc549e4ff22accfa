import { commitA, commitB, commitC, pull, push, runOf } from '../oracle-runs.ts';
import type { Finish, Start, Writer } from './race.ts';

const base = '0'.repeat(40);
const [older, newer, newest] = [commitA, commitB, commitC];
const merge = 'd'.repeat(40);
const main = 'refs/heads/main';
const topic = 'refs/heads/topic';
const parents = { [older]: base, [newer]: older, [newest]: newer };

/** A race, and what must hold at its end. */
export interface RaceCase extends Start {
  readonly name: string;
  /** The moving tags that are judged, with what they may hold in rising order; of what was written the highest stays. */
  readonly orders: Readonly<Record<string, readonly string[]>>;
  /** True where an order of requests is known that nobody can mend: at most these, all with this shape, end with an older one. */
  readonly open: ((finish: Finish) => boolean) | undefined;
  /** Few enough orders for `npm test` to go through all of them several times. */
  readonly small: boolean;
}

function writer(
  name: string,
  commit: string,
  ref: string,
  how: 'was there' | 'pushes' | 'forces' = 'was there',
): Writer {
  const git = runOf(push(ref, commit), { sha: commit, checkout: { ...runOf(push(ref)).checkout, head: commit } });
  return { name, git, pushes: how === 'was there' ? undefined : { ref, commit, force: how === 'forces' } };
}

function release(name: string, version: string, commit: string): Writer {
  const ref = `refs/tags/v${version}`;
  const git = runOf(push(ref, commit), { sha: commit, checkout: { ...runOf(push(ref)).checkout, head: commit } });
  return { name, git, pushes: undefined };
}

function pullRequest(name: string, commit: string): Writer {
  const event = pull('topic', { headSha: commit });
  const git = runOf(event, { sha: merge, checkout: { ...runOf(event).checkout, head: merge } });
  return { name, git, pushes: undefined };
}

const sha = (commit: string): string => `sha-${commit.slice(0, 12)}`;
const calm = {
  parents,
  tags: { main: base },
  versions: [],
  watched: ['main'],
  latest: 'never',
  open: undefined,
  small: false,
} as const;

/** Two writers, in every order of their requests. */
export const pairs: readonly RaceCase[] = [
  {
    ...calm,
    name: 'two pushes to main, and the older run ends last or first',
    writers: [writer('O', older, main), writer('N', newer, main)],
    refs: { [main]: newer },
    watched: ['main', sha(newer)],
    orders: { main: [base, 'O', 'N'] },
  },
  {
    ...calm,
    name: 'main moves on while the run of its head writes',
    writers: [writer('O', older, main), writer('N', newer, main, 'pushes')],
    refs: { [main]: older },
    watched: ['main', sha(newer)],
    orders: { main: [base, 'O', 'N'] },
  },
  {
    ...calm,
    name: 'main is reset to an older commit while the newer one’s run writes',
    writers: [writer('O', newer, main), writer('N', older, main, 'forces')],
    refs: { [main]: newer },
    watched: ['main', sha(older)],
    orders: { main: [base, 'O', 'N'] },
  },
  {
    ...calm,
    name: 'main is force-pushed to another history',
    writers: [writer('O', older, main), writer('N', merge, main, 'forces')],
    parents: { ...parents, [merge]: base },
    refs: { [main]: older },
    watched: ['main', sha(merge)],
    orders: { main: [base, 'O', 'N'] },
  },
  {
    ...calm,
    name: 'two runs of one commit, whose images differ',
    writers: [writer('O', newer, main), writer('P', newer, main)],
    refs: { [main]: newer },
    watched: ['main', sha(newer)],
    orders: { main: [base, 'O|P'] },
    open: ({ trace }) => trace.findIndex(isPutOfFixed) < trace.findLastIndex(isPutOfFixed),
  },
  {
    ...calm,
    name: 'two pushes to a branch',
    small: true,
    writers: [writer('O', older, topic), writer('N', newer, topic)],
    refs: { [topic]: newer },
    tags: { topic: base },
    watched: ['topic'],
    orders: { topic: [base, 'O', 'N'] },
  },
  {
    ...calm,
    name: 'a branch moves on while the run of its head writes',
    small: true,
    writers: [writer('O', older, topic), writer('N', newer, topic, 'pushes')],
    refs: { [topic]: older },
    tags: { topic: base },
    watched: ['topic'],
    orders: { topic: [base, 'O', 'N'] },
    open: isWithinOneWrite('O', 'N', 'topic'),
  },
  {
    ...calm,
    name: 'push and pull request of one head',
    small: true,
    writers: [writer('push', newer, topic), pullRequest('pull', newer)],
    refs: { [topic]: newer },
    tags: { topic: base },
    watched: ['topic'],
    orders: { topic: [base, 'pull', 'push'] },
    open: isWithinOneWrite('pull', 'push', 'topic'),
  },
  {
    ...calm,
    name: 'a tag’s run crosses main’s',
    writers: [writer('O', newer, main), release('R', '1.0.0', newer)],
    refs: { [main]: newer, 'refs/tags/v1.0.0': newer },
    tags: { main: base, latest: base },
    versions: ['1.0.0'],
    watched: ['latest', '1.0.0'],
    latest: 'auto',
    orders: { latest: [base, 'O', 'R'] },
  },
  {
    ...calm,
    name: 'two releases of one line',
    writers: [release('R', '1.4.1', older), release('S', '1.4.2', newer)],
    refs: { 'refs/tags/v1.4.1': older, 'refs/tags/v1.4.2': newer },
    tags: { '1.4': base },
    versions: ['1.4.1', '1.4.2'],
    watched: ['1.4', '1.4.2'],
    orders: { '1.4': [base, 'R', 'S'] },
  },
];

/** Three writers, in orders drawn by lot. */
export const triples: readonly RaceCase[] = [
  {
    ...calm,
    name: 'three pushes to main',
    writers: [writer('O', older, main), writer('M', newer, main), writer('N', newest, main)],
    refs: { [main]: newest },
    watched: ['main', sha(newer), sha(newest)],
    orders: { main: [base, 'O', 'M', 'N'] },
  },
  {
    ...calm,
    name: 'three pushes to main, one after another',
    writers: [writer('O', older, main), writer('M', newer, main, 'pushes'), writer('N', newest, main, 'pushes')],
    refs: { [main]: older },
    watched: ['main', sha(newer), sha(newest)],
    orders: { main: [base, 'O', 'M', 'N'] },
  },
];

/** Both wrote their commit's fixed tag: each had looked at it before the other's write. Who reads the other's image back is red. */
function isPutOfFixed(step: string): boolean {
  return step.endsWith(` PUT ${sha(newer)}`);
}

/** Everything of one writer, from its push or first look to its last, fell between another's last look at a tag and its write. */
function isWithinOneWrite(late: string, whole: string, tag: string): (finish: Finish) => boolean {
  return ({ trace }) => {
    const put = trace.lastIndexOf(`${late} PUT ${tag}`);
    const look = trace.lastIndexOf(`${late} HEAD ${tag}`, put);
    const written = trace.lastIndexOf(`${whole} PUT ${tag}`);
    const last = trace.findLastIndex((step) => step.startsWith(`${whole} `));
    return look < written && last < put;
  };
}
