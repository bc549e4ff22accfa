import { known, type Probed, unprobed } from '../../audit/probed-value.ts';
import type {
  BytecodeFacts,
  ImportFacts,
  ProgramFacts,
  PythonProbe,
  StaticFacts,
  UserFacts,
} from '../../audit/python-probe.ts';
import { formatThrown } from '../../errors.ts';
import { count, fields, list, plain, truth } from './read-answer.ts';

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
    user: read('user', (value) => readUser(fields(value), text)),
    trust: read('trust', (value) => {
      const { certificates, certifi } = fields(value);
      return { certificates: truth(certificates), certifi: truth(certifi) };
    }),
    zones: read('zones', (value) => (value === null ? undefined : truth(value))),
    encodings: read('encodings', (value) => {
      const found = fields(value);
      return { files: text(found['files']), output: text(found['output']) };
    }),
    losesOutput: read('losesOutput', truth),
    conflicts: read('conflicts', (value) => list(value).slice(0, 50).map(text)),
    programs: read('programs', (value) => readPrograms(fields(value), text)),
    imports: read('imports', (value) => some(value).map((one) => readImport(one, text))),
    own: read('own', (value) => some(value).map((one) => ({ name: text(one['name']), version: text(one['version']) }))),
    bytecode: read('bytecode', (value) => list(value).flatMap((one) => readBytecode(fields(one), text))),
    staticFiles: read('staticFiles', (value) => (value === null ? undefined : readStatic(fields(value), text))),
  };
}

type Text = (value: unknown) => string;
type Fields = Readonly<Record<string, unknown>>;

function readField<T>(field: Fields, make: (value: unknown) => T, show: (text: string) => string): Probed<T> {
  if ('error' in field) return unprobed(show(plain(field['error'])).slice(0, 300));
  if (!('value' in field)) return unprobed('the image’s Python did not come to that');
  try {
    return known(make(field['value']));
  } catch (error) {
    return unprobed(`the image’s Python answered something else: ${formatThrown(error)}`);
  }
}

/** So many that an image cannot fill a report with them. */
function some(value: unknown): readonly Fields[] {
  return list(value).slice(0, 50).map(fields);
}

function readUser({ uid, named, home, homeTrouble, temporaryTrouble }: Fields, text: Text): UserFacts {
  return {
    uid: count(uid),
    named: truth(named),
    home: text(home),
    homeTrouble: text(homeTrouble),
    temporaryTrouble: text(temporaryTrouble),
  };
}

function readPrograms({ python, python3, pip, pipPython, virtualEnv }: Fields, text: Text): ProgramFacts {
  return {
    python: text(python),
    python3: text(python3),
    pip: text(pip),
    pipPython: text(pipPython),
    virtualEnv: text(virtualEnv),
  };
}

function readImport(one: Fields, text: Text): ImportFacts {
  return {
    module: text(one['module']),
    failure: text(one['failure']),
    message: text(one['message']),
    compiled: list(one['compiled']).slice(0, 20).map(text),
    compiledCount: count(one['compiledCount']),
  };
}

function readBytecode(one: Fields, text: Text): readonly BytecodeFacts[] {
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

function readStatic(one: Fields, text: Text): StaticFacts {
  return { root: text(one['root']), files: count(one['files']), servedBy: text(one['servedBy']) };
}

function parse(json: string): Fields | undefined {
  try {
    return fields(JSON.parse(json));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // cut off, as its output was
    throw error;
  }
}
