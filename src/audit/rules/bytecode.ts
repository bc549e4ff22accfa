import { atLine, commandsIn, isForDevelopment, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, notApplicable, type Sighting, unknownBecause } from '../finding.ts';
import { atFile, formatMegabytes, isOwn, visibleEntries } from '../image-files.ts';
import { mainPython, minorOf } from '../main-python.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';

/** Compiled modules: whether anything reads them. */
export const pycRules: readonly Rule[] = [
  {
    id: 'pyc-wrong-tag',
    stride: 'operable',
    severity: 'medium',
    title: 'Bytecode of another Python is in the image',
    why: 'The interpreter looks for files with its own version in their names: all others ship, and it compiles anew at each start.',
    remedy:
      '# the same minor version in both stages, and nothing compiled on the host\n# .dockerignore\n**/__pycache__',
    ignoreWhen: 'several interpreters in the image share the code',
    needs: 'image',
    judge: (facts) => {
      const minors = new Set(facts.pythons.map(minorOf));
      if (facts.pythons.length === 0) return notApplicable('there is no Python in the image');
      if (minors.has('')) return unknownBecause('not every Python’s version is known');
      const found = new Map<string, { path: string; layer: number; files: number; bytes: number }>();
      for (const { path, entry } of visibleEntries(facts)) {
        const [, major, minor] = /\/__pycache__\/[^/]+\.cpython-(\d)(\d+)(?:\.opt-\w+)?\.pyc$/.exec(path) ?? [];
        if (major === undefined || minors.has(`${major}.${minor}`)) continue;
        const one = found.get(`${major}.${minor}`) ?? { path, layer: entry.layer, files: 0, bytes: 0 };
        found.set(`${major}.${minor}`, { ...one, files: one.files + 1, bytes: one.bytes + entry.size });
      }
      return answerBy(
        [...found].map(([version, one]) =>
          atFile(
            one,
            `${one.files} files (${formatMegabytes(one.bytes)}) are for Python ${version}, and the image has ${[...minors].join(' and ')}`,
          ),
        ),
      );
    },
  },
  {
    id: 'pyc-prefix-mismatch',
    stride: 'operable',
    severity: 'medium',
    title: 'PYTHONPYCACHEPREFIX hides the bytecode that is there',
    why: 'With the variable Python looks for compiled modules in that folder alone, and compiles all of them again.',
    remedy: '# leave the variable out of the image\nRUN PYTHONPYCACHEPREFIX= python -m compileall -q /app',
    ignoreWhen: 'the folder is filled when the image is built',
    needs: 'image',
    judge: (facts) => {
      const prefix = facts.config.env.get('PYTHONPYCACHEPREFIX') ?? '';
      if (prefix === '') return { kind: 'pass' };
      const isFilled = visibleEntries(facts).some(({ path }) => path.startsWith(`${prefix}/`) && path.endsWith('.pyc'));
      return answerBy(
        isFilled
          ? []
          : [
              {
                subject: { kind: 'config', field: 'Env' },
                detail: `PYTHONPYCACHEPREFIX is ${prefix}, where nothing is`,
              },
            ],
      );
    },
  },
  {
    id: 'pip-no-compile-inverted',
    stride: 'operable',
    severity: 'low',
    title: 'PIP_NO_COMPILE does the opposite of what it says',
    why: 'pip takes the variable for the value of --compile: with 1 it compiles, with 0 it does not.',
    remedy: 'RUN pip install --no-compile -r requirements.txt',
    ignoreWhen: 'never: say what is meant on the command line',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          contributing.flatMap(({ instructions }) =>
            instructions.flatMap((at) =>
              [...at.variables, ...at.commands.flatMap(({ assigned }) => assigned)].flatMap(([name, value]) =>
                name === 'PIP_NO_COMPILE'
                  ? [
                      atLine(
                        at,
                        `PIP_NO_COMPILE=${value ?? ''} means ${/^(?:0|false|no|off)$/i.test(value ?? '') ? '--no-compile' : '--compile'}`,
                      ),
                    ]
                  : [],
              ),
            ),
          ),
        ),
      ),
  },
  {
    id: 'uv-compile-missing',
    stride: 'operable',
    severity: 'medium',
    title: 'uv installs, and nothing compiles what it installed',
    why: 'Unlike pip, uv leaves modules uncompiled: each new container compiles them at its first import, and a read-only one at every start.',
    remedy: 'ENV UV_COMPILE_BYTECODE=1\n# or let this action do it\n# bytecode: true',
    ignoreWhen: 'the image is for development alone',
    needs: 'dockerfile',
    judge: (facts) => {
      if (isForDevelopment(facts)) return notApplicable('the stage is one for development');
      if (facts.layers.some(({ from }) => from === 'bytecode')) return { kind: 'pass' };
      return judgeDockerfile(facts, ({ contributing }) => {
        const all = commandsIn(contributing);
        const compiles = all.some(({ command }) => command.words.includes('compileall'));
        const isSet = (name: string, value: string | undefined): boolean =>
          name === 'UV_COMPILE_BYTECODE' && /^(?:1|true|yes|on)$/i.test(value ?? '');
        const seen = all.filter(({ at, stage, command }) => {
          const isInstall =
            programOf(command) === 'uv' &&
            (command.words[1] === 'sync' ||
              (command.words[1] === 'pip' && /^(?:install|sync)$/.test(command.words[2] ?? '')));
          const written = stage.instructions.some(
            ({ keyword, line, variables }) =>
              keyword === 'ENV' && line < at.line && variables.some(([name, value]) => isSet(name, value)),
          );
          const inherited = [...facts.config.env].some(([name, value]) => isSet(name, value));
          return (
            isInstall &&
            !written &&
            !inherited &&
            !command.words.includes('--compile-bytecode') &&
            !at.commands.some(({ assigned }) => assigned.some(([name, value]) => isSet(name, value)))
          );
        });
        return answerBy(compiles ? [] : seen.map(({ at }) => atLine(at, 'uv installs without --compile-bytecode')));
      });
    },
  },
  {
    id: 'compileall-no-args',
    stride: 'operable',
    severity: 'medium',
    title: 'compileall is not told what to compile',
    why: 'Without a folder it compiles what is on sys.path, not what is below it, and leaves out the options.',
    remedy: 'RUN python -m compileall -q /app /opt/venv/lib',
    ignoreWhen: 'never',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          commandsIn(contributing).flatMap(({ at, command }) => {
            const word = command.words.indexOf('compileall');
            if (word < 0 || command.words[word - 1] !== '-m') return [];
            const rest = command.words.slice(word + 1);
            const named =
              rest.some(
                (one, index) =>
                  !one.startsWith('-') &&
                  !/^-(?:[rdspxiojeb]|-invalidation-mode|-limit-sl-dest)$/.test(rest[index - 1] ?? ''),
              ) || rest.includes('-i');
            return named ? [] : [atLine(at, 'compileall has no folder')];
          }),
        ),
      ),
  },
  {
    id: 'pyc-unused-levels',
    stride: 'small',
    severity: 'low',
    title: 'Bytecode of a level that nothing reads is in the image',
    why: 'Each of -O and -OO has files of its own; a Python that is started without them never looks at those.',
    remedy: 'RUN python -m compileall -q /app',
    ignoreWhen: 'the image is started in several ways',
    needs: 'image',
    judge: (facts) => {
      const level = Number.parseInt(facts.config.env.get('PYTHONOPTIMIZE') ?? '0', 10) || 0;
      const flag = [...facts.config.entrypoint, ...facts.config.cmd].some(
        (word) => /^-O+$/.test(word) || /\s-O+\s/.test(word),
      );
      if (flag || level > 0) return notApplicable('the image asks for an optimised Python');
      let [files, bytes] = [0, 0];
      let first: Sighting | undefined;
      for (const { path, entry } of visibleEntries(facts))
        if (/\.opt-[12]\.pyc$/.test(path) && isOwn(facts, entry.layer)) {
          files += 1;
          bytes += entry.size;
          first ??= atFile({ path, layer: entry.layer }, path);
        }
      return answerBy(
        first === undefined || mainPython(facts) === undefined
          ? []
          : [{ ...first, detail: `${files} files (${formatMegabytes(bytes)}) are for -O or -OO` }],
      );
    },
  },
];
