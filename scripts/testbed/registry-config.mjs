// The configuration file of a registry (CNCF distribution 2.8 and 3).

/**
 * @typedef {{ realm: string, service: string, issuer: string, rootcertbundle: string }} TokenAuth
 *   a token service that the registry believes; `rootcertbundle` is the PEM file of whoever signs
 */

/**
 * @param {{ port: number, storage: string, htpasswd: string | undefined, address?: string, tls?: { certificate: string, key: string }, token?: TokenAuth }} wanted
 *   `htpasswd` is the path of a password file; `address` is where it listens, loopback unless inside a container
 */
export function renderRegistryConfig({ port, storage, htpasswd, address = '127.0.0.1', tls, token }) {
  const config = {
    version: '0.1',
    log: { accesslog: { disabled: false }, level: 'warn', formatter: 'json' },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: `${address}:${port}`, ...(tls === undefined ? {} : { tls }) },
    ...(htpasswd === undefined ? {} : { auth: { htpasswd: { realm: 'testbed', path: htpasswd } } }),
    ...(token === undefined ? {} : { auth: { token } }),
  };
  return `${JSON.stringify(config, null, 2)}\n`; // JSON is YAML
}
