import type { ServerResponse } from 'node:http';
import { formatThrown } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { formatReference } from '../../model/image-ref.ts';
import type { Patience } from '../../model/limits.ts';
import type { CacheSource } from '../../plan/cache-plan.ts';
import type { CacheReader } from '../registry/cache-reader.ts';
import { openCatalogue } from './catalogue.ts';
import { sendBlob } from './send-blob.ts';

/** What a shelf needs of the world. */
export interface ShelfTools {
  /** Opens a reader of the cache's real repository. */
  readonly read: (source: CacheSource, cancel: AbortSignal) => Promise<CacheReader>;
  readonly patience: { readonly imports: Patience; readonly layers: Patience };
  /** Told once of a shelf that went wrong. */
  readonly onTrouble: (reason: string) => void;
}

/** What BuildKit asks for. */
export interface Wish {
  readonly kind: string | undefined;
  readonly digest: Digest;
  readonly method: string;
}

/** One cache: what its manifest names, directly or by the manifests in it, and nothing else. The first thing that goes wrong ends it: all
 * who wait for it get an error at once, so that the build goes on without. */
export interface Shelf {
  readonly serve: (wish: Wish, response: ServerResponse) => void;
  readonly trouble: () => string | undefined;
  readonly close: () => void;
}

/** Opens a cache; its manifest is fetched at once, since it will be asked for. */
export function openShelf(source: CacheSource, tools: ShelfTools): Shelf {
  const ended = new AbortController();
  const open = new Set<ServerResponse>();
  let trouble: string | undefined;
  const reader = tools.read(source, ended.signal);
  reader.catch(() => undefined); // whoever asks hears of it
  const catalogue = openCatalogue(reader, tools.patience.imports);

  const close = (): void => {
    ended.abort();
    for (const response of open) response.destroy();
  };
  const fail = (error: unknown): void => {
    if (ended.signal.aborted) return;
    const reason = formatThrown(error);
    trouble = `${formatReference(source.repository, source.digest)}: ${reason}`;
    close();
    tools.onTrouble(trouble);
  };
  const serveManifest = async ({ digest, method }: Wish, response: ServerResponse): Promise<void> => {
    const { mediaType, bytes } = await catalogue.manifest(digest);
    const length = String(bytes.byteLength);
    response.writeHead(200, { 'content-type': mediaType, 'content-length': length, 'docker-content-digest': digest });
    response.end(method === 'HEAD' ? undefined : bytes);
  };
  const serveBlob = async ({ digest, method }: Wish, response: ServerResponse, size: number): Promise<void> => {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) };
    const patience = catalogue.isConfig(digest) ? tools.patience.imports : tools.patience.layers;
    if (method === 'GET') await sendBlob(await reader, { digest, size, headers, patience }, response);
    else response.writeHead(200, { ...headers, 'docker-content-digest': digest }).end();
  };
  const answer = async (wish: Wish, response: ServerResponse): Promise<void> => {
    await catalogue.manifest(source.digest);
    const size = catalogue.sizeOf(wish.digest);
    if (wish.kind === 'manifests' && (wish.digest === source.digest || size !== undefined))
      return serveManifest(wish, response);
    if (wish.kind === 'blobs' && size !== undefined) return serveBlob(wish, response, size);
    response.writeHead(404, { 'content-length': '0' }).end();
  };
  catalogue.manifest(source.digest).catch(fail);
  return {
    serve: (wish, response) => {
      open.add(response);
      response.on('close', () => open.delete(response));
      if (ended.signal.aborted) response.writeHead(404, { 'content-length': '0' }).end();
      else answer(wish, response).catch(fail);
    },
    trouble: () => trouble,
    close,
  };
}
