import { type Registry, RegistryError } from '../../model/registry.ts';

/** Reads a registry that may answer 403 for what is not there: with a login that may write, that is what it means (`Registry.head`).
 * @throws RegistryError */
export async function absentWhereAllowed<T>(registry: Registry, read: () => Promise<T>, absent: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof RegistryError) || error.kind !== 'forbidden') throw error;
    if ((await registry.mayPush()) !== 'yes') throw error;
    return absent;
  }
}
