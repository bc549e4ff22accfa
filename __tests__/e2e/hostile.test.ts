import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { imageStore } from '../support/image-store.ts';
import {
  app,
  digestOfTag,
  docker,
  leftovers,
  openProject,
  type Project,
  runImage,
  tagsOf,
} from '../support/project.ts';

/** Many more names, each beside one that is harmless, are in hostile-names.test.ts; these meet a cache and a build. */
describe('hostile branch names', () => {
  const canary = `/tmp/slipway-pwned-${process.pid}`; // of this process alone: other runs look for theirs
  const names = ['a,ref=evil/prod', '$(touch${IFS}CANARY)', '--help', 'a"b\'c&d|e<f>g', '\ufeffmain'];
  let project: Project;
  let main: string | null;

  beforeAll(async () => {
    project = await openProject();
    await project.push('main');
    main = await digestOfTag(project.registry, 'main');
  }, 60_000);

  afterAll(async () => {
    await project.close();
  });

  test.each(names)('%j gets a tag of its own and nothing else happens', async (form) => {
    const name = form.replace('CANARY', canary);
    const protectedTags = await Promise.all(
      ['main', 'latest', 'cache-main'].map((tag) => digestOfTag(project.registry, tag)),
    );
    const before = await tagsOf(project.registry);
    const sha = await project.origin.commit(name, { message: `hello ${name}\n` });
    const run = await project.push(name, { checkout: sha });
    expect(run.main.log).not.toContain('::error');
    expect(run.green).toBe(true);
    const fresh = (await tagsOf(project.registry)).filter((tag) => !before.includes(tag));
    expect(fresh).toEqual([run.outputs['tag']]);
    expect(await digestOfTag(project.registry, run.outputs['tag'] ?? '')).toBe(run.outputs['digest']);
    expect(
      await Promise.all(['main', 'latest', 'cache-main'].map((tag) => digestOfTag(project.registry, tag))),
    ).toEqual(protectedTags);
    expect(main).toBe(protectedTags[0]);
    expect(existsSync(canary)).toBe(false);
    expect(runImage(`${project.image}@${run.outputs['digest']}`)).toBe(`hello ${name}\n`);
    expect(await repositoriesOf(project)).toEqual(['acme/app']);
  });
});

describe('tests that tamper with the work tree', () => {
  const slow = {
    ...app,
    Dockerfile: [
      'FROM busybox:stable',
      'RUN sleep 1 && date +%N > /slow',
      'COPY . /app',
      'RUN sleep 1',
      'ENTRYPOINT ["cat"]',
      'CMD ["/app/message"]',
      '',
    ].join('\n'),
  };
  let project: Project;

  beforeAll(async () => {
    project = await openProject(slow);
  }, 60_000);

  afterAll(async () => {
    await project.close();
  });

  test.each<[string, string]>([
    ['at once, before the COPY', 'echo evil > message; echo planted > planted; rm stage-test.sh'],
    [
      'again and again while it builds',
      'for i in 1 2 3 4 5 6 7 8 9 10; do echo evil > message; echo planted > planted; sleep 0.3; done',
    ],
    ['at its end', 'sleep 2.5; echo evil > message; echo planted > planted'],
    ['by a link in the place of a file', 'rm message; ln -s /etc/passwd message'],
  ])('%s: the image holds what was committed, and main’s cache is not written from it', async (when, script) => {
    const branch = 'main';
    await project.origin.commit(branch, { message: `honest ${when}\n` });
    const run = await project.push(branch, { inputs: { test: script } });
    expect(run.main.log).not.toContain('::error');
    expect(runImage(`${project.image}@${run.outputs['digest']}`)).toBe(`honest ${when}\n`);
    expect(runImage(`${project.image}@${run.outputs['digest']}`, '/app/stage-test.sh')).toContain('grep');
    expect(() => runImage(`${project.image}@${run.outputs['digest']}`, '/app/planted')).toThrow();
    expect(run.receipt.cache.export).toEqual(imageStore.cacheRefused('changed'));
    expect(await digestOfTag(project.registry, 'cache-main')).toBeNull();
    expect(leftovers(run, project.image)).toEqual([]);
  });

  test('a Dockerfile without COPY still starts its tests', async () => {
    await project.origin.commit('main', { Dockerfile: 'FROM busybox:stable\nRUN sleep 1\n' });
    const run = await project.push('main', { inputs: { test: 'true' } });
    expect(run.green).toBe(true);
    expect(run.receipt.tests).toEqual([expect.objectContaining({ kind: 'test', passed: true })]);
  });

  test('what a test sees of the runner', async () => {
    const run = await project.push('main', {
      inputs: { test: 'env | cut -d= -f1 | sort', reuse: 'off' },
      env: { GITHUB_TOKEN: 'ghs_canary', ACTIONS_RUNTIME_TOKEN: 'canary', INPUT_PASSWORD: 'canary', MY_SETTING: 'x' },
    });
    const names = run.main.log
      .split('\n')
      .flatMap((line) => (line.startsWith('test │ ') ? [line.slice('test │ '.length)] : []));
    expect(names).toEqual(expect.arrayContaining(['MY_SETTING', 'PATH', 'RUNNER_TRACKING_ID', 'GITHUB_SHA']));
    expect(
      names.filter((name) =>
        /^(?:INPUT_|STATE_|ACTIONS_|GITHUB_(?:TOKEN|OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)$)/.test(name),
      ),
    ).toEqual([]);
    // the runner takes the lines that tell it what to mask out of the log
    expect(run.main.log.replace(/^::add-mask::.*$/gm, '')).not.toContain('canary');
  });
});

