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

/** Some registries answer 403 for what is not there; a run that may write takes it for that. Who only looks for a cache never asks
 * whether it may write. */
export function readAbsence(registry: Registry): Registry {
  let right: ReturnType<Registry['mayPush']> | undefined;
  const mayPush = (): ReturnType<Registry['mayPush']> => {
    right ??= registry.mayPush();
    return right;
  };
  const asked = { ...registry, mayPush };
  return {
    ...asked,
    head: (at) => absentWhereAllowed(asked, () => registry.head(at), undefined),
    manifest: (at) => absentWhereAllowed(asked, () => registry.manifest(at), undefined),
    tags: () => absentWhereAllowed<readonly string[]>(asked, () => registry.tags(), []),
  };
}
