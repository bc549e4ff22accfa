import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { canBringUp, type EngineKind } from '../../scripts/testbed/engine.mjs';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { findEngine } from '../../src/tools/engine/endpoint.ts';
import { HttpError, openHttp } from '../../src/tools/http/http.ts';
import { readEngineImage } from '../../src/tools/image-reader/read-image.ts';
import { readRegistryImage } from '../../src/tools/image-reader/read-registry-image.ts';
import { readStoredImage } from '../../src/tools/image-reader/read-stored-image.ts';
import { type CacheReader, openCacheReader } from '../../src/tools/registry/cache-reader.ts';
import { openRegistry } from '../../src/tools/registry/open-registry.ts';
import { folderWith, never, sweep } from './engine-bench.ts';
import { testOptions } from './worlds.ts';

/** Everything that a merge of layers has to get right, in one image. */
const dockerfile = `FROM busybox:stable AS made
RUN mkdir -p /d/deep /gone /emptied /kept "/odd ü/\\$x" && echo 1 > /d/deep/file && echo 2 > /gone/a && echo 3 > /emptied/old && echo 4 > /kept/a
RUN ln -s d/deep /link && ln -s /nowhere /off && ln /d/deep/file /d/hard && mkfifo /d/fifo && echo > "/odd ü/\\$x/$(printf 'a b\\nc')"
RUN chmod 1777 /d && chmod 2750 /kept && chown 7:8 /kept /kept/a && chmod 4711 /kept/a && echo 6 > /x.py
FROM made
RUN rm -rf /gone && rm -rf /emptied && mkdir /emptied && echo new > /emptied/new && chmod 600 /d/hard && rm /link && mkdir /link && echo 5 > /link/x
RUN i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo $i > /d/deep/a-long-name-that-is-longer-than-what-the-old-header-of-a-tar-can-hold-without-any-help-of-newer-ones-$i; done
COPY context /copied
ENV A=b=c EMPTY=
WORKDIR /copied
USER 7:8
ENTRYPOINT ["/bin/busybox"]
CMD ["sleep", "1"]
LABEL l=x
VOLUME /data
`;
const listing = `find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /etc/hosts -o -path /etc/hostname -o -path /etc/resolv.conf -o -path /etc/mtab -o -path /.dockerenv -o -path /data \\) -prune -o -exec stat -c '@%f %a %u %g %Y %s %N' {} +`;

const lookAtSources = (path: string) => {
  const kept: Uint8Array[] = [];
  if (!path.endsWith('.py')) return undefined;
  return { write: (chunk: Uint8Array) => kept.push(chunk), end: () => Buffer.concat(kept).toString() };
};

afterAll(sweep);

describe.each<EngineKind>(['default', 'classic', 'stable'])('an image of the engine %s', (kind) => {
  const names: string[] = [];
  let env: Readonly<Record<string, string>> = {};
  const docker = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('docker', args, {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      maxBuffer: 1e9,
    });
    if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  afterAll(() => {
    if (names.length > 0) docker('image', 'rm', '--force', ...names);
  });

  test('reads as the files that a container of it has', async () => {
    if (!canBringUp(kind)) return;
    const bench = await ensureTestbed({ engine: kind, log: (line) => process.stderr.write(`${line}\n`) });
    const { store } = bench.engine;
    env = bench.env;
    const name = `slipway.invalid/reader:${randomBytes(8).toString('hex')}`;
    names.push(name);
    docker(
      'buildx',
      'build',
      '--load',
      '--quiet',
      '--tag',
      name,
      folderWith({ Dockerfile: dockerfile, 'context/in/a.txt': 'x' }),
    );
    const engine = await findEngine(env);
    const id = docker('image', 'inspect', '--format', '{{.Id}}', name).trim();
    const read = { look: lookAtSources, cancel: never };
    const image = await readEngineImage(engine, { image: id, platform: undefined }, read);
    const archived = await readEngineImage(engine, { image: name, platform: undefined }, read); // a name is no digest
    expect(archived).toEqual(image);
    const stored = await readStoredImage(engine, { image: id, platform: undefined }, read);
    expect(stored).toEqual(store === 'containerd' ? image : undefined);

    const said = docker('run', '--rm', '--network=none', '--user=0', '--entrypoint=/bin/sh', name, '-c', listing);
    const seen = said.split(/^@/m).slice(1).map(readLine);
    const hidden = [
      '/proc',
      '/sys',
      '/dev',
      '/etc/hosts',
      '/etc/hostname',
      '/etc/resolv.conf',
      '/etc/mtab',
      '/.dockerenv',
      '/data',
    ];
    const files = [...image.tree.walk()]
      .filter(({ path }) => !hidden.some((one) => path === one || path.startsWith(`${one}/`)))
      .map(({ path, entry }) => ({ ...entry, path, size: entry.kind === 'directory' ? 0 : entry.size }));
    const plain = ({ path, kind: is, mode, uid, gid, mtime, size, target }: (typeof files)[number]) => ({
      path,
      kind: is,
      mode: is === 'symlink' ? 0o777 : mode,
      uid,
      gid,
      // a container's own start writes into / and /etc
      mtime: path === '/' || path === '/etc' ? 0 : mtime,
      size: is === 'file' ? size : 0,
      target,
    });
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
    expect(files.map(plain).toSorted(byPath)).toEqual(
      seen.map((one) => plain({ ...one, content: undefined, layer: 0 })).toSorted(byPath),
    );
    expect(image.tree.at('/x.py')?.content).toBe('6\n');
    expect(image.tree.at('/d/hard')).toMatchObject({ size: 2, mode: 0o600 });
    if (kind === 'default') await expectSameOfRegistry(name, [...image.tree.walk()]);
    const layerOf = (path: string) => image.tree.at(path)?.layer ?? Number.NaN;
    expect(layerOf('/copied/in/a.txt')).toBeGreaterThan(layerOf('/link/x'));
    expect(layerOf('/link/x')).toBeGreaterThan(layerOf('/x.py'));
    expect(image.config).toMatchObject({
      user: '7:8',
      workingDir: '/copied',
      entrypoint: ['/bin/busybox'],
      cmd: ['sleep', '1'],
      volumes: ['/data'],
    });
    expect(image.config.env.get('A')).toBe('b=c');
    expect(image.config.env.get('EMPTY')).toBe('');
    expect(image.config.labels.get('l')).toBe('x');
    expect(image.config.diffIds).toHaveLength(image.layers.length);
  }, 120_000);

  test('that is not there is an error that says so', async () => {
    if (!canBringUp(kind)) return;
    const engine = await findEngine(env);
    const nobody = { image: 'slipway.invalid/none:x', platform: undefined };
    await expect(readEngineImage(engine, nobody, { look: () => undefined, cancel: never })).rejects.toMatchObject({
      code: 'image-unreadable',
      message: expect.stringMatching(
        /slipway\.invalid\/none:x cannot be read: .*(?:No such image|reference does not exist|not found)/i,
      ),
    });
  });
});