describe('a `verify` that replaces the image', () => {
  test('is red, and neither image is published', async () => {
    const project = await openProject();
    const run = await project.push('main', { inputs: { verify: 'docker tag busybox:stable "$SLIPWAY_IMAGE"' } });
    expect(run.green).toBe(false);
    expect(run.receipt.error?.code).toBe('digest-mismatch');
    expect(await tagsOf(project.registry)).toEqual([]);
    expect(leftovers(run, project.image)).toEqual([]);
    await project.close();
  });
});

describe('post', () => {
  let project: Project;

  beforeAll(async () => {
    project = await openProject();
  }, 60_000);

  afterAll(async () => {
    await project.close();
  });

  test('tidies up after main was killed while a container of the image ran', async () => {
    const run = await project.push('main', {
      inputs: { 'test-image': 'sh -c "echo started; sleep 300"' },
      signal: { kind: 'SIGKILL', when: (line) => line.includes('started') && line.startsWith('test-image') },
    });
    expect(run.main.signal).toBe('SIGKILL');
    expect(run.post?.code).toBe(0);
    expect(leftovers(run, project.image)).toEqual([]);
    expect(run.runnerFiles.filter((name) => name.includes(run.nonce))).toEqual([]);
    expect(run.postSummary).toMatch(/^## ⏹️ Slipway: ended from outside\n\nIt left no receipt/);
    expect(await tagsOf(project.registry)).toEqual([]);
  });

  test('a run that is cancelled ends its tests and publishes nothing', async () => {
    const run = await project.push('main', {
      inputs: { test: 'echo started; sleep 300' },
      signal: { kind: 'SIGINT', when: (line) => line.includes('test │ started') },
    });
    expect(run.main.code).toBe(1);
    expect(run.receipt.error?.code).toBe('cancelled');
    expect(run.summary).toMatch(/^## ⏹️ Slipway: cancelled, nothing was published\n/);
    expect(run.postSummary).toBe('');
    expect(run.main.ms).toBeLessThan(20_000);
    expect(await tagsOf(project.registry)).toEqual([]);
    expect(leftovers(run, project.image)).toEqual([]);
  });

  test('a name that the engine had before stands for the same image afterwards', async () => {
    const sha = await project.origin.sha('refs/heads/main');
    const name = `${project.image}:sha-${sha.slice(0, 12)}`;
    docker('tag', 'busybox:stable', name);
    const run = await project.push('main');
    expect(run.green).toBe(true);
    expect(docker('image', 'inspect', '--format', '{{.Id}}', name)).toBe(
      docker('image', 'inspect', '--format', '{{.Id}}', 'busybox:stable'),
    );
    docker('image', 'rm', name);
  });
});

async function repositoriesOf({ registry }: Project): Promise<readonly string[]> {
  const { repositories } = (await (await fetch(`${registry.url}/v2/_catalog`)).json()) as { repositories: string[] };
  return repositories;
}
