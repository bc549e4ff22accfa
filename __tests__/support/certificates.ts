import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from '../../scripts/testbed/certificates.mjs';
import { finish, until } from '../../scripts/testbed/process.mjs';

/** What a server on loopback shows and trusts, and clients of it. */
export interface Trust {
  /** Of a client that is let in. */
  readonly ours: Certificates;
  /** Of a client whose certificate expires at once; it has an authority of its own, which the server trusts. */
  readonly old: Certificates;
  readonly server: Certificates;
}

/** Makes these in a folder. */
export async function makeTrust(folder: string): Promise<Trust> {
  const names = { hosts: ['localhost'], addresses: ['127.0.0.1'] };
  const ours = await makeCertificates(join(folder, 'ours'), names);
  const old = await makeCertificates(join(folder, 'old'), names, { days: 0 });
  const both = join(folder, 'both.crt');
  writeFileSync(both, readFileSync(ours.ca, 'utf8') + readFileSync(old.ca, 'utf8'));
  return { ours, old, server: { ...ours, ca: both } };
}

/** Waits until a certificate is valid no more. */
export async function untilExpired({ certificate }: Certificates): Promise<void> {
  const check = ['openssl', 'x509', '-in', certificate, '-noout', '-checkend', '0'];
  if (await until(async () => (await finish(check)).code === 1, { timeoutMs: 60_000 })) return;
  throw new Error(`${certificate} does not expire`);
}

/** A client's certificates, as options of the driver `remote`. */
export function identify({ ca, certificate, key }: Certificates): readonly string[] {
  return [`cacert=${ca}`, `cert=${certificate}`, `key=${key}`];
}
