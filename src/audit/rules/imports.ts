import { type Answer, answerBy, notApplicable, unknownBecause } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { byPython, seenInConfig, seenInImage } from '../probed.ts';
import type { ImportFacts, ProgramFacts } from '../python-probe.ts';
import type { Rule } from '../rule.ts';

/** Whether the image's Python finds what it needs. */
export const importRules: readonly Rule[] = [
  {
    id: 'import-smoke',
    stride: 'working',
    severity: 'high',
    title: 'A module of the image cannot be imported',
    why: 'What is missing or broken shows at the first import: at the start, or in the middle of the night in the module that only one job uses.',
    remedy: 'RUN pip install --no-cache-dir -r requirements.txt && python -c "import app"',
    ignoreWhen: 'the module is for another system, or for an extra that is left out on purpose',
    needs: 'probes',
    judge: (facts) => byPython(facts, ({ imports }) => imports, judgeImports),
  },
  {
    id: 'pip-check',
    stride: 'working',
    severity: 'medium',
    title: 'Installed packages do not fit each other',
    why: 'A requirement that is not met is an ImportError or a wrong behaviour that no test of the single packages shows.',
    remedy: 'RUN pip install --no-cache-dir -r requirements.txt && pip check',
    ignoreWhen: 'a package is left out or replaced by a fork on purpose',
    needs: 'probes',
    judge: (facts) =>
      byPython(
        facts,
        ({ conflicts }) => conflicts,
        (conflicts) =>
          answerBy(
            conflicts.map((detail) => ({ subject: { kind: 'package', name: detail.split(' ')[0] ?? '' }, detail })),
          ),
      ),
  },
  {
    id: 'wrong-interpreter-on-path',
    stride: 'working',
    severity: 'medium',
    title: 'Different Pythons answer to python, python3 and pip',
    why: 'What `pip` installs is then not what `python` finds, and it depends on the spelling which program runs.',
    remedy: 'ENV PATH=/opt/venv/bin:$PATH',
    ignoreWhen: 'the other Python belongs to a tool of the system that is called by its own path',
    needs: 'probes',
    judge: (facts) =>
      byPython(
        facts,
        ({ programs }) => programs,
        (programs) => judgePrograms(programs, facts),
      ),
  },
  {
    id: 'version-visible',
    stride: 'debuggable',
    severity: 'low',
    title: 'The project’s package was installed without its version',
    why: 'Who looks for a bug has to know what runs; `0.0.0` is what tools write that found no git history in the build.',
    remedy: 'ARG VERSION\nRUN SETUPTOOLS_SCM_PRETEND_VERSION=$VERSION pip install .',
    ignoreWhen: 'the project has no versions',
    needs: 'probes',
    judge: (facts) =>
      byPython(
        facts,
        ({ own }) => own,
        (own) =>
          own.length === 0
            ? notApplicable('no package of the image was installed from a folder')
            : answerBy(
                own
                  .filter(({ version }) => isNoVersion(version))
                  .map(({ name, version }) => ({
                    subject: { kind: 'package', name },
                    detail: `${name} says that it is version ${JSON.stringify(version)}`,
                  })),
              ),
      ),
  },
  {
    id: 'old-pip',
    stride: 'fast',
    severity: 'low',
    title: 'pip is too old for today’s wheels',
    why: 'pip before 20.3 does not know `manylinux_2_17` and later tags (PEP 600): it builds from source what others download in a second.',
    remedy: 'RUN python -m pip install --no-cache-dir --upgrade pip',
    ignoreWhen: 'nothing is installed with it',
    needs: 'image',
    judge: judgePip,
  },
];

/** What no missing service and no missing setting explains. */
const broken = new Set(['ImportError', 'SyntaxError']);

function judgeImports(imports: readonly ImportFacts[]): Answer {
  if (imports.length === 0) return notApplicable('neither the command nor an installed project names a module');
  const failed = imports.filter(({ failure }) => broken.has(failure));
  if (failed.length > 0)
    return answerBy(failed.map(({ module, message }) => seenInImage(`import ${module}: ${message}`)));
  const [unsure] = imports.filter(({ failure }) => failure !== '');
  if (unsure === undefined) return { kind: 'pass' };
  const how = unsure.failure === 'late' ? 'did not end in time' : `ended with ${unsure.failure} (${unsure.message})`;
  return unknownBecause(`import ${unsure.module} ${how}; it may need variables or services, or be the program itself`);
}

function judgePrograms({ python, python3, pip, pipPython, virtualEnv }: ProgramFacts, { tree }: ImageFacts): Answer {
  const [first] = [python, python3].filter((path) => path !== '');
  if (first === undefined) return notApplicable('no Python is on PATH');
  const apart = python !== '' && python3 !== '' && folderOf(python) !== folderOf(python3);
  // an environment of uv's has no pip, and its base's stays on PATH: nobody installs with that
  const isBare =
    tree.at(`${folderOf(folderOf(first))}/pyvenv.cfg`) !== undefined && tree.at(`${folderOf(first)}/pip`) === undefined;
  const foreign =
    pip !== '' && pipPython !== '' && !isBare && ![pip, pipPython].some((path) => folderOf(path) === folderOf(first));
  const unused = virtualEnv !== '' && folderOf(first) !== `${virtualEnv.replace(/\/+$/, '')}/bin`;
  return answerBy([
    ...(apart ? [seenInConfig('Env', `python is ${python}, and python3 is ${python3}`)] : []),
    ...(foreign ? [seenInConfig('Env', `python is ${first}, and pip installs for ${pipPython}`)] : []),
    ...(unused ? [seenInConfig('Env', `VIRTUAL_ENV is ${virtualEnv}, and python is ${first}`)] : []),
  ]);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function isNoVersion(version: string): boolean {
  return /^0(?:\.0)*(?:$|[.+-]?(?:post|dev|unknown))|unknown/i.test(version) || version === '';
}

function judgePip({ packages }: ImageFacts): Answer {
  const pips = packages.filter(({ kind, name }) => kind === 'python' && name === 'pip');
  if (pips.length === 0) return notApplicable('there is no pip in the image');
  const old = pips.filter(({ version }) => {
    const [, major = '', minor = '0'] = /^(\d+)(?:\.(\d+))?/.exec(version) ?? [];
    return major !== '' && (Number(major) < 20 || (Number(major) === 20 && Number(minor) < 3));
  });
  return answerBy(
    old.map(({ version }) => ({ subject: { kind: 'package', name: 'pip' }, detail: `pip is ${version}` })),
  );
}
