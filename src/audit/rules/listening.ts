import { type Answer, answerBy, notApplicable, unknownBecause } from '../finding.ts';
import type { ProbeFacts, Socket } from '../probe-facts.ts';
import { byRunning, seenInConfig } from '../probed.ts';
import type { Rule } from '../rule.ts';

/** Where the image listens once it has started. */
export const listeningRules: readonly Rule[] = [
  {
    id: 'binds-loopback-only',
    stride: 'working',
    severity: 'high',
    title: 'The image listens on its own loopback address only',
    why: 'Nobody outside of the container can connect: a published port answers with a reset, and the server looks healthy from within.',
    remedy: 'CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]',
    ignoreWhen: 'only a sidecar in the same pod connects to it',
    needs: 'probes',
    judge: (facts) => byRunning(facts, ({ listening }) => listening, judgeLoopback),
  },
  {
    id: 'expose-matches-listen',
    stride: 'working',
    severity: 'low',
    title: 'EXPOSE names other ports than the image listens on',
    why: 'EXPOSE is what people and tools read to know which port to publish.',
    remedy: 'EXPOSE 8000',
    ignoreWhen: 'a port is opened on demand, as for metrics or a debugger',
    needs: 'probes',
    judge: (facts) => byRunning(facts, ({ listening }) => listening, judgeExpose),
  },
];

/** From there on the kernel hands ports out itself (ip(7), ip_local_port_range). */
const ephemeral = 32_768;

function judgeLoopback(listening: readonly Socket[], { exposed }: ProbeFacts): Answer {
  if (listening.length === 0) return notApplicable('it listens on no TCP port');
  const open = new Set(listening.filter((socket) => !isLoopback(socket)).map(({ port }) => port));
  const closed = [...new Set(listening.map(({ port }) => port))].filter((port) => !open.has(port));
  const meant = exposed.length > 0 ? closed.filter((port) => exposed.includes(port)) : onlyOne(listening, closed);
  return answerBy(
    meant.map((port) => {
      const addresses = listening.filter((socket) => socket.port === port).map(({ address }) => address);
      return seenInConfig('Cmd', `port ${port} is bound to ${addresses.join(' and ')}`);
    }),
  );
}

/** Where nothing is exposed, a single port is what the image is for, but not one that the kernel chose. */
function onlyOne(listening: readonly Socket[], closed: readonly number[]): readonly number[] {
  const ports = new Set(listening.map(({ port }) => port));
  return ports.size === 1 ? closed.filter((port) => port < ephemeral) : [];
}

function isLoopback({ address }: Socket): boolean {
  return address.startsWith('127.') || address === '::1';
}

function judgeExpose(listening: readonly Socket[], { exposed, watched }: ProbeFacts): Answer {
  if (watched.kind !== 'known' || !watched.value.settled) return unknownBecause('it was still starting');
  const open = listening.filter((socket) => !isLoopback(socket) && socket.port < ephemeral).map(({ port }) => port);
  const bound = listening.map(({ port }) => port);
  if (exposed.length === 0 && open.length === 0) return notApplicable('it exposes no TCP port and listens on none');
  const silent = exposed.filter((port) => !bound.includes(port));
  const untold = [...new Set(open)].filter((port) => !exposed.includes(port));
  return answerBy([
    ...silent.map((port) => seenInConfig('ExposedPorts', `${port} is exposed, and nothing listens there`)),
    ...untold.map((port) => seenInConfig('ExposedPorts', `it listens on ${port}, which is not exposed`)),
  ]);
}
