import type { BytecodeReport, RootKind } from './bytecode.ts';

/** Reads what the compile step wrote.
 * @throws Error that names the field, where anything but a report came. */
export function parseBytecodeReport(text: string): BytecodeReport {
  const report = fields(JSON.parse(text), 'report');
  if (report['format'] !== 1) throw new Error(`report.format is ${JSON.stringify(report['format'])}, 1 is known`);
  const prefix = report['pycachePrefix'];
  return {
    interpreters: all(report, 'interpreters', (one) => ({
      path: string(one, 'path'),
      version: string(one, 'version'),
      cacheTag: string(one, 'cacheTag'),
      magic: count(one, 'magic'),
      optimize: count(one, 'optimize'),
    })),
    roots: all(report, 'roots', (one) => ({
      path: string(one, 'path'),
      kind: rootKind(string(one, 'kind')),
      interpreter: string(one, 'interpreter'),
      own: boolean(one, 'own'),
      deep: boolean(one, 'deep'),
    })),
    pycachePrefix: prefix === null ? undefined : string(report, 'pycachePrefix'),
    compiled: count(report, 'compiled'),
    bytes: count(report, 'bytes'),
    unchanged: count(report, 'unchanged'),
    skipped: all(report, 'skipped', reasoned),
    failed: all(report, 'failed', (one) => ({
      path: string(one, 'path'),
      own: boolean(one, 'own'),
      message: string(one, 'message'),
      line: count(one, 'line'),
    })),
    removed: all(report, 'removed', reasoned),
    useless: list(report, 'useless').map((one, at) => {
      if (typeof one !== 'string') throw new Error(`useless[${at}] is no text`);
      return one;
    }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name} is no object`);
  return { ...value };
}

function list(of: Fields, name: string): readonly unknown[] {
  const value = of[name];
  if (!Array.isArray(value)) throw new Error(`${name} is no list`);
  return value;
}

function all<T>(of: Fields, name: string, parse: (one: Fields) => T): readonly T[] {
  return list(of, name).map((one, at) => parse(fields(one, `${name}[${at}]`)));
}

function string(of: Fields, name: string): string {
  const value = of[name];
  if (typeof value !== 'string') throw new Error(`${name} is no text`);
  return value;
}

function count(of: Fields, name: string): number {
  const value = of[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is no count`);
  return value;
}

function boolean(of: Fields, name: string): boolean {
  const value = of[name];
  if (typeof value !== 'boolean') throw new Error(`${name} is neither true nor false`);
  return value;
}

function reasoned(one: Fields): { readonly path: string; readonly reason: string } {
  return { path: string(one, 'path'), reason: string(one, 'reason') };
}

function rootKind(text: string): RootKind {
  switch (text) {
    case 'stdlib':
    case 'site':
    case 'venv':
    case 'app':
    case 'given':
      return text;
  }
  throw new Error(`kind is ${JSON.stringify(text)}`);
}
