import { ActionError } from '../errors.ts';
import type { Repository } from '../model/image-ref.ts';
import type { Role } from './rights.ts';

/** The inputs that decide where images and cache lie. */
export interface DestinationPolicy {
  readonly repositories: readonly Repository[];
  /** Empty: there is no protected image. */
  readonly protectedRepositories: readonly Repository[];
}

/** Where a run looks and writes (INTERFACE, "protected-image"). */
export interface Destinations {
  /** Where this role writes, and so where it looks for its tags and versions; the others are never asked. */
  readonly image: readonly [Repository, ...Repository[]];
  /** Where main's cache lies: main writes it, every run reads it. */
  readonly cache: Repository;
}

/** Main and release write to `protected-image` and only there where it is given; the other roles write to `image` and read the
 * protected repository's cache.
 * @throws ActionError invalid-input where a repository is in both inputs. */
export function planDestinations(policy: DestinationPolicy, role: Role): Destinations {
  const { repositories, protectedRepositories } = policy;
  const both = repositories.filter(({ name }) => protectedRepositories.some((other) => other.name === name));
  if (both.length > 0)
    throw new ActionError(
      'invalid-input',
      `protected-image: ${both.map(({ name }) => JSON.stringify(name)).join(', ')} ${both.length === 1 ? 'is' : 'are'} in \`image\` too, so every branch could write what is to be protected`,
      { hint: 'give `image` and `protected-image` different repositories, or delete the line `protected-image`' },
    );
  const shared = distinct(protectedRepositories.length > 0 ? protectedRepositories : repositories);
  const image = isProtected(role) ? shared : distinct(repositories);
  return { image, cache: shared[0] };
}

function isProtected(role: Role): boolean {
  switch (role) {
    case 'main':
    case 'release':
      return true;
    case 'branch':
    case 'pull-request':
    case 'untrusted':
    case 'test-only':
      return false;
  }
}

function distinct(repositories: readonly Repository[]): Destinations['image'] {
  const [first, ...rest] = new Map(repositories.map((one) => [one.name, one] as const)).values();
  if (first === undefined) throw new Error('there is no repository: parseInputs lets none through');
  return [first, ...rest];
}
