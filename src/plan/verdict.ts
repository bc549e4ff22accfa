import type { Inputs } from '../inputs.ts';
import type { Rights, Role } from './rights.ts';

/** What becomes of an image whose tests passed. */
export type Verdict =
  | { readonly kind: 'ship' }
  /** Built and tested, and by its role or by `push` not to be published. */
  | { readonly kind: 'test-only'; readonly because: string }
  /** There was nothing to build. */
  | { readonly kind: 'nothing'; readonly because: string };

/** Whether this run publishes, decided before anything runs: role and `push` alone. */
export function planPush(push: Inputs['push'], rights: Rights): Verdict {
  if (rights.nothingToDo) return { kind: 'nothing', because: rights.because };
  if (!rights.mayWrite) return { kind: 'test-only', because: rights.because };
  switch (push) {
    case 'auto':
    case 'true':
      return { kind: 'ship' };
    case 'false':
      return { kind: 'test-only', because: '`push: false` asks for build and test only' };
    case 'protected':
      return isProtected(rights.role)
        ? { kind: 'ship' }
        : { kind: 'test-only', because: '`push: protected` lets only the roles main and release push' };
  }
}

function isProtected(role: Role): boolean {
  return role === 'main' || role === 'release';
}
