import {
  type BytecodeFacts,
  type ImportFacts,
  known,
  type Probed,
  type PythonProbe,
  type StaticFacts,
  unprobed,
} from '../../audit/probe-facts.ts';

/** Reads what `python.py` printed; undefined where it did not come to that. Every text of it comes from the image.
 * @param token with which its line begins, known to nobody else.
 * @param show makes a text fit to be shown. */
export function parsePythonReport(
  output: string,
  token: string,
  show: (text: string) => string,
): PythonProbe | undefined {
  const line = output.split('\n').findLast((one) => one.startsWith(`${token} `));
  const root = line === undefined ? undefined : parse(line.slice(token.length + 1));
  if (root === undefined) return undefined;
  const read = <T>(name: string, make: (value: unknown) => T): Probed<T> => readField(fields(root[name]), make, show);
  const text = (value: unknown): string => show(plain(value)).slice(0, 300);
  const version = read('version', text);
  const executable = read('executable', text);
  return {
    version: version.kind === 'known' ? version.value : '',
    executable: executable.kind === 'known' ? executable.value : '',
    user: read('user', (value) => {
      const { uid, named, home, homeTrouble, temporaryTrouble } = fields(value);
      return {
        uid: count(uid),
        named: truth(named),
        home: text(home),
        homeTrouble: text(homeTrouble),
        temporaryTrouble: text(temporaryTrouble),
      };
    }),
    trust: read('trust', (value) => {
      const { certificates, certifi } = fields(value);
      return { certificates: truth(certificates), certifi: truth(certifi) };
    }),
    zones: read('zones', (value) => (value === null ? undefined : truth(value))),
    encodings: read('encodings', (value) => ({
      files: text(fields(value)['files']),
      output: text(fields(value)['output']),
    })),
    losesOutput: read('losesOutput', truth),
    conflicts: read('conflicts', (value) => list(value).slice(0, 50).map(text)),
    programs: read('programs', (value) => {
      const { python, python3, pip, pipPython, virtualEnv } = fields(value);
      return {
        python: text(python),
        python3: text(python3),
        pip: text(pip),
        pipPython: text(pipPython),
        virtualEnv: text(virtualEnv),
      };
    }),
    imports: read('imports', (value) =>
      list(value)
        .slice(0, 50)
        .map((one) => readImport(fields(one), text)),
    ),
    own: read('own', (value) =>
      list(value)
        .slice(0, 50)
        .map((one) => ({ name: text(fields(one)['name']), version: text(fields(one)['version']) })),
    ),
    bytecode: read('bytecode', (value) => list(value).flatMap((one) => readBytecode(fields(one), text))),
    staticFiles: read('staticFiles', (value) => (value === null ? undefined : readStatic(fields(value), text))),
  };
}

type Text = (value: unknown) => string;

function readField<T>(
  field: Readonly<Record<string, unknown>>,
  make: (value: unknown) => T,
  show: (text: string) => string,
): Probed<T> {
  if ('error' in field) return unprobed(show(plain(field['error'])).slice(0, 300));
  if (!('value' in field)) return unprobed('the image’s Python did not come to that');
  try {
    return known(make(field['value']));
  } catch (error) {
    return unprobed(
      `the image’s Python answered something else: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function readImport(one: Readonly<Record<string, unknown>>, text: Text): ImportFacts {
  return {
    module: text(one['module']),
    failure: text(one['failure']),
    message: text(one['message']),
    compiled: list(one['compiled']).slice(0, 20).map(text),
    compiledCount: count(one['compiledCount']),
  };
}

function readBytecode(one: Readonly<Record<string, unknown>>, text: Text): readonly BytecodeFacts[] {
  const kind = one['kind'];
  if (kind !== 'stdlib' && kind !== 'site' && kind !== 'app') return [];
  return [
    {
      kind,
      sources: count(one['sources']),
      loaded: count(one['loaded']),
      missing: count(one['missing']),
      stale: list(one['stale']).slice(0, 20).map(text),
      staleCount: count(one['staleCount']),
      foreign: list(one['foreign']).slice(0, 20).map(text),
      foreignCount: count(one['foreignCount']),
      otherLevel: count(one['otherLevel']),
    },
  ];
}

function readStatic(one: Readonly<Record<string, unknown>>, text: Text): StaticFacts {
  return { root: text(one['root']), files: count(one['files']), servedBy: text(one['servedBy']) };
}

function parse(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return fields(JSON.parse(json));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // cut off, as its output was
    throw error;
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('no list');
  return value;
}

function plain(value: unknown): string {
  if (typeof value !== 'string') throw new Error('no text');
  return value;
}

function truth(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error('neither true nor false');
  return value;
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Error('no count');
  return value;
}
