// Certificates for tests, made by openssl: a CA, and what it signs.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.mjs';

/** @typedef {{ ca: string, certificate: string, key: string }} Certificates paths of PEM files */

/**
 * A CA of its own and a certificate for these names, good for two days, or for so many; for 0 days it has expired a second later.
 * @param {string} folder
 * @param {{ hosts: string[], addresses?: string[] }} names
 * @param {{ days?: number }} [more]
 * @returns {Promise<Certificates>}
 */
export async function makeCertificates(folder, { hosts, addresses = [] }, { days = 2 } = {}) {
  mkdirSync(folder, { recursive: true });
  const at = (/** @type {string} */ name) => join(folder, name);
  const alternatives = [...hosts.map((name) => `DNS:${name}`), ...addresses.map((name) => `IP:${name}`)].join(',');
  writeFileSync(at('leaf.ext'), `subjectAltName=${alternatives}\nbasicConstraints=CA:FALSE\n`);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...curve,
    '-days',
    '2',
    '-subj',
    '/CN=testbed CA',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
  );
  await openssl('req', '-new', ...curve, '-subj', '/CN=testbed', '-keyout', at('leaf.key'), '-out', at('leaf.csr'));
  const issuer = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial'];
  await openssl(
    'x509',
    '-req',
    '-in',
    at('leaf.csr'),
    ...issuer,
    '-days',
    `${days}`,
    '-extfile',
    at('leaf.ext'),
    '-out',
    at('leaf.crt'),
  );
  return { ca: at('ca.crt'), certificate: at('leaf.crt'), key: at('leaf.key') };
}

/** A PEM file as the base64 of its first block. @param {string} file */
export function readPemBody(file) {
  const [, body = ''] = /-----BEGIN [A-Z ]+-----([^-]+)-----END/.exec(readFileSync(file, 'utf8')) ?? [];
  return body.replaceAll(/\s/g, '');
}

/** @param {string[]} args */
function openssl(...args) {
  return run(['openssl', ...args]);
}
