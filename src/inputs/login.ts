import type { Repository } from '../model/image-ref.ts';
import { Secret } from '../model/secret.ts';
import type { InputReader } from './reader.ts';

/** What the workflow says of a login to the registry. */
export type LoginInput =
  | { readonly kind: 'none' }
  | { readonly kind: 'given'; readonly registry: string; readonly username: string; readonly password: Secret }
  /** A name alone: on a fork's run, which gets empty secrets, that is no mistake. */
  | { readonly kind: 'no-password'; readonly registry: string; readonly username: string };

/** Reads `username` and `password`, for the one registry that all repositories share. */
export function readLogin(read: InputReader, repositories: readonly Repository[]): LoginInput {
  const username = read.text('username');
  const password = read.text('password');
  if (username === undefined && password === undefined) return { kind: 'none' };
  if (username === undefined) {
    read.problem('username', undefined, '`password` is given, so it is needed too');
    return { kind: 'none' };
  }
  if (username.includes(':')) read.problem('username', username, 'a name without `:` is needed');
  const [registry, ...others] = new Set(repositories.map((one) => one.registry));
  if (others.length > 0)
    read.problem(
      'username',
      undefined,
      `\`image\` and \`protected-image\` name several registries (${[registry, ...others].join(', ')}) and a login is for one: delete \`username\` and \`password\`, and log in to each with docker/login-action before this step`,
    );
  if (registry === undefined) return { kind: 'none' };
  if (password === undefined) return { kind: 'no-password', registry, username };
  return { kind: 'given', registry, username, password: new Secret(password) };
}
