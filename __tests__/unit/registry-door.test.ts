import { expect, test } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { layerPatience } from '../../src/model/limits.ts';
import { parseTag } from '../../src/model/tag.ts';
import { openRegistries } from '../../src/tools/registry/registries.ts';
import type { Workbench } from '../../src/tools/workbench.ts';
import { startFakeRegistry } from '../support/fake-registry.ts';

test('a run asks for a repository’s token once, however often it opens it', async () => {
  const fake = await startFakeRegistry();
  fake.quirks.login = 'token';
  const readInfo = async () =>
    ({ store: 'containerd', version: '28', insecureRegistries: [], platform: 'linux/amd64' }) as const;
  const environment = { all: {}, actor: '' } as unknown as Workbench['environment'];
  const cancel = new AbortController().signal;
  const registries = openRegistries(
    { environment, cancel, readInfo },
    { login: { kind: 'none' }, githubToken: undefined },
  );
  const repository = parseRepository(`${fake.host}/acme/app`);
  for (const need of ['survey', 'probe', 'publish', 'publish'] as const)
    expect(await (await registries.open(repository, need)).head(parseTag('absent'))).toBeUndefined();
  const reader = await registries.readCache(repository, new AbortController().signal);
  expect(await reader.manifest(digestOf('absent'), layerPatience)).toBeUndefined();
  const asked = (part: string) => fake.seen.filter(({ url }) => url.includes(part)).length;
  expect(asked('/token')).toBe(1);
  expect(asked('/manifests/absent')).toBe(5); // the first one is told to log in
  await fake.close();
});
