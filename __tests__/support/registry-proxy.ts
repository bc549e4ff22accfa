import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to a request on its way: it goes on, perhaps after something else happened, or is answered here. */
export type Meet = (request: {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly userAgent: string;
}) => Promise<
  { readonly status: number; readonly headers?: Record<string, string>; readonly body: string } | undefined
>;

/** A door in front of a real registry, where tests can let things happen between two requests. */
export interface RegistryProxy {
  readonly host: string;
  meet: Meet;
  close(): Promise<void>;
}

/** Opens a proxy on loopback; addresses that the registry gives out lead through it again. */
export async function openRegistryProxy(registry: { readonly url: string }): Promise<RegistryProxy> {
  const target = new URL(registry.url);
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = request;
    const { pathname, searchParams } = new URL(url, target);
    const answer = await proxy.meet({
      method,
      path: pathname,
      query: searchParams,
      userAgent: headers['user-agent'] ?? '',
    });
    if (answer !== undefined) {
      request.resume();
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body);
      return;
    }
    const onward = forward({ host: target.hostname, port: target.port, method, path: url, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: RegistryProxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    meet: async () => undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
