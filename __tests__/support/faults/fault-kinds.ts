import { digestOf } from '../../../src/model/digest.ts';
import { HttpError, type HttpReply, type HttpRequest } from '../../../src/tools/http/http.ts';
import { type ModelRegistry, reply } from './model-registry.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A request that meets a fault, and what a fault may do with it. */
export interface Met {
  readonly request: HttpRequest;
  /** Carries the request out. */
  readonly serve: () => HttpReply;
  readonly registry: ModelRegistry;
  readonly clock: VirtualClock;
}

export interface FaultKind {
  readonly name: string;
  /** The kind is about writes alone. */
  readonly writesOnly?: true;
  /** The reply, or what node's HTTP client makes of there being none. */
  readonly meet: (met: Met) => HttpReply | Promise<HttpReply>;
}

const fail = (kind: 'unreachable' | 'broken' | 'timeout', { request }: Met, code: string): never => {
  throw new HttpError(kind, kind === 'timeout' ? 'nothing in time' : code, { host: request.url.host, code });
};

async function waitInVain(met: Met): Promise<never> {
  await met.clock.sleep(met.request.deadline, met.request.cancel);
  return fail('timeout', met, '');
}

const page = Buffer.from('<html>Bad gateway</html>');
const other = digestOf('something else');

/** What may become of one request. */
export const faultKinds: readonly FaultKind[] = [
  { name: '500', meet: () => reply(500, {}) },
  { name: '502 with a page', meet: () => reply(502, { 'content-type': 'text/html' }, page) },
  { name: '503 with Retry-After in seconds', meet: () => reply(503, { 'retry-after': '7' }) },
  {
    name: '503 with Retry-After as a date',
    meet: ({ clock }) => reply(503, { 'retry-after': new Date(clock.now() + 20_000).toUTCString() }),
  },
  { name: '503 with an absurd Retry-After', meet: () => reply(503, { 'retry-after': '86400000' }) },
  { name: '503 with an unreadable Retry-After', meet: () => reply(503, { 'retry-after': 'soon' }) },
  { name: '429', meet: () => reply(429, {}) },
  {
    name: '403 that is a rate limit',
    meet: () =>
      reply(
        403,
        {},
        Buffer.from('{"errors":[{"code":"DENIED","message":"You have exceeded a secondary rate limit"}]}'),
      ),
  },
  {
    name: '401 because the token has expired',
    meet: ({ registry, serve }) => {
      registry.expireTokens();
      return serve();
    },
  },
  { name: 'refused connection', meet: (met) => fail('unreachable', met, 'ECONNREFUSED') },
  { name: 'reset before it is carried out', meet: (met) => fail('unreachable', met, 'ECONNRESET') },
  {
    name: 'lost reply: carried out, then reset',
    meet: (met) => {
      met.serve();
      return fail('unreachable', met, 'ECONNRESET');
    },
  },
  {
    name: 'reset after the headers',
    meet: (met) => {
      met.serve();
      return fail('broken', met, 'ECONNRESET');
    },
  },
  {
    name: 'truncated body',
    meet: (met) => {
      met.serve();
      return fail('broken', met, '');
    },
  },
  {
    name: 'wrong digest in the header',
    meet: ({ serve }) => {
      const answer = serve();
      if (!answer.headers.has('docker-content-digest')) return answer;
      return { ...answer, headers: new Map([...answer.headers, ['docker-content-digest', other]]) };
    },
  },
  {
    name: 'wrong body of the right length',
    meet: ({ serve }) => {
      const answer = serve();
      return { ...answer, bytes: Uint8Array.from(answer.bytes, (byte, at) => (at === 7 ? byte ^ 1 : byte)) };
    },
  },
  {
    name: 'wrong length',
    meet: ({ serve }) => {
      const answer = serve();
      const longer = answer.bytes.length === 0 ? answer.bytes : Buffer.concat([answer.bytes, Buffer.from(' ')]);
      return { ...answer, bytes: longer, headers: new Map([...answer.headers, ['content-length', '1']]) };
    },
  },
  { name: 'stall, never carried out', meet: waitInVain },
  {
    name: 'stall, carried out',
    meet: (met) => {
      met.serve();
      return waitInVain(met);
    },
  },
  {
    name: 'stall, carried out a minute later',
    meet: (met) => {
      met.clock.later(60_000, () => void met.serve());
      return waitInVain(met);
    },
  },
  {
    name: 'stall, carried out when nobody waits any more',
    meet: (met) => {
      met.clock.later(400_000, () => void met.serve());
      return waitInVain(met);
    },
  },
  { name: '404 lie', meet: () => reply(404, {}) },
  { name: '201 without storing', writesOnly: true, meet: () => reply(201, {}) },
];
