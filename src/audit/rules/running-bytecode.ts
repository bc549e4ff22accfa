import { type Answer, answerBy, notApplicable } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { byPython, listSome, seenInImage } from '../probed.ts';
import type { BytecodeFacts } from '../python-probe.ts';
import type { Rule } from '../rule.ts';

const compileAll = 'bytecode: on # an input of Slipway';

/** Whether the image's Python loads bytecode, or compiles its modules anew in each container. */
export const bytecodeRules: readonly Rule[] = [
  uncompiled('app', {
    id: 'pyc-app-uncompiled',
    severity: 'medium',
    title: 'The project’s own modules are compiled at every start',
    remedy: `${compileAll}, or as the last step:\nRUN python -m compileall -q /app`,
  }),
  uncompiled('site', {
    id: 'pyc-deps-uncompiled',
    severity: 'medium',
    title: 'Installed packages are compiled at every start',
    remedy: `${compileAll}, or with uv:\nENV UV_COMPILE_BYTECODE=1`,
  }),
  uncompiled('stdlib', {
    id: 'pyc-stdlib-uncompiled',
    severity: 'low',
    title: 'The standard library is compiled at every start',
    remedy: `${compileAll}, or:\nRUN python -m compileall -q $(python -c "import sysconfig; print(sysconfig.get_path('stdlib'))")`,
  }),
  {
    id: 'pyc-stale',
    stride: 'operable',
    severity: 'high',
    title: 'The image ships bytecode that its Python does not load',
    why: 'It is carried along and never used: its source has another time or size, as after a copy that changed them, and is compiled at every start.',
    remedy: 'RUN python -m compileall -q -f --invalidation-mode unchecked-hash /app',
    ignoreWhen: 'the files are there for another Python than the one on PATH',
    needs: 'probes',
    judge: (facts) =>
      byBytecode(facts, (kinds) =>
        kinds
          .filter(({ staleCount }) => staleCount > 0)
          .map(
            ({ stale, staleCount }) =>
              `${counted(staleCount)} with a .pyc that is not loaded: ${listSome(stale, staleCount)}`,
          ),
      ),
  },
  {
    id: 'pyc-unchecked-stale',
    stride: 'operable',
    severity: 'high',
    title: 'The image runs other code than its sources say',
    why: 'A `.pyc` that Python is told not to check holds the code of an older source: what one reads is not what runs.',
    remedy: 'RUN python -m compileall -q -f --invalidation-mode unchecked-hash /app # after the last COPY',
    ignoreWhen: 'never: delete the .pyc, or compile it again',
    needs: 'probes',
    judge: (facts) =>
      byBytecode(facts, (kinds) =>
        kinds
          .filter(({ foreignCount }) => foreignCount > 0)
          .map(
            ({ foreign, foreignCount }) =>
              `${counted(foreignCount)} with the code of another one: ${listSome(foreign, foreignCount)}`,
          ),
      ),
  },
  {
    id: 'pyc-optimize-mismatch',
    stride: 'operable',
    severity: 'medium',
    title: 'The image’s bytecode is for another optimization level',
    why: 'With PYTHONOPTIMIZE only `.opt-1.pyc` (or 2) is loaded, without it only `.pyc`: all else is carried along for nothing.',
    remedy: 'RUN python -m compileall -q -o 1 /app # for PYTHONOPTIMIZE=1',
    ignoreWhen: 'both levels are there on purpose',
    needs: 'probes',
    judge: (facts) =>
      byBytecode(facts, (kinds) =>
        kinds
          .filter(({ otherLevel }) => otherLevel > 0)
          .map(
            ({ kind, otherLevel }) => `${counted(otherLevel)} of ${names[kind]} have bytecode of another level only`,
          ),
      ),
  },
  {
    id: 'import-compiles-source',
    stride: 'operable',
    severity: 'medium',
    title: 'Importing the project compiles modules',
    why: 'Each container compiles them again at its start and throws the result away; that takes 3 to 6 times as long as loading.',
    remedy: compileAll,
    ignoreWhen: 'it starts once a day, and size matters more',
    needs: 'probes',
    judge: (facts) =>
      byPython(
        facts,
        ({ imports }) => imports,
        (imports) => {
          const done = imports.filter(({ failure }) => failure === '');
          if (done.length === 0) return notApplicable('no module of the project could be imported');
          const compiled = done.filter(({ compiledCount }) => compiledCount > 0);
          return answerBy(
            compiled.map((one) =>
              seenInImage(
                `import ${one.module} compiled ${counted(one.compiledCount)}: ${listSome(one.compiled, one.compiledCount)}`,
              ),
            ),
          );
        },
      ),
  },
];

const names = { app: 'the project', site: 'the installed packages', stdlib: 'the standard library' } as const;

/** A few sources never compile (templates, tests for other Pythons): most of them is enough. */
const enough = 0.9;

function uncompiled(kind: BytecodeFacts['kind'], about: Pick<Rule, 'id' | 'severity' | 'title' | 'remedy'>): Rule {
  return {
    ...about,
    stride: 'operable',
    why: 'A container starts from the same files each time, so what it compiles is lost with it; loading bytecode is 3 to 6 times as quick.',
    ignoreWhen: 'the image’s size matters more than its start',
    needs: 'probes',
    judge: (facts) =>
      byBytecode(facts, (kinds) =>
        kinds
          .filter((one) => one.kind === kind && one.sources > 0 && one.missing / one.sources > 1 - enough)
          .map(({ sources, missing }) => `${missing} of ${counted(sources)} of ${names[kind]} have no .pyc`),
      ),
  };
}

function byBytecode(facts: ImageFacts, tell: (kinds: readonly BytecodeFacts[]) => readonly string[]): Answer {
  return byPython(
    facts,
    ({ bytecode }) => bytecode,
    (kinds) => answerBy(tell(kinds).map(seenInImage)),
  );
}

function counted(count: number): string {
  return count === 1 ? '1 source' : `${count} sources`;
}
