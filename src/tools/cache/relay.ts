import { randomBytes } from 'node:crypto';
import type * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Digest } from '../../model/digest.ts';
import { parseRepository } from '../../model/image-ref.ts';
import type { CacheSource } from '../../plan/cache-plan.ts';
import { callEngine, type Engine } from '../engine/call.ts';
import { network } from '../http/network.ts';
import { openShelf, type Shelf, type ShelfTools } from './shelf.ts';

/** A registry of ours on this machine's loopback, from which the engine's builder reads caches. A cache that stalls blocks every
 * build of an engine, and nothing but the end of the connection frees it (measured): these connections we can end. It speaks the
 * reading half of the registry's API for one path that nobody can guess, and hands out what it has verified. */
export interface Relay {
  /** Offers caches, under addresses of the relay's own, until the offer is withdrawn. */
  readonly offer: (sources: readonly CacheSource[], tools: ShelfTools) => Offer;
  /** Whether the engine reaches this machine's loopback: it is asked to look at an address there. */
  readonly isReachedBy: (engine: Engine, limit: number) => Promise<boolean>;
}

/** What a solve reads its caches from. */
export interface Offer {
  readonly sources: readonly CacheSource[];
  /** Why a cache could not be handed on as it should; undefined while nothing is wrong. */
  readonly trouble: () => string | undefined;
  /** A text of BuildKit's with the caches' real names in place of the relay's. */
  readonly rename: (text: string) => string;
  /** Ends every connection: whoever still reads gets an error, and the engine is free. */
  readonly withdraw: () => void;
}

const address = /^\/v2\/([0-9a-f]{32})\/(manifests|blobs)\/(sha256:[0-9a-f]{64})(?:\?.*)?$/;

/** Opens a relay on a port of the system's choice; it does not keep the process alive. */
export async function openRelay(): Promise<Relay> {
  const shelves = new Map<string, Shelf>();
  const awaited = new Map<string, () => void>();
  const server = network.http.createServer((request, response) => {
    const { method = '', url = '' } = request;
    const [, path = '', kind, digest] = address.exec(url) ?? [];
    awaited.get(path)?.();
    const shelf = method === 'GET' || method === 'HEAD' ? shelves.get(path) : undefined;
    if (shelf !== undefined) shelf.serve({ kind, digest: digest as Digest, method }, response);
    else refuse(response, url);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    offer: (sources, tools) => {
      const placed = sources.map((source) => {
        const path = randomBytes(16).toString('hex');
        const shelf = openShelf(source, tools);
        shelves.set(path, shelf);
        return { source, path, shelf, repository: parseRepository(`${host}/${path}`) };
      });
      return {
        sources: placed.map(({ source, repository }) => ({ ...source, repository })),
        trouble: () => placed.map(({ shelf }) => shelf.trouble()).find((one) => one !== undefined),
        rename: (text) =>
          placed.reduce(
            (shown, { source, repository }) => shown.replaceAll(repository.name, source.repository.name),
            text,
          ),
        withdraw: () => {
          for (const { path, shelf } of placed) {
            shelves.delete(path);
            shelf.close();
          }
          server.closeIdleConnections();
        },
      };
    },
    isReachedBy: async (engine, limit) => {
      const path = randomBytes(16).toString('hex');
      const name = `${host}/${path}@sha256:${'0'.repeat(64)}`;
      const call = { method: 'GET', path: ['distribution', name, 'json'], query: {}, headers: {} } as const;
      // whatever the engine answers: that it came is the answer
      const came = new Promise<boolean>((resolve) => awaited.set(path, () => resolve(true)));
      const asked = callEngine(engine, { ...call, cancel: AbortSignal.timeout(limit) });
      const ended = asked.then(
        () => false,
        () => false,
      );
      return Promise.race([came, ended]).finally(() => awaited.delete(path));
    },
  };
}

function refuse(response: http.ServerResponse, url: string): void {
  const status = url === '/v2/' ? 200 : 404;
  response.writeHead(status, { 'docker-distribution-api-version': 'registry/2.0', 'content-length': '0' }).end();
}
