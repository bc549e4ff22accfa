import type { Repository } from '../../model/image-ref.ts';
import { HttpError } from '../http/http.ts';
import { type Authorizer, createAuthorizer } from './auth.ts';
import { type Endpoint, findEndpoint } from './endpoint.ts';
import { faultOf } from './exchange.ts';
import type { RegistryOptions } from './follow.ts';

/** The way into one repository: what was found out about its registry, and the tokens that it gave. Sessions may share it. */
export interface Door {
  readonly endpoint: (deadline: number) => Promise<Endpoint>;
  readonly authorizer: Authorizer;
}

/** Makes a door; nothing is sent yet. */
export function openDoor({ registry, path }: Repository, options: RegistryOptions): Door {
  const { http, rules, clock, cancel } = options;
  let found: Promise<Endpoint> | undefined;
  const endpoint = (deadline: number): Promise<Endpoint> => {
    found ??= findEndpoint(http, registry, { rules, deadline, cancel }).catch((error: unknown) => {
      found = undefined; // nobody answered: the next attempt asks again
      throw error instanceof HttpError ? faultOf(error, { registry, request: 'GET v2/' }) : error;
    });
    return found;
  };
  const authorizer = createAuthorizer({ ...options, wire: { http, clock }, registry, path });
  return {
    endpoint,
    authorizer: {
      ...authorizer,
      // who asks first asks for all: that this one is called off must not fail the others
      current: (access, limits) => authorizer.current(access, { ...limits, cancel }),
      renew: (access, refused, limits) => authorizer.renew(access, refused, { ...limits, cancel }),
    },
  };
}
