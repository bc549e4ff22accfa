import { answerBy, notApplicable, type Sighting, unknownBecause } from '../finding.ts';
import { atFile, formatMegabytes, isOwn, visibleEntries } from '../image-files.ts';
import { mainPython, minorOf } from '../main-python.ts';
import type { Rule } from '../rule.ts';
import { compilingRules } from './compiling.ts';

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
  ...compilingRules,
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
