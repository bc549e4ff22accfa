import { ActionError } from '../errors.ts';
import type { LoginInput } from '../inputs/login.ts';
import { Secret } from '../model/secret.ts';
import type { Role } from './rights.ts';

/** A name and a password for one registry. */
export interface Login {
  /** Host and port as people write them. */
  readonly registry: string;
  readonly username: string;
  readonly password: Secret;
}

/** What is to be said of a login's absence: a name without a password is what a fork's run looks like, and anywhere else a mistake.
 * @throws ActionError invalid-input */
export function planLoginNotices(input: LoginInput, role: Role): readonly string[] {
  if (input.kind !== 'no-password') return [];
  if (role === 'untrusted')
    return [
      `password: it is empty, as secrets are on this run, so ${input.registry} is read without the login of ${JSON.stringify(input.username)}`,
    ];
  throw new ActionError(
    'invalid-input',
    `password: it is empty, and \`username\` is ${JSON.stringify(input.username)}: there is no login for ${input.registry}`,
    {
      hint: 'is the secret’s name spelled as in the settings, and may this workflow, environment or Dependabot see it? Without `username` the runner’s own login is used',
    },
  );
}

/** The login that the workflow gives for a registry. */
export function givenLogin(input: LoginInput, registry: string): Login | undefined {
  return input.kind === 'given' && input.registry === registry
    ? { registry, username: input.username, password: input.password }
    : undefined;
}

/** GitHub's own registry takes the job's token from whoever runs the job; asked where there is no other login.
 * @param host where that holds; another one in tests. */
export function tokenLogin(
  registry: string,
  job: { readonly actor: string; readonly token: Secret | undefined },
  host = 'ghcr.io',
): Login | undefined {
  if (registry !== host || job.token === undefined || job.token.isEmpty()) return undefined;
  return { registry, username: job.actor === '' ? 'x-access-token' : job.actor, password: job.token };
}

/** What of a login a log must not show. */
export function secretsOfLogin({ username, password }: Pick<Login, 'username' | 'password'>): readonly Secret[] {
  return [password, new Secret(`${username}:${password.reveal()}`)];
}
