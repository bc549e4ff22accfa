import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { refused } from './ask.ts';
import { type Engine, streamEngine } from './call.ts';

/** Has the engine take the image of an OCI layout, as `docker load` does; it bears the name that the layout says.
 * @param limit milliseconds
 * @throws ActionError `engine-missing` where the engine refuses, `cancelled`. */
export async function loadLayout(
  engine: Engine,
  { folder, limit }: { readonly folder: string; readonly limit: number },
  cancel: AbortSignal,
): Promise<void> {
  const pack = tar.pack();
  const packed = packFolder(pack, folder).catch((error: Error) => {
    pack.destroy(error);
  });
  const call = { method: 'POST', path: ['images', 'load'], query: { quiet: '1' }, deadline: limit, cancel } as const;
  const headers = { 'content-type': 'application/x-tar' };
  try {
    const reply = await streamEngine(engine, { ...call, headers, bytes: Readable.from(pack) });
    const said = await text(Readable.from(reply.chunks));
    // what goes wrong while it reads is said under status 200
    const [, message = said] = /"(?:error|message)":"((?:[^"\\]|\\.)*)"/.exec(said) ?? [];
    if (reply.status !== 200 || /"error(?:Detail)?":/.test(said))
      throw refused('load the image', { status: reply.status, body: { message } });
  } finally {
    pack.destroy(); // an engine that failed, or has read enough, leaves the rest
    await packed;
  }
}

async function packFolder(pack: tar.Pack, folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const { size } = await stat(path);
    await pipeline(createReadStream(path), pack.entry({ name: relative(folder, path), size }));
  }
  pack.finalize();
}
