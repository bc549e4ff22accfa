import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What may become of a request on its way to a real registry. `stop`: the registry is gone for two seconds. */
export const doorFaults = ['500', '429', 'reset', 'lost reply', 'stall', 'stop'] as const;
export type DoorFault = (typeof doorFaults)[number];

/** Which requests meet it: the one at a place, or those that match from the first on. */
export interface DoorRule {
  readonly fault: DoorFault;
  readonly hits: (request: Passed, all: readonly Passed[]) => boolean;
  /** Requests that meet it at most. */
  readonly times: number;
}

/** A request as it came to the door. */
export interface Passed {
  readonly method: string;
  readonly path: string;
  /** `slipway`, else the engine or BuildKit. */
  readonly ours: boolean;
}

/** A door in front of a real registry. */
export interface FaultDoor {
  readonly host: string;
  /** Sets a rule, forgets what passed, and tells of it from here on. */
  arm(rule: DoorRule | undefined): void;
  readonly passed: () => readonly Passed[];
  /** The requests that met the rule. */
  readonly met: () => readonly Passed[];
  close(): Promise<void>;
}

interface Behind {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

const away = 2_000;

/** Opens a door on loopback; addresses that the registry gives out lead through it again. */
export async function openFaultDoor(registry: Behind): Promise<FaultDoor> {
  const target = new URL(registry.url);
  let rule: DoorRule | undefined;
  let passed: Passed[] = [];
  let met: Passed[] = [];

  const carryOut = (request: IncomingMessage, answer: (reply: IncomingMessage) => void, lost: () => void): void => {
    const { method, url: path, headers } = request;
    const onward = forward({ host: target.hostname, port: target.port, method, path, headers }, answer);
    onward.on('error', lost);
    request.pipe(onward);
  };
  const goOn = (request: IncomingMessage, response: ServerResponse): void =>
    carryOut(
      request,
      (reply) => reply.pipe(response.writeHead(reply.statusCode ?? 502, reply.headers)),
      () => request.socket.destroy(),
    );

  const meet = async (fault: DoorFault, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    switch (fault) {
      case '500':
      case '429':
        request.resume();
        response.writeHead(Number(fault), { 'content-type': 'application/json' });
        return void response.end(
          request.method === 'HEAD' ? '' : '{"errors":[{"code":"UNKNOWN","message":"injected"}]}',
        );
      case 'reset':
        return void request.socket.resetAndDestroy();
      case 'lost reply':
        return carryOut(
          request,
          (reply) => reply.resume().once('end', () => request.socket.resetAndDestroy()),
          () => request.socket.destroy(),
        );
      case 'stall':
        return void request.resume();
      case 'stop':
        request.socket.destroy();
        await registry.stop();
        setTimeout(() => void registry.start(), away);
    }
  };

  const server = createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const one = { method, path: url.replace(/\?.*/, ''), ours: headers['user-agent'] === 'slipway' };
    passed.push(one);
    if (rule === undefined || met.length >= rule.times || !rule.hits(one, passed)) return goOn(request, response);
    met.push(one);
    return void meet(rule.fault, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    arm: (next) => {
      rule = next;
      passed = [];
      met = [];
      // connections that stall are let go, so that the engine does not wait in the next run
      server.closeAllConnections();
    },
    passed: () => passed,
    met: () => met,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
