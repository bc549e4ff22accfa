import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ActionError } from '../../errors.ts';
import { codeOf } from '../http/exchange.ts';

/** The folder of the system's engine. */
const systemFolder = '/etc/docker/certs.d';

/** PEM text of the CAs that docker is told to trust for a registry (docker's documentation, "Verify repository client with
 * certificates"): `*.crt` in the engine's folder, else in that of an engine without root. Undefined where there are none.
 * @throws ActionError registry-failed where they are there and unreadable. */
export function readAuthority(
  registry: string,
  env: Readonly<Record<string, string | undefined>>,
  system: string = systemFolder,
): string | undefined {
  const own = env['XDG_CONFIG_HOME'] || (env['HOME'] && join(env['HOME'], '.config'));
  const folders = [system, ...(own ? [join(own, 'docker', 'certs.d')] : [])];
  const found = folders.map((folder) => readFolder(join(folder, registry))).find((texts) => texts.length > 0);
  return found?.join('\n');
}

function readFolder(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.crt'));
    return names.map((name) => readFileSync(join(folder, name), 'utf8'));
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return [];
    throw new ActionError('registry-failed', `the certificates in ${folder} cannot be read (${codeOf(cause)})`, {
      hint: 'let the runner’s user read them: the engine trusts this registry by them',
      cause,
    });
  }
}
