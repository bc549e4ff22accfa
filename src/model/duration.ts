/** What a timer of Node can hold; beyond it a timer fires at once. */
const longest = 2 ** 31 - 1;

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads a span of time such as `90s`, `20m` or `1h30m` (Go's spelling, as docker's options take it) into milliseconds.
 * @throws Error that says what is allowed, where it is none, zero, or longer than a timer goes. */
export function parseDuration(text: string): number {
  const isSpelled = /^(?:\d+(?:ms|s|m|h))+$/.test(text);
  let total = 0;
  for (const [, amount = '0', unit = ''] of text.matchAll(/(\d+)(ms|s|m|h)/g))
    total += Number(amount) * (units[unit] ?? 0);
  if (!isSpelled || total <= 0 || total > longest)
    throw new Error('a duration such as 90s, 20m or 1h30m is needed, more than zero and less than 24 days');
  return total;
}

/** A span of time as people read it: `340 ms`, `2.4 s`, `3 m 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}
