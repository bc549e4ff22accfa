import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Certificates } from '../../scripts/testbed/certificates.mjs';
import { canBringUp } from '../../scripts/testbed/engine.mjs';
import { findBuilder, inspectBuilder } from '../../src/tools/buildx/find-builder.ts';
import { findFault } from '../../src/tools/buildx/reach.ts';
import { type Builders, type Daemon, openBuilders, startDaemon } from '../support/builders.ts';
import { identify, makeTrust, type Trust, untilExpired } from '../support/certificates.ts';
import { buildx, never } from './engine-bench.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-builder-contract-'));
let builders: Builders;

beforeAll(() => {
  builders = openBuilders();
});
afterAll(() => {
  builders.remove();
  rmSync(folder, { recursive: true, force: true });
});

const find = (name: string | undefined, more: Partial<typeof buildx> = {}) => {
  const env = { ...buildx.env, ...builders.env };
  const [where, asked] = [
    { ...buildx, env, ...more },
    { name, platforms: [], folder },
  ];
  return findBuilder(where, { ...asked, seen: inspectBuilder(where, asked, never) }, never);
};

test('where nobody named or made a builder, nothing is asked', async () => {
  expect(await find(undefined, { path: join(folder, 'no program') })).toEqual({ kind: 'engine' });
});

test('the engine’s own builder is known by what buildx says', async () => {
  expect(await find('default')).toEqual({ kind: 'engine' });
});

test('a builder that does not exist is an error that names it', async () => {
  await expect(find('nope')).rejects.toMatchObject({ code: 'builder-missing', message: 'there is no builder "nope"' });
});

test('an address that takes a connection and says nothing is told as that', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const node = { name: 'b0', endpoint, status: 'inactive', version: '', error: undefined };
  const asked = { ...node, options: new Map(), platforms: [], features: new Map() };
  expect(await findFault(asked, 200, never)).toBe('it says nothing within 200 ms');
  server.close();
});

(canBringUp('default') ? describe : describe.skip)('a buildkitd behind TCP with certificates on both sides', () => {
  let daemon: Daemon;
  let trust: Trust;

  beforeAll(async () => {
    trust = await makeTrust(folder);
    daemon = await startDaemon({ tls: trust.server });
    await untilExpired(trust.old);
  }, 1_200_000);
  afterAll(() => daemon.remove(), 30_000);

  const look = 'docker buildx inspect slipway-';
  /** How a client with our certificate is meant to ask, but for what is said of it. */
  const options = (other: Partial<Certificates> = {}) => identify({ ...trust.ours, ...other });

  test('builds', async () => {
    const name = builders.addRemote(daemon.endpoint, ...options());
    expect(await find(name)).toMatchObject({ kind: 'apart', name, driver: 'remote', exportsCache: true });
    expect(await find(undefined)).toMatchObject({ kind: 'apart', name }); // the first that was made is the current one
  });

  test.each<[string, () => readonly string[], RegExp, string]>([
    [
      'our certificate has expired',
      () => options({ ...trust.old, ca: trust.ours.ca }),
      /it refuses the TLS handshake: .*certificate expired/,
      'this run’s certificate has to be renewed',
    ],
    ['we show none', () => [`cacert=${trust.ours.ca}`], /it refuses the TLS handshake: .*certificate required/, look],
    [
      'it has another name',
      () => [...options(), 'servername=other.example'],
      /other\.example\. is not in the cert/,
      look,
    ],
    ['it is signed by somebody else', () => options({ ca: trust.old.ca }), /self-signed|unable to/, look],
    ['no certificates are given', () => [], /closes the connection/, look],
    ['a file is not there', () => ['cacert=/nowhere/ca.pem'], /ENOENT.*\/nowhere\/ca\.pem/, look],
  ])('says at once why it does not answer: %s', async (_, given, reason, hint) => {
    const name = builders.addRemote(daemon.endpoint, ...given());
    const asked = find(name);
    await expect(asked).rejects.toMatchObject({
      code: 'builder-missing',
      message: expect.stringMatching(new RegExp(`^the builder "${name}" does not answer: ${daemon.endpoint}: `)),
      hint: expect.stringContaining(hint),
    });
    await expect(asked).rejects.toThrow(reason);
  });
});
