import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startRegistry } from '../../scripts/testbed/registry.mjs';
import { parseRepository } from '../../src/model/image-ref.ts';
import { Secret } from '../../src/model/secret.ts';
import { parseTag } from '../../src/model/tag.ts';
import { readEngineInfo } from '../../src/tools/engine/engine.ts';
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
