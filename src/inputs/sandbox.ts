import { isIP } from 'node:net';
import type { InputReader } from './reader.ts';

/** What surrounds a RUN instruction, and what it is entitled to. */
export interface SandboxInputs {
  /** Undefined: the builder's own. */
  readonly network: 'host' | 'none' | undefined;
  /** Host to addresses, several joined by commas, or `host-gateway`. */
  readonly addHosts: ReadonlyMap<string, string>;
  readonly shmSize: string | undefined;
  readonly ulimits: readonly string[];
  /** `network.host`, `security.insecure`, `device`, `device=…`. */
  readonly allow: readonly string[];
}

export function readSandboxInputs(read: InputReader): SandboxInputs {
  const network = read.choice('network', ['default', 'none', 'host']);
  return {
    network: network === 'default' ? undefined : network,
    addHosts: readHosts(read),
    shmSize: read.parsed('shm-size', parseSize),
    ulimits: read.parsedAll('ulimit', read.list('ulimit', 'keep'), parseUlimit),
    allow: [...new Set(read.parsedAll('allow', read.list('allow', 'split'), parseEntitlement))],
  };
}

function readHosts(read: InputReader): ReadonlyMap<string, string> {
  const hosts = new Map<string, string>();
  for (const [host, address] of read.parsedAll('add-hosts', read.list('add-hosts', 'split'), parseHost)) {
    const before = hosts.get(host);
    hosts.set(host, before === undefined ? address : `${before},${address}`);
  }
  return hosts;
}

function parseHost(text: string): readonly [string, string] {
  const [, host = '', given = ''] = /^([^:=]*)[:=](.*)$/s.exec(text) ?? [];
  const address = given.replace(/^\[(.*)\]$/, '$1');
  if (/^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})$/.test(host) && (address === 'host-gateway' || isIP(address) !== 0))
    return [host, address];
  throw new Error('host:ip is needed, one a line, e.g. db:10.180.0.1');
}

function parseSize(text: string): string {
  if (/^\d+(?:\.\d+)? ?(?:[kmgtp]i?b?|b)?$/i.test(text)) return text;
  throw new Error('a size is needed, e.g. 64m or 2g');
}

const limits =
  /^(?:core|cpu|data|fsize|locks|memlock|msgqueue|nice|nofile|nproc|rss|rtprio|rttime|sigpending|stack)=(-?\d+)(?::(-?\d+))?$/;

function parseUlimit(text: string): string {
  const [, soft, hard = soft] = limits.exec(text) ?? [];
  const [low, high] = [Number(soft), Number(hard)];
  if (soft !== undefined && low >= -1 && high >= -1 && (high === -1 || (low !== -1 && low <= high))) return text;
  throw new Error('NAME=soft:hard is needed, the soft limit not above the hard one, e.g. nofile=1024:2048');
}

/** Nothing else: bake would take `fs=*` and `ssh` for entitlements too. */
function parseEntitlement(text: string): string {
  if (/^(?:network\.host|security\.insecure|device(?:=[\w./:=*-]+)?)$/.test(text)) return text;
  throw new Error('allowed are network.host, security.insecure, device, device=NAME');
}
