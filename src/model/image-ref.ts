import type { Brand } from './brand.ts';
import type { Digest } from './digest.ts';
import type { Tag } from './tag.ts';

/** `registry/path` in its full, lower-case spelling, without tag or digest, e.g. `ghcr.io/acme/app`. */
export type RepositoryName = Brand<string, 'RepositoryName'>;

/** A place in a registry that holds the tags of one image. */
export interface Repository {
  readonly name: RepositoryName;
  /** Host and port as people write it; `docker.io` for Docker Hub. */
  readonly registry: string;
  /** The path below the registry, `library/python` for Docker Hub's own images. */
  readonly path: string;
}

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const host =
  /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::(\d{1,5}))?$/;

/** Reads a repository the way docker does: the first part is a registry if it has a dot, a colon or is `localhost`
 * (distribution's reference grammar); upper case is lowered.
 * @throws Error with the rule that the text breaks. */
export function parseRepository(text: string): Repository {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const named = first === 'localhost' || /[.:]/.test(first);
  const registry = (named ? first : 'docker.io')
    .toLowerCase()
    .replace(/^(?:index|registry-1)\.docker\.io$/, 'docker.io');
  const rest = (named ? text.slice(slash + 1) : text).toLowerCase();
  const port = host.exec(registry)?.[1] ?? '1';
  if (!host.test(registry) || Number(port) > 65_535) throw new Error(`${JSON.stringify(first)} is not a registry host`);
  if (/[@:]/.test(rest)) throw new Error('it has a tag or a digest; name the repository alone');
  const path = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  if (!path.split('/').every((part) => component.test(part)))
    throw new Error(`${JSON.stringify(rest)} is not a repository path: parts of a-z and 0-9, joined by . _ __ or -`);
  const name = `${registry}/${path}`;
  if (name.length > 255) throw new Error('it is longer than 255 characters');
  return { name: name as RepositoryName, registry, path };
}

/** `repository:tag` or `repository@digest`, as people paste it. */
export function formatReference(repository: Repository, at: Tag | Digest): string {
  return `${repository.name}${at.includes(':') ? '@' : ':'}${at}`;
}
