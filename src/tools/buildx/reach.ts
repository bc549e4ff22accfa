import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import type { BuilderNode } from '../../model/builder.ts';
import { formatDuration } from '../../model/duration.ts';
import { network } from '../http/network.ts';

/** The start of an HTTP/2 connection with empty settings (RFC 9113, 3.4): whoever speaks gRPC answers with its own. */
const greeting = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/** Says why a node that buildx calls inactive does not answer, where that can be found out: buildx waits for 20 s and then names no reason,
 * not even that a certificate has expired.
 * @param limit milliseconds
 * @returns undefined where nothing is wrong with the connection, or where it is not ours to try. */
export async function findFault(node: BuilderNode, limit: number, cancel: AbortSignal): Promise<string | undefined> {
  let socket: Socket | undefined;
  try {
    socket = open(node);
  } catch (error) {
    return (error as Error).message; // a certificate that cannot be read
  }
  if (socket === undefined) return undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string | undefined>((resolve) => {
      socket.once('data', () => resolve(undefined)); // with TLS 1.3 a server judges our certificate after the handshake
      socket.once('error', (error) => resolve(explain(error)));
      socket.once('close', () => resolve('it closes the connection'));
      timer = setTimeout(() => resolve(`it says nothing within ${formatDuration(limit)}`), limit);
      cancel.addEventListener('abort', () => resolve('the run was cancelled'), { once: true });
      socket.write(greeting);
    });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** OpenSSL's own reason, without where in its sources it was found. */
function explain(error: NodeJS.ErrnoException): string {
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
  return /\balert\b/.test(reason) ? `it refuses the TLS handshake: ${reason}` : reason || error.code || 'it failed';
}

/** @throws Error where a file of the node's options cannot be read. */
function open({ endpoint, options }: BuilderNode): Socket | undefined {
  const path = /^unix:\/\/(\/.+)$/.exec(endpoint)?.[1];
  if (path !== undefined) return connect(path);
  const [, name = '', port] = /^tcp:\/\/(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})$/.exec(endpoint) ?? [];
  if (port === undefined) return undefined;
  const host = name.replace(/^\[(.*)\]$/, '$1');
  if (!['cacert', 'cert', 'key', 'servername'].some((option) => options.has(option)))
    return connect({ host, port: Number(port) });
  const read = (option: string): Buffer | undefined => {
    const file = options.get(option);
    return file === undefined ? undefined : readFileSync(file);
  };
  const ca = read('cacert');
  return network.tls.connect({
    host,
    port: Number(port),
    servername: options.get('servername') ?? (isIP(host) === 0 ? host : ''), // an address is compared all the same
    ca,
    cert: read('cert'),
    key: read('key'),
    ALPNProtocols: ['h2'],
    rejectUnauthorized: ca !== undefined, // without one buildx asks the system, as this cannot
  });
}
