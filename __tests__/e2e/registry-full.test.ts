import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { canOwnEngine } from '../support/own-engine.ts';
import { digestOfTag, openProjectAt, type Run, startRegistry } from '../support/project.ts';
import { openRegistryProxy } from '../support/registry-proxy.ts';

// a disk of a registry's own has to be mounted
const asRoot = canOwnEngine ? describe : describe.skip;
const clear: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const one of clear) await one();
});

/** A repository whose registry has a disk of six megabytes, with a door in front of it. */
async function openSmall(files: Readonly<Record<string, string>>) {
  const registry = await startRegistry();
  const { storage = '' } = registry;
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', storage]);
  const proxy = await openRegistryProxy(registry);
  const project = await openProjectAt({ host: proxy.host, stop: registry.stop }, files);
  clear.push(async () => {
    await proxy.close();
    await project.close();
    execFileSync('umount', ['-l', storage]);
    await registry.remove();
  });
  const ballast = join(storage, 'fill');
  return {
    project,
    proxy,
    digestOf: (tag: string) => digestOfTag(registry, tag),
    /** Takes room, as somebody else's images do: so many megabytes, or all there is. */
    fill: (megabytes?: number) => {
      if (megabytes !== undefined) writeFileSync(ballast, Buffer.alloc(megabytes * 1024 * 1024));
      else execFileSync('sh', ['-c', `cat /dev/zero > '${ballast}' 2>&1 || true`]);
    },
    /** What an owner does: away with the ballast, and with uploads that nobody will end. */
    free: () => {
      rmSync(ballast, { force: true });
      execFileSync('sh', ['-c', `rm -rf '${storage}'/docker/registry/v2/repositories/*/*/_uploads`]);
    },
  };
}

const files = { Dockerfile: 'FROM scratch\nCOPY f /f\n', f: randomBytes(8).toString('hex') };
const outcomes = (run: Run): Record<string, string> =>
  Object.fromEntries(run.receipt.tags.map(({ tag, outcome }) => [tag.replace(/^sha-.*/, 'sha'), outcome]));
const full = {
  code: 'disk-full',
  // in Slipway's words of what it asked for itself, in the engine's where that hands on what the registry said
  message: expect.stringMatching(
    /^the storage of the registry is full: (?:\S+: (?:POST|PUT) .*status 500|push of \S+ failed: error from registry: )/,
  ),
  hint: expect.stringContaining('collect its garbage'),
};

asRoot('a registry whose disk is full', () => {
  test('from the start ends the run before anything is built; with space it is green', async () => {
    const { project, fill, free, digestOf } = await openSmall(files);
    fill();
    const red = await project.push('main');
    expect(red.receipt.error).toMatchObject(full);
    expect(red.main.log).not.toContain('COPY f /f');
    free();
    const green = await project.push('main');
    expect([green.receipt.error, await digestOf('main')]).toEqual([null, green.outputs['digest']]);
  }, 120_000);

  test('with a layer: says so of a push that the engine only calls failed; with space the same run is green', async () => {
    const { project, fill, free, digestOf } = await openSmall({
      ...files,
      f: randomBytes(3_000_000).toString('base64'),
    });
    fill(5);
    const red = await project.push('main');
    expect(red.receipt.error).toMatchObject(full);
    expect(outcomes(red)).toEqual({ sha: 'not-written', main: 'not-written', latest: 'not-written' });
    expect([await digestOf('main'), await digestOf('latest')]).toEqual([null, null]);
    free();
    const green = await project.push('main');
    expect([green.receipt.error, await digestOf('main')]).toEqual([null, green.outputs['digest']]);
  }, 240_000);

  test('between two tags: tells which of them were written; with space the same run is green', async () => {
    const { project, proxy, fill, free, digestOf } = await openSmall(files);
    const { digest: older } = (await project.push('main')).outputs;
    await project.origin.commit('main', { f: randomBytes(8).toString('hex') });
    let isFull = false;
    proxy.meet = async ({ method, path }) => {
      if (!isFull && method === 'PUT' && /\/manifests\/(?:main|latest)$/.test(path)) {
        isFull = true;
        fill();
      }
      return undefined;
    };
    const red = await project.push('main');
    expect(red.receipt.error).toMatchObject(full);
    expect(outcomes(red)).toEqual({ sha: 'new', main: 'not-written', latest: 'not-written' });
    expect([await digestOf('main'), await digestOf('latest')]).toEqual([older, older]);
    free();
    const green = await project.push('main');
    const { digest } = green.outputs;
    expect([green.receipt.error, green.outputs['reused']]).toEqual([null, 'true']);
    expect([await digestOf('main'), await digestOf('latest')]).toEqual([digest, digest]);
  }, 240_000);
});
