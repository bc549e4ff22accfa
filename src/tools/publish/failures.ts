import { ActionError, formatThrown } from '../../errors.ts';
import { fullRegistryHint } from '../../model/full-storage.ts';
import type { RepositoryName } from '../../model/image-ref.ts';
import { type Registry, RegistryError } from '../../model/registry.ts';

/** Work at a registry, whose errors a user can act on. */
export async function explained<T>(at: { readonly registry: Registry }, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof RegistryError ? explainRegistry(error, at.registry.repository.name) : error;
  }
}

/** Runs writes side by side to the end of each, so that what was written is known, and then tells of all that failed.
 * @throws the one error there was; ActionError naming each failure, with the code and hint that all of them share, else `publish-failed`. */
export async function settleAll(writes: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(writes))
    .filter((one) => one.status === 'rejected')
    .map((one): unknown => one.reason);
  const [first, ...rest] = failed;
  if (first === undefined) return;
  if (rest.length === 0) throw first;
  const shared = rest.every((one) => codeOf(one) === codeOf(first)) && first instanceof ActionError ? first : undefined;
  const all = failed.map((one) => formatThrown(one));
  throw new ActionError(shared?.code ?? 'publish-failed', all.join('\n'), {
    hint:
      shared?.hint ?? 'run it again: what was written stays, what is missing is added; the receipt says which is which',
    cause: first,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof ActionError ? error.code : undefined;
}

/** An error of a registry as a user can act on it. */
export function explainRegistry(error: RegistryError, repository: RepositoryName): ActionError {
  switch (error.kind) {
    case 'unauthorized':
    case 'forbidden':
      return new ActionError('login-missing', `${repository} may not be used: ${error.message}`, {
        hint: 'log in with docker/login-action before this step, or give `username` and `password`; on ghcr.io the job needs `permissions: packages: write`',
        cause: error,
      });
    case 'untrusted':
      return new ActionError('registry-failed', `${repository}: ${error.message}`, {
        hint: `no login is sent there: put the registry’s CA into /etc/docker/certs.d/${error.registry}/ca.crt, or, where it is to be without encryption, its name into the engine’s \`insecure-registries\`; localhost needs neither`,
        cause: error,
      });
    case 'full':
      return new ActionError('disk-full', `the storage of the registry is full: ${error.message}`, {
        hint: fullRegistryHint,
        cause: error,
      });
    case 'rate-limited':
    case 'unavailable':
    case 'unreachable':
    case 'timeout':
    case 'invalid-reply':
    case 'rejected':
    case 'overtaken':
      return new ActionError('registry-failed', `${repository}: ${error.message}`, {
        hint: 'run it again once the registry answers; a second run goes on where this one stopped',
        cause: error,
      });
  }
}
