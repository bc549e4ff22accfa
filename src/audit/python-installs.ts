import { programOf, type ShellCommand } from './shell-commands.ts';

/** A command that installs Python packages. */
export interface PythonInstall {
  readonly by: 'pip' | 'uv pip' | 'uv' | 'poetry' | 'pipenv' | 'pdm' | 'conda';
  /** `install`, `sync`, `add`. */
  readonly verb: string;
  /** What to install, as written: names with or without versions. */
  readonly names: readonly string[];
  /** Projects in folders, and files: `.`, `./dist/app.whl`. */
  readonly paths: readonly string[];
  /** Packages by URL, of a version control system too. */
  readonly urls: readonly string[];
  /** Files of `-r`. */
  readonly requirements: readonly string[];
  /** Files of `-c`. */
  readonly constraints: readonly string[];
  /** Words that begin with `-`, with their values. */
  readonly options: readonly (readonly [string, string])[];
}

export function hasOption({ options }: Pick<PythonInstall, 'options'>, ...names: readonly string[]): boolean {
  return options.some(([name]) => names.includes(name));
}

/** What a command installs of Python; undefined where it installs nothing, or cannot be told. */
export function readPythonInstall(command: ShellCommand): PythonInstall | undefined {
  const program = programOf(command);
  const rest = command.words.slice(1);
  if (/^python(?:3(?:\.\d+)?)?$/.test(program)) {
    const at = rest.indexOf('-m');
    const words = rest.slice(at + 1);
    return at < 0 || !/^(?:pip|uv|poetry|pipenv|pdm)$/.test(words[0] ?? '') ? undefined : readTool(words);
  }
  return readTool([program, ...rest]);
}

const verbs: Readonly<Record<PythonInstall['by'], RegExp>> = {
  pip: /^(?:install|wheel|download)$/,
  'uv pip': /^(?:install|sync)$/,
  uv: /^(?:sync|add)$/,
  poetry: /^(?:install|add|update|sync)$/,
  pipenv: /^(?:install|sync|update)$/,
  pdm: /^(?:install|sync|add|update)$/,
  conda: /^(?:install|create|update|env)$/,
};

function readTool([program = '', ...rest]: readonly string[]): PythonInstall | undefined {
  const { words, options: early } = skipOptions(rest);
  const [first = '', second = '', ...others] = words;
  if (program === 'uv' && first === 'pip') return readInstall('uv pip', second, { words: others, early });
  const by = toolOf(program);
  return by === undefined ? undefined : readInstall(by, first, { words: words.slice(1), early });
}

function toolOf(program: string): PythonInstall['by'] | undefined {
  if (/^pip(?:3(?:\.\d+)?)?$/.test(program)) return 'pip';
  if (/^(?:micro)?mamba$/.test(program)) return 'conda';
  const tools = ['uv', 'poetry', 'pipenv', 'pdm', 'conda'] as const;
  return tools.find((one) => one === program);
}

/** Options that stand before the verb. */
function skipOptions(rest: readonly string[]): {
  readonly words: readonly string[];
  readonly options: PythonInstall['options'];
} {
  const at = rest.findIndex((word, index) => !word.startsWith('-') && !takesValue.has(rest[index - 1] ?? ''));
  const end = at < 0 ? rest.length : at;
  return { words: rest.slice(end), options: rest.slice(0, end).map((word) => [word, ''] as const) };
}

function readInstall(
  by: PythonInstall['by'],
  verb: string,
  { words, early }: { readonly words: readonly string[]; readonly early: PythonInstall['options'] },
): PythonInstall | undefined {
  if (!verbs[by].test(verb)) return undefined;
  const names: string[] = [];
  const [paths, urls, options]: [string[], string[], [string, string][]] = [[], [], []];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word.startsWith('-')) {
      const [, name = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? /^(-[rceifC])(.+)$/s.exec(word) ?? [];
      const takes = value === undefined && takesValue.has(name);
      options.push([name, takes ? (words[at + 1] ?? '') : (value ?? '')]);
      if (takes) at += 1;
    } else if (/^(?:git\+|hg\+|svn\+|bzr\+|https?:|file:)|\s*@\s*(?:git\+|https?:)/.test(word)) urls.push(word);
    else if (isPath(word)) paths.push(word);
    else names.push(word);
  }
  const valuesOf = (...wanted: readonly string[]): readonly string[] =>
    options.flatMap(([name, value]) => (wanted.includes(name) ? [value] : []));
  const edited = valuesOf('-e', '--editable');
  const isSync = by === 'uv pip' && verb === 'sync';
  return {
    by,
    verb,
    names: isSync ? [] : names,
    paths: [...paths, ...edited.filter((one) => !/^(?:git|hg|svn|bzr)\+/.test(one))],
    urls: [...urls, ...edited.filter((one) => /^(?:git|hg|svn|bzr)\+/.test(one))],
    requirements: [...valuesOf('-r', '--requirement', '--requirements'), ...(isSync ? [...names, ...paths] : [])],
    constraints: valuesOf('-c', '--constraint', '--constraints'),
    options: [...early, ...options],
  };
}

function isPath(word: string): boolean {
  return (
    /^[./~]|\/|\.(?:whl|zip|tar\.gz|txt)(?:\[|$)/.test(word) || /^\$\{?\w+\}?$/.test(word) || word.startsWith('$(')
  );
}

/** Options of all these tools whose value is a word of its own. */
const takesValue: ReadonlySet<string> = new Set([
  ...['-r', '--requirement', '--requirements', '-c', '--constraint', '--constraints', '-e', '--editable'],
  ...['-i', '--index-url', '--extra-index-url', '--index', '--default-index', '--index-strategy', '-f', '--find-links'],
  ...['-t', '--target', '--prefix', '--root', '--src', '-p', '--python', '--python-version', '--platform', '--abi'],
  ...['--implementation', '--trusted-host', '--allow-insecure-host', '--cache-dir', '--timeout', '--retries'],
  ...['--progress-bar', '--root-user-action', '-C', '--config-settings', '--config-setting', '--no-binary'],
  ...[
    '--only-binary',
    '--upgrade-strategy',
    '--use-feature',
    '--proxy',
    '--cert',
    '--client-cert',
    '--log',
    '--report',
  ],
  ...['--exists-action', '--link-mode', '--resolution', '--prerelease', '--exclude-newer', '--torch-backend'],
  ...['--group', '--no-group', '--only-group', '--extra', '--no-extra', '--override', '--build-constraint', '-w'],
  ...['--wheel-dir', '-d', '--dest', '--with', '--without', '--only', '-E', '--extras', '-G', '-n', '--name', '--file'],
  ...['--project', '--directory', '-P', '--upgrade-package', '--no-build-package', '--package', '--channel', '-L'],
  ...['--keyring-provider', '--color', '--config-file', '--install-option', '--global-option'],
]);
