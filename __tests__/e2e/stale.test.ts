import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pushBranch, pushTag } from '../../scripts/testbed/payloads.mjs';
import { openProject, type Project, type Run, type RunOptions } from '../support/project.ts';
import { openRegistryProxy, type RegistryProxy } from '../support/registry-proxy.ts';
import { readDigest, readTags } from '../support/registry-view.ts';

const files = { Dockerfile: 'FROM scratch\nCOPY . /\n', '.dockerignore': '.git\n', message: 'hello\n' };
const quick = { cache: 'none', summary: 'false' };
jest.setTimeout(180_000); // each test is several runs, one within another
let project: Project;
let proxy: RegistryProxy;
let counter = 0;

beforeAll(async () => {
  project = await openProject(files);
  proxy = await openRegistryProxy(project.registry);
}, 60_000);

afterAll(async () => {
  await proxy.close();
  await project.close();
});

const held = (tag: string) => readDigest(project.registry, tag);
const commit = (branch: string) => project.origin.commit(branch, { [`change-${++counter}`]: 'new\n' });

/** The run of a push of that commit; it may have been overtaken, or its commit be on no branch any more. */
async function pushed(branch: string, sha: string, { inputs, ...options }: RunOptions = {}): Promise<Run> {
  await project.origin.setRef(`refs/testbed/keep-${sha}`, sha); // git serves only what a ref leads to
  const run = { inputs: { ...quick, ...inputs }, ...options };
  return project.on(pushBranch({ branch, sha }), sha, run);
}

/** Commits and publishes. */
async function publish(branch: string, options?: RunOptions): Promise<{ sha: string; run: Run }> {
  const sha = await commit(branch);
  const run = await pushed(branch, sha, options);
  expect(run.main.log).not.toContain('::error');
  return { sha, run };
}

/** What a run says of one tag. */
function said(run: Run, tag: string): readonly [outcome: string | undefined, current: string | undefined] {
  return [run.receipt.tags.find((one) => one.tag === tag)?.outcome, run.outputs['current']];
}

/** Something else happens right before the first such request of runs that publish through the proxy. */
function meanwhile(method: string, path: RegExp, work: () => Promise<unknown>): RunOptions {
  let isMet = false;
  proxy.meet = async (request) => {
    if (isMet || request.method !== method || !path.test(request.path)) return undefined;
    isMet = true;
    await work();
    return undefined;
  };
  return { inputs: { image: `${proxy.host}/acme/app` } };
}

