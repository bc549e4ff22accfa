import type { InputReader } from './reader.ts';

/** Build arguments, `KEY=value`; a value is never shown. */
export function readBuildArgs(read: InputReader): ReadonlyMap<string, string> {
  return readPairs(read, 'build-args', /^[A-Za-z_][A-Za-z0-9_]*$/);
}

/** The user's labels; `io.slipway.*` are refused. */
export function readLabels(read: InputReader): ReadonlyMap<string, string> {
  const labels = readPairs(read, 'labels', /^[^\s=]+$/);
  for (const key of labels.keys())
    if (key.toLowerCase().startsWith('io.slipway.'))
      read.problem(
        'labels',
        key,
        'labels that begin with io.slipway. are Slipway’s own: they say what built the image',
      );
  return labels;
}

/** Image annotations as buildx takes them: `key=value`, before it `manifest:` and the like. */
export function readAnnotations(read: InputReader): readonly string[] {
  return read.list('annotations', 'keep').flatMap((text) => {
    const at = text.indexOf('=');
    const rule = at < 0 ? 'key=value is needed, one a line' : annotationRule(text.slice(0, at), text.slice(at + 1));
    if (rule === undefined) return [text];
    read.problem('annotations', shownKey(text, at), rule);
    return [];
  });
}

function annotationRule(name: string, value: string): string | undefined {
  const [, types, key = ''] = /^(?:([^:]*):)?(.*)$/s.exec(name) ?? [];
  const place = /^(?:manifest|index|manifest-descriptor|index-descriptor)(?:\[[A-Za-z0-9_/-]+\])?$/;
  if (types?.split(',').every((type) => place.test(type)) === false)
    return 'before the key there may be manifest:, index:, manifest-descriptor: or index-descriptor:';
  if (!/^[\u0021-\u007e]+$/.test(key)) return 'key=value is needed, one a line';
  // buildx reads its definition as HCL, which would change these
  if (/\r|^\ufeff/.test(value) || value.normalize('NFC') !== value)
    return 'its value must be without carriage returns, and Unicode in its composed form (NFC)';
  return undefined;
}

function readPairs(read: InputReader, name: string, key: RegExp): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const one of read.list(name, 'keep')) {
    const at = one.indexOf('=');
    if (at < 1 || !key.test(one.slice(0, at))) read.problem(name, shownKey(one, at), 'KEY=value is needed, one a line');
    else pairs.set(one.slice(0, at), one.slice(at + 1));
  }
  return pairs;
}

/** What a message may quote: the key; where there is none, a short word. */
function shownKey(text: string, at: number): string | undefined {
  if (at >= 0) return text.slice(0, at);
  return /^[\w.-]{1,40}$/.test(text) ? text : undefined;
}
