import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ContainerRun, findDocker, runContainer } from '../../src/tools/engine/containers.ts';
import { createContainer } from '../../src/tools/engine/created.ts';
import { removeImageName } from '../../src/tools/engine/images.ts';
import { removeContainers } from '../../src/tools/engine/removal.ts';
import { openDoor } from '../support/engine-door.ts';
import { buildImage, countContainers, engine, env, folderWith, never, sweep } from './engine-bench.ts';

const client = findDocker(env);
let image: string;

beforeAll(async () => {
  const text = 'FROM busybox:stable\nARG NONCE\nENV OWN=1\nENTRYPOINT ["false"]\nCMD ["never"]\n';
  image = await buildImage({ Dockerfile: text });
}, 60_000);

afterAll(async () => {
  await removeImageName(engine, image, never);
  sweep();
});

async function runIt(command: ContainerRun['command'], more: Partial<ContainerRun> = {}, cancel = never) {
  const out: string[] = [];
  const err: string[] = [];
  const nonce = more.nonce ?? randomBytes(8).toString('hex');
  const work = { image, command, variables: {}, nonce, limit: 30_000, phase: 'test-image', options: [], ...more };
  const listener = { stdout: (line: string) => out.push(line), stderr: (line: string) => err.push(line) };
  const exit = await runContainer({ client, engine }, work, { listener, cancel, afterwards: undefined });
  return { code: exit.code, out, err, nonce };
}

test('the command line runs in place of ENTRYPOINT and CMD, each word as it is', async () => {
  const words = ['a b', '$HOME', '', '--rm', '"q"'] as const;
  const { code, out } = await runIt(['printf', '<%s>\\n', ...words]);
  expect({ code, out }).toEqual({ code: 0, out: words.map((word) => `<${word}>`) });
});

test('its exit status and both of its outputs arrive', async () => {
  const { code, out, err } = await runIt(['sh', '-c', 'echo out; echo err >&2; exit 42']);
  expect({ code, out, err }).toEqual({ code: 42, out: ['out'], err: ['err'] });
});

test('variables arrive with any value, and no value is in the argv of any process', async () => {
  const secret = `s3cret-${randomBytes(8).toString('hex')}`;
  let seen = '';
  const listener = {
    stdout: () => {
      seen = readFileSync(`/proc/${String(process.pid)}/task/${String(process.pid)}/children`, 'utf8')
        .trim()
        .split(' ')
        .map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
        .join('\n');
    },
    stderr: () => undefined,
  };
  const variables = { TOKEN: `${secret} a=b,"c"\nline`, PATH: '/bin', HOME: '/h' };
  const command = ['sh', '-c', 'echo started; sleep 3; [ "$TOKEN" = "$1" ] && [ "$HOME" = /h ]', 'sh'] as const;
  const nonce = randomBytes(8).toString('hex');
  const work = { image, variables, nonce, limit: 30_000, phase: 'test-image', options: [] };
  const exit = await runContainer(
    { client, engine },
    { ...work, command: [...command, 'x'] },
    { listener, cancel: never, afterwards: undefined },
  );
  expect(exit.code).toBe(1);
  expect(seen).toContain('--env\0TOKEN');
  expect(seen).not.toContain(secret);
  const { out } = await runIt(['sh', '-c', 'echo "$TOKEN"; echo $HOME'], { variables });
  expect(out).toEqual([...variables.TOKEN.split('\n'), '/h']);
});

test('an image that is not there is never fetched', async () => {
  const { code, err } = await runIt(['true'], { image: 'slipway.invalid/none:x' });
  expect(code).toBe(125);
  expect(err.join(' ')).toMatch(/No such image/);
});

test('past its limit it ends, and no container is left', async () => {
  const nonce = randomBytes(8).toString('hex');
  const began = performance.now();
  await expect(runIt(['sleep', '600'], { nonce, limit: 4_000 })).rejects.toMatchObject({ code: 'timeout' });
  expect(performance.now() - began).toBeLessThan(60_000);
  expect(await countContainers(nonce)).toBe(0);
}, 120_000);

test('a container that ignores signals is gone after a cancellation all the same', async () => {
  const nonce = randomBytes(8).toString('hex');
  const cancel = new AbortController();
  const command = ['sh', '-c', 'trap "" TERM INT; echo deaf; while true; do sleep 1; done'] as const;
  const work = { image, command, variables: {}, nonce, limit: 60_000, phase: 'test-image', options: [] };
  const listener = { stdout: () => cancel.abort(), stderr: () => undefined };
  const running = runContainer({ client, engine }, work, { listener, cancel: cancel.signal, afterwards: undefined });
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  expect(await countContainers(nonce)).toBe(0);
}, 120_000);

test('a container that the engine was still making when its client was killed is gone as well', async () => {
  const nonce = randomBytes(8).toString('hex');
  const folder = folderWith({ docker: '#!/bin/sh\nkill -9 $$\n' });
  chmodSync(join(folder, 'docker'), 0o755);
  // it comes once the first look has found none
  const plan = { image, platform: undefined, command: ['true'], env: {}, nonce, folder: '/x', files: {} } as const;
  let made = '';
  const { door, close } = await openDoor(engine, async ({ length }) => {
    if (length === 2) made = await createContainer(engine, plan, never);
  });
  const work = {
    image,
    command: ['true'],
    variables: {},
    nonce,
    limit: 60_000,
    phase: 'test-image',
    options: [],
  } as const;
  const watch = {
    listener: { stdout: () => undefined, stderr: () => undefined },
    cancel: never,
    afterwards: undefined,
  };
  const tools = { client: { path: join(folder, 'docker'), env: {} }, engine: door };
  expect(await runContainer(tools, work, watch)).toMatchObject({ signal: 'SIGKILL' });
  expect(made).not.toBe('');
  expect(await countContainers(nonce)).toBe(0);
  close();
}, 120_000);

test('removal by label takes what carries it and nothing else', async () => {
  const [mine, other] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')];
  const both = [runIt(['sleep', '60'], { nonce: mine }), runIt(['sleep', '60'], { nonce: other })];
  const ends = Promise.all(both.map((one) => one.then(({ code }) => code)));
  while ((await countContainers(mine)) + (await countContainers(other)) < 2)
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await removeContainers(engine, `io.slipway.run=${mine}`, never)).toBe(1);
  expect(await countContainers(other)).toBe(1);
  expect(await removeContainers(engine, `io.slipway.run=${other}`, never)).toBe(1);
  expect(await removeContainers(engine, `io.slipway.run=${other}`, never)).toBe(0);
  expect(await ends).toEqual([137, 137]);
}, 20_000);
