import type { Inputs } from '../../inputs.ts';
import { givenLogin, type Login, tokenLogin } from '../../plan/login.ts';
import { planHelperEnvironment } from '../engine/client-environment.ts';
import { dockerConfigFolder } from '../engine/endpoint.ts';
import type { RunnerEnvironment } from '../environment.ts';
import { type Credentials, createHelperRunner, readCredentials } from './credentials.ts';

/** What a workflow says of logins; `tokenHost` is another one in tests. */
export type LoginRules = Pick<Inputs, 'login' | 'githubToken'> & { readonly tokenHost?: string };

/** With what a registry is asked. */
export interface Known {
  readonly credentials: Credentials;
  /** The login that docker itself does not know; undefined where it is docker's own, or none. */
  readonly lent: Login | undefined;
}

type Whose = Pick<RunnerEnvironment, 'all' | 'actor'>;

/** Finds a registry's login; each is read once. */
export function openLogins(whose: Whose, rules: LoginRules): (registry: string) => Promise<Known> {
  const logins = new Map<string, Promise<Known>>();
  return (registry) => {
    const known = logins.get(registry) ?? findLogin(registry, whose, rules);
    logins.set(registry, known);
    return known;
  };
}

/** The workflow's login, else docker's own, else by rule the job's token. */
async function findLogin(registry: string, { all, actor }: Whose, rules: LoginRules): Promise<Known> {
  const given = givenLogin(rules.login, registry);
  if (given !== undefined) return lend(given);
  const runHelper = createHelperRunner(planHelperEnvironment(all));
  const sources = { configDir: dockerConfigFolder(all) ?? '/nonexistent', env: all, runHelper };
  const credentials = await readCredentials(registry, sources);
  const byToken = tokenLogin(registry, { actor, token: rules.githubToken }, rules.tokenHost);
  return credentials.kind === 'none' && byToken !== undefined ? lend(byToken) : { credentials, lent: undefined };
}

function lend(login: Login): Known {
  return {
    credentials: { kind: 'basic', username: login.username, password: login.password.reveal() },
    lent: login,
  };
}