describe('main', () => {
  test('a re-run of an old run leaves the tags to the newer commit', async () => {
    const old = await publish('main');
    const newer = await publish('main');
    const again = await pushed('main', old.sha, { runId: '4712' });
    expect(again.green).toBe(true);
    expect(again.outputs).toMatchObject({ reused: 'true', digest: old.run.outputs['digest'] });
    expect([said(again, 'main'), said(again, 'latest')[0]]).toEqual([['superseded', 'false'], 'superseded']);
    expect([await held('main'), await held('latest')]).toEqual(Array(2).fill(newer.run.outputs['digest']));
    expect(again.receipt.notices).toContainEqual(
      expect.stringMatching(/^main stays where it is: .* is at [0-9a-f]{40} now/),
    );
  });

  test('a slow runner, whose older run ends last, writes its fixed tag alone', async () => {
    const sha = await commit('main');
    let newer: Run | undefined;
    const work = async () => {
      newer = (await publish('main')).run;
    };
    const slow = await pushed('main', sha, meanwhile('POST', /blobs\/uploads\/$/, work));
    expect(slow.green).toBe(true);
    expect(slow.outputs).toMatchObject({ current: 'false', pushed: 'true' });
    expect(slow.outputs['tags']).toMatch(new RegExp(`:sha-${sha.slice(0, 12)}$`));
    expect(await held('main')).toBe(newer?.outputs['digest']);
  });

  test('an older run that ends first moves the tag on from an older commit, and the newer one from there', async () => {
    await publish('main');
    const [older, newer] = [await commit('main'), await commit('main')];
    const first = await pushed('main', older, { depth: 0 });
    expect(said(first, 'main')).toEqual(['moved', 'true']);
    const second = await pushed('main', newer);
    expect(said(second, 'main')).toEqual(['moved', 'true']);
  });

  test('two pushes cross: the older run gives main back to the newer commit', async () => {
    const sha = await commit('main');
    let newer: Run | undefined;
    const work = async () => {
      newer = (await publish('main')).run;
    };
    const older = await pushed('main', sha, meanwhile('PUT', /manifests\/main$/, work));
    expect(older.green).toBe(true);
    expect([await held('main'), await held('latest')]).toEqual(Array(2).fill(newer?.outputs['digest']));
    expect([said(older, 'main'), said(older, 'latest')[0]]).toEqual([['superseded', 'false'], 'superseded']);
    expect(older.receipt.notices).toContainEqual(expect.stringMatching(/:main belongs to sha-/));
  });

  test('a force-push counts, and what it took off the branch does not come back', async () => {
    const before = await publish('main');
    const lost = await commit('main');
    await project.origin.setRef(`refs/testbed/keep-${lost}`, lost);
    await project.origin.setRef('refs/heads/main', before.sha);
    const forced = await publish('main');
    expect(said(forced.run, 'main')).toEqual(['moved', 'true']);
    const late = await pushed('main', lost, { depth: 50 });
    expect([late.green, said(late, 'main')]).toEqual([true, ['superseded', 'false']]);
    expect(await held('main')).toBe(forced.run.outputs['digest']);
  });

  test('a reset to an older commit takes the tags back to it, and the newer one’s run does not undo that', async () => {
    const old = await publish('main');
    const newer = await publish('main');
    await project.origin.setRef('refs/heads/main', old.sha);
    const reset = await pushed('main', old.sha, { runId: '4713' });
    expect(said(reset, 'main')).toEqual(['moved', 'true']);
    expect([await held('main'), await held('latest')]).toEqual(Array(2).fill(old.run.outputs['digest']));
    const late = await pushed('main', newer.sha, { runId: '4714' });
    expect([late.green, said(late, 'main')]).toEqual([true, ['superseded', 'false']]);
    expect(await held('main')).toBe(old.run.outputs['digest']);
  });

  test('a tag’s run crosses main’s: latest is the release’s', async () => {
    const sha = await commit('main');
    let release: Run | undefined;
    const work = async () => {
      await project.origin.tag('v1.0.0', sha);
      release = await project.on(pushTag({ tag: 'v1.0.0', sha }), 'refs/tags/v1.0.0', {
        inputs: { ...quick, 'build-args': 'OTHER=image', reuse: 'off' },
      });
    };
    const run = await pushed('main', sha, meanwhile('PUT', /manifests\/latest$/, work));
    expect([run.green, release?.green]).toEqual([true, true]);
    expect(await held('latest')).toBe(release?.outputs['digest']);
    expect(said(run, 'main')).toEqual(['moved', 'true']);
  });
});

