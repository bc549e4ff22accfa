/** A gate that is opened once. */
export function openGate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

/** Lets several works run side by side until one fails, ends the others, and tells of the one that failed first. */
export class FirstFailure {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal;
  #first: { readonly error: unknown } | undefined;

  constructor(cancel: AbortSignal) {
    this.signal = AbortSignal.any([cancel, this.#controller.signal]);
  }

  watch<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      this.#first ??= { error };
      this.#controller.abort();
      throw error;
    });
  }

  async settle(works: readonly Promise<unknown>[]): Promise<void> {
    await Promise.allSettled(works);
    if (this.#first !== undefined) throw this.#first.error;
  }
}
