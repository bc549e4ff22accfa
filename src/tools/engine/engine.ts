import { ask, fields, refused, text, texts } from './ask.ts';
import type { Engine } from './call.ts';

export type { Engine } from './call.ts';
export { type PushRequest, pushImage, registryAuth } from './push.ts';

export interface EngineInfo {
  readonly store: 'containerd' | 'classic';
  readonly version: string;
  /** What it builds for where nothing else is said: `linux/x86_64`. */
  readonly platform: string;
  /** Registries that the engine reaches by plain HTTP or without checking the certificate: names, and ranges such as `127.0.0.0/8`. */
  readonly insecureRegistries: readonly string[];
}

/** What the engine is. @throws ActionError `engine-missing`. */
export async function readEngineInfo(engine: Engine, cancel: AbortSignal): Promise<EngineInfo> {
  const reply = await ask(engine, { method: 'GET', path: ['info'], cancel });
  if (reply.status !== 200) throw refused('info', reply);
  const body = fields(reply.body);
  const driver = JSON.stringify(body['DriverStatus'] ?? []);
  const registries = fields(body['RegistryConfig']);
  const named = Object.values(fields(registries['IndexConfigs'])).map(fields);
  return {
    store: driver.includes('io.containerd.snapshotter') ? 'containerd' : 'classic',
    version: text(body['ServerVersion']),
    platform: `${text(body['OSType'])}/${text(body['Architecture'])}`,
    insecureRegistries: [
      ...texts(registries['InsecureRegistryCIDRs']),
      ...named.filter((one) => one['Secure'] === false).map((one) => text(one['Name'])),
    ],
  };
}
