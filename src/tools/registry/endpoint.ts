import { BlockList, isIP, isIPv4 } from 'node:net';
import { type Http, HttpError, type Trust } from '../http/http.ts';

/** Where a registry's API is, once it has been found out. */
export interface Endpoint {
  /** Scheme and host, path `/`. */
  readonly base: URL;
  readonly trust: Trust;
}

/** What is special about some hosts; names with port as people write them. */
export interface HostRules {
  /** Hosts that may speak plain HTTP or show any certificate, as in the engine's `insecure-registries`: names, and ranges such as
   * `10.0.0.0/8`, which hold for addresses and not for names that resolve to one. */
  readonly insecure: ReadonlySet<string>;
  /** PEM text of a CA to trust for a host. */
  readonly authorities: ReadonlyMap<string, string>;
}

/** Tells whether a host, with or without port, is this machine by its very name. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === 'localhost' || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'));
}

/** Tells whether a host may speak plain HTTP or show any certificate. */
export function isInsecure(host: string, { insecure }: Pick<HostRules, 'insecure'>): boolean {
  if (insecure.has(host) || isLoopback(host)) return true;
  const address = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(address) !== 0 && [...insecure].some((range) => isInRange(address, range));
}

function isInRange(address: string, range: string): boolean {
  const [, network = '', bits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(range) ?? [];
  const kind = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0 || isIP(network) !== isIP(address) || Number(bits) > (kind === 'ipv6' ? 128 : 32))
    return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), kind);
  return list.check(address, kind);
}

/** Whom to believe for a host. */
export function trustFor(host: string, rules: HostRules): Trust {
  const ca = rules.authorities.get(host);
  const lax = ca === undefined && isInsecure(host, rules);
  return lax ? { kind: 'unverified' } : { kind: 'verified', ca };
}

/** Finds out how to reach a registry. Only loopback and insecure hosts are asked which of https and http they speak, https
 * first, as docker does; every other host is https without a question.
 * @throws HttpError where nobody answers. */
export async function findEndpoint(
  http: Http,
  registry: string,
  options: { readonly rules: HostRules; readonly deadline: number; readonly cancel: AbortSignal },
): Promise<Endpoint> {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const trust = trustFor(registry, options.rules);
  const base = new URL(`https://${host}/`);
  if (!isInsecure(registry, options.rules)) return { base, trust };
  const { deadline, cancel } = options;
  const ping = {
    method: 'GET',
    socketPath: undefined,
    trust,
    headers: {},
    body: undefined,
    limit: 65_536,
    deadline,
    cancel,
  };
  try {
    await http.request({ ...ping, url: new URL('/v2/', base) });
    return { base, trust };
  } catch (error) {
    if (!(error instanceof HttpError) || !(speaksNoTls(error) || error.code === 'ECONNRESET')) throw error;
    return { base: new URL(`http://${host}/`), trust };
  }
}

/** A plain HTTP server answers a TLS greeting with text, or hangs up, which may pass as well; a refused connection tells nothing. */
export function speaksNoTls({ code }: HttpError): boolean {
  return code === 'EPROTO' || code.startsWith('ERR_SSL_');
}
