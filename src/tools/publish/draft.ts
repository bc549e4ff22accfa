import { ActionError } from '../../errors.ts';

/** A draft of the receipt: a write stands in it before it begins, and what became of it a little later, together with what else did.
 * @returns `now` throws what `write` does; of `soon` an ActionError is left to whoever writes next. */
export function openDraft(write: () => void): { readonly now: () => void; readonly soon: () => void } {
  let waits = false;
  const now = (): void => {
    waits = false;
    write();
  };
  const late = (): void => {
    try {
      if (waits) now();
    } catch (error) {
      if (!(error instanceof ActionError)) throw error; // whoever writes next is told
    }
  };
  return {
    now,
    soon: () => {
      if (!waits) setImmediate(late);
      waits = true;
    },
  };
}
