// Reads a registry's access log, the witness of every request it got.

/** Marks the test bench's own questions, which are no evidence of anything. */
export const OWN_AGENT = 'slipway-testbed';

/**
 * @typedef {{ method: string, path: string, query: string, status: number, userAgent: string | undefined }} RegistryRequest
 *   `path` has no query string; `query` is what followed the `?`, or empty
 */

const LINE =
  /^\S+ \S+ \S+ \[[^\]]*\] "([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3}) \S+(?: "(?:[^"\\]|\\.)*" "((?:[^"\\]|\\.)*)")?/;

/**
 * The requests in a log, oldest first, without the test bench's own.
 * @param {string} text lines in the combined log format among others
 * @returns {RegistryRequest[]}
 */
export function parseAccessLog(text) {
  return text.split('\n').flatMap((line) => {
    const found = LINE.exec(line);
    if (found === null || found[4]?.startsWith(OWN_AGENT)) return [];
    const [path, query = ''] = splitOnce(found[2], '?');
    const userAgent = found[4] === undefined || found[4] === '' ? undefined : found[4].replace(/\\(.)/g, '$1');
    return [{ method: found[1], path, query, status: Number(found[3]), userAgent }];
  });
}

/** @param {string} text @param {string} separator */
function splitOnce(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
