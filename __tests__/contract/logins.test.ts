import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startRegistry } from '../../scripts/testbed/registry.mjs';
import { parseRepository } from '../../src/model/image-ref.ts';
import { Secret } from '../../src/model/secret.ts';
import { parseTag } from '../../src/model/tag.ts';
import { readEngineInfo } from '../../src/tools/engine/engine.ts';
import { endTurns, inTurn } from '../../src/tools/engine/turns.ts';
import { openRegistries } from '../../src/tools/registry/registries.ts';
import type { Workbench } from '../../src/tools/workbench.ts';
import { openDockerConfig } from '../support/docker-config.ts';
import { startFakeRegistry } from '../support/fake-registry.ts';
import { engine } from './engine-bench.ts';

const job = { username: 'octocat', password: 'ghs_canary' };
const never = new AbortController().signal;

describe('the job’s token as a login', () => {
  let registry: Awaited<ReturnType<typeof startRegistry>>;
  beforeAll(async () => {
    registry = await startRegistry({ htpasswd: job });
  });
  afterAll(() => registry.remove());

  function open(settings: object, tokenHost: string) {
    const config = openDockerConfig(settings);
    const environment = { all: config.env, actor: job.username } as unknown as Workbench['environment'];
    const readInfo = (): ReturnType<Workbench['readInfo']> => readEngineInfo(engine, never);
    const workbench = { environment, engine, readInfo, cancel: never } as Workbench;
    const rules = { login: { kind: 'none' }, githubToken: new Secret(job.password), tokenHost } as const;
    return { registries: openRegistries(workbench, rules), remove: config.remove };
  }

  test('is used by rule where there is no other, for our client, the engine and buildx alike', async () => {
    const { registries, remove } = open({}, registry.host);
    const client = await registries.open(parseRepository(`${registry.host}/acme/app`), 'survey');
    expect(await client.mayPush()).toBe('yes');
    expect(await registries.credentials(registry.host)).toEqual({ kind: 'basic', ...job });
    expect(await registries.lent([registry.host, registry.host, 'docker.io'])).toMatchObject([
      { registry: registry.host, username: job.username },
    ]);
    remove();
  });

  test('never in place of the runner’s own login, and for no other host', async () => {
    const own = { auths: { [registry.host]: { auth: Buffer.from('own:login').toString('base64') } } };
    const first = open(own, registry.host);
    expect(await first.registries.credentials(registry.host)).toMatchObject({ username: 'own' });
    expect(await first.registries.lent([registry.host])).toEqual([]);
    first.remove();
    const second = open({}, 'ghcr.io');
    const client = await second.registries.open(parseRepository(`${registry.host}/acme/app`), 'survey');
    expect(await client.mayPush()).toBe('anonymous');
    expect(await second.registries.lent([registry.host])).toEqual([]);
    second.remove();
  });

  test('a registry that answers 403 for what is not there is asked whether we may write, but not by a probe', async () => {
    const fake = await startFakeRegistry();
    fake.quirks.missing = 403;
    const { registries, remove } = open({}, 'ghcr.io');
    const repository = parseRepository(`${fake.host}/acme/app`);
    const main = parseTag('main');
    const survey = await registries.open(repository, 'survey');
    expect([await survey.head(main), await survey.manifest(main), await survey.tags()]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    expect(fake.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
    const probe = await registries.open(repository, 'probe');
    await expect(probe.head(main)).rejects.toMatchObject({ kind: 'forbidden' });
    expect(fake.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
    remove();
    await fake.close();
  });
});

describe('turns', () => {
  const name = `127.0.0.1:1/acme/turns-${process.pid}:main`;
  const nonce = (letter: string): string => letter.repeat(32);

  test('are taken one after another, by several runs on one engine', async () => {
    const said: string[] = [];
    const take = (letter: string): Promise<void> =>
      inTurn(
        engine,
        { name, nonce: nonce(letter) },
        {
          cancel: never,
          run: async () => {
            said.push(`${letter} begins`);
            await new Promise((resolve) => setTimeout(resolve, 150));
            said.push(`${letter} ends`);
          },
        },
      );
    await Promise.all(['a', 'b', 'c'].map(take));
    const order = said.filter((_, at) => at % 2 === 0).map((line) => line[0]);
    expect(said).toEqual(order.flatMap((letter) => [`${letter} begins`, `${letter} ends`]));
  });

  test('end where the work fails, and with post where the run was killed', async () => {
    const failing = inTurn(
      engine,
      { name, nonce: nonce('d') },
      { cancel: never, run: () => Promise.reject(new Error('no')) },
    );
    await expect(failing).rejects.toThrow('no');
    const held = inTurn(
      engine,
      { name, nonce: nonce('e') },
      { cancel: never, run: () => new Promise(() => undefined) },
    );
    void held;
    await new Promise((resolve) => setTimeout(resolve, 100));
    const next = inTurn(engine, { name, nonce: nonce('f') }, { cancel: never, run: async () => 'done' });
    await endTurns(engine, nonce('9'), never); // another run's post ends nothing
    await expect(Promise.race([next, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))])).resolves.toBe(
      'waits',
    );
    await endTurns(engine, nonce('e'), never);
    expect(await next).toBe('done');
  });

  test('are given up where the run is cancelled', async () => {
    const cancel = new AbortController();
    const held = inTurn(
      engine,
      { name, nonce: nonce('1') },
      { cancel: never, run: () => new Promise((resolve) => setTimeout(resolve, 400)) },
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    const waiting = inTurn(engine, { name, nonce: nonce('2') }, { cancel: cancel.signal, run: async () => undefined });
    setTimeout(() => cancel.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await held;
  });
});
