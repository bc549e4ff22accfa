import { ActionError } from '../errors.ts';
import type { Repository } from '../model/image-ref.ts';
import type { PushRight } from '../model/registry.ts';

/** The error of a login that may not write, found before the build, with its way out. */
export function explainPushRight(right: Exclude<PushRight, 'yes'>, repository: Repository): ActionError {
  const hint =
    'log in with docker/login-action before this step, or give `username` and `password`; on ghcr.io the job needs `permissions: packages: write`';
  switch (right) {
    case 'anonymous':
      return new ActionError(
        'login-missing',
        `${repository.registry} asks for a login before ${repository.name} may be written, and there is none`,
        { hint },
      );
    case 'unauthorized':
      return new ActionError(
        'login-missing',
        `${repository.registry} refuses the login for it: the password is wrong or has expired`,
        { hint },
      );
    case 'forbidden':
      return new ActionError(
        'login-missing',
        `the login for ${repository.registry} may not write to ${repository.name}`,
        { hint },
      );
    case 'absent':
      return new ActionError(
        'login-missing',
        `${repository.name} does not exist and ${repository.registry} does not create it by itself`,
        {
          hint: 'create the repository in the registry first',
        },
      );
  }
}
