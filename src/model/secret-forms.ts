/** Shorter texts would blot out the log. */
export const shortestSecret = 4;
const shortestForm = 6;
/** The widths at which base64(1), openssl and PEM writers break their lines. */
const widths = [76, 64];

/** Every form in which a log may show a secret: each line of it, and that in base64 (wherever in a text it began), URL-encoded, as JSON and
 * XML write it, and quoted for a shell; and the whole in base64 broken into lines. After the runner's own ValueEncoders. */
export function secretForms(secret: Uint8Array): readonly string[] {
  const text = Buffer.from(secret).toString('utf8');
  const lines = text
    .split(/\r\n|\n|\r/)
    .flatMap((line) => [line, line.trim()])
    .filter((line) => line.length >= shortestSecret);
  const encoded = [...lines.flatMap(encode), ...wholeBase64(Buffer.from(secret))];
  return [...new Set([...lines, ...encoded.filter((form) => form.length >= shortestForm)])];
}

function encode(line: string): readonly string[] {
  const bytes = Buffer.from(line);
  const url = encodeURIComponent(line.toWellFormed());
  const strict = url.replace(/[!'()*~]/g, percent);
  const json = JSON.stringify(line).slice(1, -1);
  return [
    ...[0, 1, 2].flatMap((before) => bothAlphabets(coreBase64(bytes, before))),
    ...bothAlphabets(bytes.toString('base64')),
    url,
    strict,
    ...[url, strict].map((one) => one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    strict.replaceAll('%20', '+'),
    json,
    json.replaceAll('/', '\\/'),
    json.replace(/[<>&]/g, unicode),
    json.replace(/[^\x20-\x7e]/g, unicode),
    line.replace(/[&<>"']/g, (char) => xml[char] ?? char),
    line.replaceAll("'", "'\\''"),
    line.replaceAll("'", `'"'"'`),
    line.replace(/["$`\\]/g, '\\$&'),
    line.replace(/[^\w@%+=:,./-]/g, '\\$&'),
  ];
}

/** The part of a base64 text that says the same whatever stands round the secret; `before` bytes of its first group are not ours. */
function coreBase64(bytes: Buffer, before: number): string {
  const ours = bytes.subarray((3 - before) % 3);
  return ours.subarray(0, ours.length - (ours.length % 3)).toString('base64');
}

function wholeBase64(bytes: Buffer): readonly string[] {
  const whole = bytes.toString('base64');
  return widths.flatMap((width) => whole.match(new RegExp(`.{1,${width}}`, 'g')) ?? []);
}

function bothAlphabets(base64: string): readonly string[] {
  const bare = base64.replace(/=+$/, '');
  return [base64, bare, bare.replaceAll('+', '-').replaceAll('/', '_')];
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function unicode(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const xml: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
