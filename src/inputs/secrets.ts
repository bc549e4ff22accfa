import { splitRaw } from '../model/list-syntax.ts';
import { Secret } from '../model/secret.ts';
import type { InputReader } from './reader.ts';

/** A build secret: its id in the Dockerfile, and where its value is. */
export interface SecretInput {
  readonly id: string;
  /** The input that names it, for messages. */
  readonly input: 'secrets' | 'secret-envs' | 'secret-files';
  readonly source: SecretOrigin;
}

export type SecretOrigin =
  | { readonly kind: 'value'; readonly value: Secret }
  | { readonly kind: 'variable'; readonly variable: string }
  /** A path as given; relative to the workspace. */
  | { readonly kind: 'file'; readonly path: string };

/** An SSH agent or keys for the build; without paths it is the runner's own agent. */
export interface SshInput {
  readonly id: string;
  /** Sockets and key files as given; relative to the workspace. */
  readonly paths: readonly string[];
}

/** Nothing of a value is ever in a message, so these name positions: what looks like an id may be a line of a value whose quotes were
 * forgotten. */
export function readSecrets(read: InputReader): readonly SecretInput[] {
  const secrets = [
    ...readItems(read, 'secrets', parseSecret),
    ...readItems(read, 'secret-envs', parseVariableSecret),
    ...readItems(read, 'secret-files', parseFileSecret),
  ];
  const seen = new Set<string>();
  for (const { id, input } of secrets) {
    if (seen.has(id)) read.problem(input, undefined, 'an id is given twice: which of the two is meant?');
    seen.add(id);
  }
  return secrets;
}

export function readSsh(read: InputReader): readonly SshInput[] {
  return read.parsedAll('ssh', read.list('ssh', 'split'), parseSsh);
}

function readItems(
  read: InputReader,
  input: SecretInput['input'],
  parse: (text: string) => Omit<SecretInput, 'input'>,
): SecretInput[] {
  const commas = input === 'secret-envs' ? 'split' : 'keep';
  const items = read.parse(input, undefined, () => splitRaw(read.untrimmed(input), commas)) ?? [];
  return items.flatMap((item, at) => {
    try {
      return [{ ...parse(item), input }];
    } catch (error) {
      read.problem(input, undefined, `value ${at + 1}: ${(error as Error).message}`);
      return [];
    }
  });
}

function parseSecret(text: string): Omit<SecretInput, 'input'> {
  const [id, value] = splitPair(
    text,
    'ID=value is needed; a value of several lines goes, with its ID, in double quotes: "ID=…"',
  );
  if (/^(?:id|type)$/i.test(id)) return parseBuildxSecret(text);
  return { id, source: { kind: 'value', value: new Secret(value) } };
}

/** `id=…,src=…` or `id=…,env=…` with buildx's other spellings: `source`, `type=env,src=…`, `type=file`. */
function parseBuildxSecret(text: string): Omit<SecretInput, 'input'> {
  const rule = 'id=…,src=… or id=…,env=… is needed, as buildx writes it';
  const fields = new Map<string, string>();
  for (const field of splitFields(text.trim())) {
    const at = field.indexOf('=');
    const key = field.slice(0, at).toLowerCase().replace('source', 'src');
    if (at < 1 || !['id', 'type', 'src', 'env'].includes(key) || fields.has(key)) throw new Error(rule);
    fields.set(key, field.slice(at + 1));
  }
  const { id = '', type = 'file', src, env } = Object.fromEntries(fields);
  if (!isId(id) || !['file', 'env'].includes(type)) throw new Error(rule);
  const variable = env ?? (type === 'env' ? src : undefined);
  const path = variable === src ? undefined : src;
  if (variable !== undefined && path === undefined && isVariable(variable))
    return { id, source: { kind: 'variable', variable } };
  if (path !== undefined && path !== '' && variable === undefined) return { id, source: { kind: 'file', path } };
  throw new Error(rule);
}

function parseVariableSecret(text: string): Omit<SecretInput, 'input'> {
  const rule = 'ID=VARIABLE is needed, with the name of a variable';
  const [id, variable] = splitPair(text.trim(), rule);
  if (!isVariable(variable)) throw new Error(rule);
  return { id, source: { kind: 'variable', variable } };
}

function parseFileSecret(text: string): Omit<SecretInput, 'input'> {
  const rule = 'ID=path is needed';
  const [id, path] = splitPair(text.trim(), rule);
  if (path === '') throw new Error(rule);
  return { id, source: { kind: 'file', path } };
}

function parseSsh(text: string): SshInput {
  const [id = '', paths] = text.split(/=(.*)/s);
  if (!isId(id) || paths === '') throw new Error('`default`, an id, or ID=path of a socket or key is needed');
  // buildx reads its definition as HCL, which would change these
  if (/[\u0000-\u001f\u007f]/.test(text) || text.normalize('NFC') !== text)
    throw new Error('a path must be without control characters, and Unicode in its composed form (NFC)');
  return { id, paths: paths === undefined ? [] : paths.split(',') };
}

function splitPair(text: string, rule: string): readonly [string, string] {
  const at = text.indexOf('=');
  const id = text.slice(0, Math.max(0, at)).trimStart();
  if (!isId(id)) throw new Error(rule);
  return [id, text.slice(at + 1)];
}

function splitFields(text: string): readonly string[] {
  return splitRaw(text, 'split');
}

function isId(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_./:@-]{0,127}$/.test(text);
}

function isVariable(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}
