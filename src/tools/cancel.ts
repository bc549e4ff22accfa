/** Milliseconds from the first signal until main ends whatever it waits for: the runner gives INT 7.5 s. */
const patience = 5_000;

/** Turns INT and TERM of the runner into an abort, whose reason is the signal's name. A second one, or five seconds without an end,
 * calls `atOnce`. */
export function listenForCancel(atOnce: () => void): AbortSignal {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      atOnce();
      return;
    }
    setTimeout(atOnce, patience).unref();
    controller.abort(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  return controller.signal;
}