/** Pushes the image, and reads it from there. */
async function expectSameOfRegistry(name: string, read: readonly unknown[]): Promise<void> {
  const { startRegistry, env } = await ensureTestbed();
  const registry = await startRegistry();
  const http = openHttp();
  try {
    const target = `${registry.host}/acme/read:x`;
    for (const args of [
      ['tag', name, target],
      ['push', '--quiet', target],
      ['image', 'rm', target],
    ])
      expect(spawnSync('docker', args, { env: { ...process.env, ...env } }).status).toBe(0);
    const repository = parseRepository(`${registry.host}/acme/read`);
    const options = testOptions({ kind: 'none' }, http);
    const digest = await openRegistry(repository, options).head(parseTag('x'));
    if (digest === undefined) throw new Error('nothing was pushed');
    const at = { digest, platform: undefined, patience: { ...options.pace, idle: 10_000 } };
    const reader = openCacheReader(repository, options);
    const image = await readRegistryImage(reader, at, lookAtSources);
    expect([...image.tree.walk()]).toEqual(read);

    const cutOff = { ...reader, openBlob: cutting(reader) };
    expect([...(await readRegistryImage(cutOff, at, lookAtSources)).tree.walk()]).toEqual(read);
    const altered = { ...reader, openBlob: altering(reader) };
    await expect(readRegistryImage(altered, at, lookAtSources)).rejects.toMatchObject({
      code: 'image-unreadable',
      message: expect.stringMatching(/the bytes of sha256:\w+ are those of/),
    });
  } finally {
    http.close();
    await registry.stop();
  }
}

type OpenBlob = CacheReader['openBlob'];

/** Every blob breaks off once, in its middle. */
function cutting(reader: CacheReader): OpenBlob {
  return async (digest, offset, patience) => {
    const chunks = await reader.openBlob(digest, offset, patience);
    return offset > 0
      ? chunks
      : (async function* () {
          for await (const chunk of chunks) {
            yield chunk.subarray(0, Math.ceil(chunk.length / 2));
            throw new HttpError('broken', 'the reply was cut off', { host: 'test', code: '' });
          }
        })();
  };
}

/** The last byte of every blob is another one. */
function altering(reader: CacheReader): OpenBlob {
  return async (digest, offset, patience) => {
    const all: Uint8Array[] = [];
    for await (const chunk of await reader.openBlob(digest, offset, patience)) all.push(chunk);
    const bytes = Buffer.concat(all);
    bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
    return Readable.from([bytes]);
  };
}

/** A line of busybox' stat: raw mode, permissions, owner, group, time, size, name (`'a' -> 'b'` for a link). */
function readLine(line: string) {
  const [raw = '', mode = '', uid, gid, mtime, size, ...rest] = line.slice(0, -1).split(' ');
  const name = rest.join(' ');
  const type = Number.parseInt(raw, 16) & 0o170000;
  const kinds = { [0o100000]: 'file', [0o040000]: 'directory', [0o120000]: 'symlink', [0o010000]: 'fifo' } as const;
  const kind = kinds[type as keyof typeof kinds] ?? 'device';
  const [path = '', target = ''] =
    kind === 'symlink' ? name.split(' -> ').map((one) => one.replace(/^'|'$/g, '')) : [name.replace(/^'|'$/g, '')];
  return {
    path,
    kind,
    mode: Number.parseInt(mode, 8),
    uid: Number(uid),
    gid: Number(gid),
    mtime: Number(mtime),
    size: Number(size),
    target,
  };
}
