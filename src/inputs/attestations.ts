import type { InputReader } from './reader.ts';

/** Reads `provenance` and `sbom` as `--attest` has them; none where nothing is asked for. */
export function readAttestations(read: InputReader): readonly string[] {
  const kinds = { provenance: parseProvenance, sbom: parseSbom };
  return Object.entries(kinds).flatMap(([type, parse]) => {
    const options = read.parsed(type, (text) => (/^false$/i.test(text) ? undefined : parse(text)));
    return options === undefined ? [] : [[`type=${type}`, ...options].join(',')];
  });
}

function parseProvenance(text: string): readonly string[] {
  const options = /^true$/i.test(text) ? [] : text.split(',').map((one) => one.trim());
  const known = /^(?:mode=(?:min|max)|version=v(?:0\.2|1)|builder-id=[^\s,"]+|reproducible=(?:true|false))$/;
  if (options.every((one) => known.test(one))) return options;
  throw new Error(
    'allowed are true, false, mode=min, mode=max; with commas also version=v1, builder-id=…, reproducible=true',
  );
}

function parseSbom(text: string): readonly string[] {
  if (/^true$/i.test(text)) return [];
  if (/^generator=[^\s,"]+$/.test(text)) return [text];
  throw new Error('allowed are true, false, generator=IMAGE');
}