describe('a branch', () => {
  test('is its head’s: a run behind it writes nothing, whatever the tag holds', async () => {
    const old = await publish('topic');
    const [middle, head] = [await commit('topic'), await commit('topic')];
    const behind = await pushed('topic', middle);
    expect([behind.green, said(behind, 'topic')]).toEqual([true, ['superseded', 'false']]);
    expect(behind.outputs).toMatchObject({ pushed: 'false', tag: 'topic' });
    expect(await held('topic')).toBe(old.run.outputs['digest']);
    expect(said(await pushed('topic', head), 'topic')).toEqual(['moved', 'true']);
  });

  test('that was deleted gets no tag any more, and one made anew has it', async () => {
    const old = await publish('gone');
    const last = await commit('gone');
    const deletes = (): void =>
      void spawnSync('git', ['-C', project.origin.folder, 'update-ref', '-d', 'refs/heads/gone']);
    const late = await pushed('gone', last, { prepare: deletes });
    expect([late.green, said(late, 'gone')]).toEqual([true, ['superseded', 'false']]);
    expect(await held('gone')).toBe(old.run.outputs['digest']);
    const anew = await publish('gone');
    expect(said(anew.run, 'gone')).toEqual(['moved', 'true']);
    const older = await pushed('gone', old.sha, { runId: '4712' });
    expect([older.green, said(older, 'gone')]).toEqual([true, ['superseded', 'false']]);
    expect(await held('gone')).toBe(anew.run.outputs['digest']);
  });

  test('that moves on while its image is sent: what the newer run wrote is put back', async () => {
    const sha = await commit('slow');
    let newer: Run | undefined;
    // the manifest waits until another run has written the tag and this one has looked at it once more
    let looks = 0;
    const work = async () => {
      newer = (await publish('slow')).run;
      // the first may have been under way before; it was answered before the second was asked
      for (const from = looks; looks < from + 2; ) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const options = meanwhile('PUT', /manifests\/slow$/, work);
    const { meet } = proxy;
    proxy.meet = async (request) => {
      if (request.method === 'HEAD' && request.path.endsWith('/manifests/slow')) looks += 1;
      return meet(request);
    };
    const run = await pushed('slow', sha, options);
    expect([run.green, said(run, 'slow')]).toEqual([true, ['superseded', 'false']]);
    expect(await held('slow')).toBe(newer?.outputs['digest']);
  });

  test.each<[string, readonly ('push' | 'pull')[], number]>([
    ['push, then pull request', ['push', 'pull'], 21],
    ['pull request, then push', ['pull', 'push'], 22],
  ])('push and pull request of one head, %s: push’s image has the branch’s tag', async (_, order, number) => {
    const branch = `both-${number}`;
    const sha = await commit(branch);
    await commit('main'); // so that the merge is another image than the head
    const runs = new Map<string, Run>();
    for (const kind of order)
      runs.set(
        kind,
        kind === 'push' ? await pushed(branch, sha) : await project.pullRequest(number, branch, { inputs: quick }),
      );
    const [push, pull] = [runs.get('push'), runs.get('pull')];
    expect([push?.green, pull?.green]).toEqual([true, true]);
    expect(push?.outputs['digest']).not.toBe(pull?.outputs['digest']);
    expect([await held(branch), await held(`pr-${number}`)]).toEqual([
      push?.outputs['digest'],
      pull?.outputs['digest'],
    ]);
    expect(pull?.outputs['current']).toBe('true');
  });
});

describe('stale', () => {
  let old: string;
  let newer: Run;

  beforeAll(async () => {
    old = await commit('main');
    newer = (await publish('main')).run;
  }, 60_000);

  test('fail: red before anything is built, and nothing is written', async () => {
    const before = await readTags(project.registry);
    const run = await pushed('main', old, { inputs: { stale: 'fail' } });
    expect(run.receipt.error).toMatchObject({ code: 'superseded', message: expect.stringMatching(/main: .* is at/) });
    expect(run.main.log).not.toContain('build │');
    expect(await readTags(project.registry)).toEqual(before);
  });

  test('fail: red where the run is overtaken while it writes, and the tag is the newer commit’s', async () => {
    const sha = await commit('main');
    const work = async () => {
      newer = (await publish('main')).run;
    };
    const { inputs } = meanwhile('PUT', /manifests\/main$/, work);
    const run = await pushed('main', sha, { inputs: { ...inputs, stale: 'fail' } });
    expect(run.receipt.error?.code).toBe('superseded');
    expect(said(run, 'main')).toEqual(['superseded', 'false']);
    expect(await held('main')).toBe(newer.outputs['digest']);
  });

  test('ignore: writes all the same, and says so', async () => {
    const run = await pushed('main', old, { inputs: { stale: 'ignore' } });
    expect([run.green, said(run, 'main')]).toEqual([true, ['moved', 'true']]);
    expect(run.receipt.notices).toContainEqual(expect.stringMatching(/^main: .*`stale: ignore`/));
    expect(await held('main')).toBe(run.outputs['digest']);
  });
});

describe('where nobody can be asked where the branch points', () => {
  const deaf = (folder: string): void =>
    void spawnSync('git', ['-C', folder, 'remote', 'set-url', 'origin', '/nonexistent']);

  test.each<[string, number, string, RegExp]>([
    ['an older commit is written over', 0, 'moved', /unknown .*written over older commits alone/],
    ['a shallow history cannot tell: the tag stays', 1, 'superseded', /stays where it is: .* is shallow/],
  ])('%s', async (name, depth, outcome, notice) => {
    const branch = `deaf-${depth}`;
    await publish(branch);
    const run = await pushed(branch, await commit(branch), { depth, prepare: deaf });
    expect([name, run.green, said(run, branch)[0]]).toEqual([name, true, outcome]);
    expect(run.receipt.notices).toContainEqual(expect.stringMatching(notice));
  });
});
