import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { canOwnEngine, type OwnEngine, startOwnEngine } from '../support/own-engine.ts';
import { openProject, openProjectAt, type Run, startRegistry, writesTo } from '../support/project.ts';
import { openRegistryProxy } from '../support/registry-proxy.ts';

// these tests kill engines and fill disks: all of them are their own
const asRoot = canOwnEngine ? describe : describe.skip;
const own = { store: 'containerd' } as const;
const plain = { Dockerfile: 'FROM busybox:stable\nCOPY f /f\n', f: randomBytes(8).toString('hex') };

function outcomes(run: Run): Record<string, string> {
  return Object.fromEntries(run.receipt.tags.map(({ tag, outcome }) => [tag.replace(/^sha-.*/, 'sha'), outcome]));
}

asRoot('an engine that dies', () => {
  let engine: OwnEngine;
  beforeAll(async () => {
    engine = await startOwnEngine(own);
  }, 90_000);
  afterAll(() => engine.remove(), 60_000);

  test('in the middle of a build makes the run red with a clear sentence; the next one is green', async () => {
    const slow = { ...plain, Dockerfile: `${plain.Dockerfile}ARG NAP=0\nRUN sleep "$NAP"; cat /f\n` };
    const project = await openProject(slow);
    let killed: Promise<void> | undefined;
    const dying = await project.push('main', {
      env: engine.env,
      inputs: { 'build-args': 'NAP=120' },
      onLine: (line) => {
        if (killed === undefined && /RUN sleep/.test(line)) killed = engine.kill();
      },
    });
    expect(dying.receipt.error).toMatchObject({
      code: 'builder-missing',
      message: expect.stringContaining('the builder went away in the middle of the build'),
      hint: expect.stringContaining('its own log'),
    });
    expect(await writesTo(project.registry, /manifests/)).toEqual([]);
    await engine.start();
    expect((await project.push('main', { env: engine.env })).receipt.error).toBeNull();
    await project.close();
  }, 120_000);

  test('in the middle of a push makes the run red with a clear sentence; the next one is green', async () => {
    const registry = await startRegistry();
    const proxy = await openRegistryProxy(registry);
    const project = await openProjectAt({ host: proxy.host, stop: registry.stop }, { ...plain, f: 'push' });
    // Slipway itself asks by a write whether it may
    proxy.meet = async ({ method, path, userAgent }) => {
      const isPush = userAgent !== 'slipway' && method !== 'GET' && method !== 'HEAD' && /\/blobs\//.test(path);
      if (isPush) await engine.kill();
      return undefined;
    };
    const dying = await project.push('main', { env: engine.env });
    proxy.meet = async () => undefined;
    expect(dying.receipt.error).toMatchObject({
      code: 'engine-missing',
      message: expect.stringContaining('the Docker engine went away during the push of'),
    });
    expect(Object.values(outcomes(dying))).not.toContain('new');
    await engine.start();
    const again = await project.push('main', { env: engine.env });
    expect(again.receipt.error).toBeNull();
    expect(outcomes(again)).toEqual({ sha: 'new', main: 'new', latest: 'new' });
    await proxy.close();
    await project.close();
  }, 120_000);
});

asRoot('a disk that is full', () => {
  const mounts: string[] = [];
  afterAll(() => {
    for (const folder of mounts) execFileSync('umount', ['-l', folder]);
  });

  /** A folder with so much room. */
  function smallFolder(megabytes: number): string {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-small-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
    mounts.push(folder);
    const inside = join(folder, 'temp'); // what is mounted cannot be deleted
    mkdirSync(inside);
    return inside;
  }
  const fill = (folder: string): void => {
    execFileSync('sh', ['-c', `cat /dev/zero > '${folder}/fill' 2>&1 || true`]);
  };
  const runIn = (temp: string): { workspace: string; temp: string } => {
    const workspace = mkdtempSync(join(tmpdir(), 'slipway-small-work-'));
    rmSync(workspace, { recursive: true });
    return { workspace, temp };
  };

  test('of the engine is named as such', async () => {
    const engine = await startOwnEngine({ ...own, megabytes: 64 });
    const project = await openProject({ ...plain, '.keep': '' });
    try {
      const full = await project.push('main', {
        env: engine.env,
        prepare: (folder) => writeFileSync(join(folder, 'f'), randomBytes(90_000_000)),
      });
      expect(full.receipt.error).toMatchObject({
        code: 'disk-full',
        message: expect.stringMatching(/^the builder's disk is full: .*no space left on device/),
        hint: expect.stringContaining('docker system prune'),
      });
      expect(await writesTo(project.registry, /manifests/)).toEqual([]);
    } finally {
      await engine.remove();
      await project.close();
    }
  }, 120_000);

  test('of the runner, from the start, ends the run before anything is built', async () => {
    const project = await openProject(plain);
    const temp = smallFolder(1);
    const full = await project.push('main', { where: runIn(temp) });
    expect(full.green).toBe(false);
    expect(full.main.log).toMatch(/the runner's disk is full: .*ENOSPC/);
    expect(await writesTo(project.registry)).toEqual([]);
    await project.close();
  });

  test.each([
    ['by the tests publishes nothing', 'test', []],
    ['in the middle of publishing loses nothing of what was published', 'put', ['sha']],
  ] as const)('of the runner, filled %s, and says all of it', async (_, when, written) => {
    const registry = await startRegistry();
    const proxy = await openRegistryProxy(registry);
    const project = await openProjectAt({ host: proxy.host, stop: registry.stop }, plain);
    const temp = smallFolder(4);
    proxy.meet = async ({ method, path }) => {
      if (when === 'put' && method === 'PUT' && path.includes('/manifests/') && !existsSync(join(temp, 'fill')))
        fill(temp);
      return undefined;
    };
    const inputs: Record<string, string> = when === 'test' ? { test: `cat /dev/zero > ${temp}/fill || true` } : {};
    const full = await project.push('main', { where: runIn(temp), inputs });
    expect(full.green).toBe(false);
    expect(full.receipt.error).toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/^the runner's disk is full: .*(?:ENOSPC|no space left)/),
    });
    const tags = (await (await fetch(`${registry.url}/v2/acme/app/tags/list`)).json()) as { tags?: string[] | null };
    expect((tags.tags ?? []).map((tag) => tag.replace(/^sha-.*/, 'sha'))).toEqual(written);
    for (const [tag, outcome] of Object.entries(outcomes(full)))
      expect(outcome).toMatch((written as readonly string[]).includes(tag) ? /new|unknown/ : /not-written/);
    expect(full.outputs['receipt']).toContain('slipway-receipt');
    await proxy.close();
    await project.close();
  });
});
