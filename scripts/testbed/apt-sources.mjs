// Reads this machine's own package sources, in both spellings, to learn which mirror it uses.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ types: string[], uris: string[], suites: string[], components: string[],
 *   signedBy: string | undefined, trusted: boolean }} AptSource
 */

/** All enabled sources of the machine, in apt's own reading order. @returns {AptSource[]} */
export function readAptSources(folder = '/etc/apt') {
  const parts = join(folder, 'sources.list.d');
  const names = existsSync(parts)
    ? readdirSync(parts)
        .sort()
        .map((name) => join(parts, name))
    : [];
  return [join(folder, 'sources.list'), ...names].flatMap((file) => {
    if (!existsSync(file)) return [];
    if (file.endsWith('.sources')) return parseDeb822(readFileSync(file, 'utf8'));
    return file.endsWith('.list') ? parseOneLine(readFileSync(file, 'utf8')) : [];
  });
}

/** The source the release itself comes from (not its security or update suites). @param {string} codename */
export function releaseSource(codename, sources = readAptSources()) {
  return sources.find(
    (source) =>
      source.types.includes('deb') &&
      source.suites.includes(codename) &&
      source.components.includes('main') &&
      source.uris.some(isUsableUri),
  );
}

/** @param {string} text @returns {AptSource[]} */
export function parseDeb822(text) {
  const stanzas = text.replace(/^#.*\n?/gm, '').split(/\n[ \t]*\n/);
  return stanzas
    .map(parseFields)
    .filter((fields) => fields.size > 0 && fields.get('enabled')?.toLowerCase() !== 'no')
    .map((fields) => ({
      types: words(fields.get('types')),
      uris: words(fields.get('uris')),
      suites: words(fields.get('suites')),
      components: words(fields.get('components')),
      signedBy: fields.get('signed-by'),
      trusted: fields.get('trusted')?.toLowerCase() === 'yes',
    }));
}

/** @param {string} text @returns {AptSource[]} */
export function parseOneLine(text) {
  return text.split('\n').flatMap((line) => {
    const found = /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line);
    if (found === null) return [];
    const [, type, options = '', uri, suite, components] = found;
    const option = (/** @type {string} */ name) => new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(options)?.[1];
    return [
      {
        types: [type],
        uris: [uri],
        suites: [suite],
        components: words(components),
        signedBy: option('signed-by'),
        trusted: option('trusted') === 'yes',
      },
    ];
  });
}

/** The address to fetch packages from. @param {AptSource} source */
export function usableUri(source) {
  return /** @type {string} */ (source.uris.find(isUsableUri)).replace(/\/$/, '');
}

/** @param {string} uri */
function isUsableUri(uri) {
  return /^(https?|ftp|file|copy|mirror\+(https?|file)):/.test(uri);
}

/** Continuation lines keep their newline, so that a key written out in the file stays whole. @param {string} stanza */
function parseFields(stanza) {
  /** @type {Map<string, string>} */
  const fields = new Map();
  let current = '';
  for (const line of stanza.split('\n')) {
    const field = /^([A-Za-z-]+):[ \t]*(.*)$/.exec(line);
    if (field !== null) {
      current = field[1].toLowerCase();
      fields.set(current, field[2].trim());
    } else if (/^[ \t]/.test(line) && current !== '') {
      fields.set(current, `${fields.get(current)}\n${line}`);
    }
  }
  return fields;
}

/** @param {string | undefined} text */
function words(text) {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}
