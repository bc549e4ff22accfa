import { atLine, commandsIn, isForDevelopment, judgeDockerfile } from '../dockerfile-view.ts';
import { endOfLife } from '../end-of-life.ts';
import { type Answer, answerBy, notApplicable, unknownBecause } from '../finding.ts';
import { type ImageFacts, textOf } from '../image-facts.ts';
import { mainPython, minorOf } from '../main-python.ts';
import { readProjectFile } from '../project-file.ts';
import { meetsRequirement } from '../python-requirement.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';
import { judgeEnvironments } from '../virtual-environments.ts';

/** Which Python there is, and whether it finds its packages. */
export const pythonRules: readonly Rule[] = [
  {
    id: 'venv-relocated',
    stride: 'working',
    severity: 'high',
    title: 'A virtual environment points to an interpreter that is not in the image',
    why: 'A virtual environment holds absolute paths: moved, or put on another base, its programs answer "not found" and its packages are not seen.',
    remedy:
      'FROM python:3.13-slim-trixie AS build\nRUN python -m venv /opt/venv\n# the same base, the same path\nFROM python:3.13-slim-trixie\nCOPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH',
    ignoreWhen: 'nothing in the image uses that environment',
    needs: 'image',
    judge: judgeEnvironments,
  },
  {
    id: 'requires-python',
    stride: 'working',
    severity: 'high',
    title: 'The project asks for another Python than the image has',
    why: 'Code for a newer Python fails at import or, worse, at the line that needs it; installers that are told to look away do not notice.',
    remedy: '# the base of the version that pyproject.toml asks for\nFROM python:3.13-slim-trixie',
    ignoreWhen: 'pyproject.toml belongs to something else than what this image runs',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (_, dockerfile) => {
        const wanted = readProjectFile(dockerfile)?.requiresPython ?? '';
        if (wanted === '') return notApplicable('no pyproject.toml that the Dockerfile takes in says requires-python');
        const python = mainPython(facts);
        if (python === undefined || python.version === '')
          return unknownBecause('which Python the image runs is not known');
        const meets = meetsRequirement(python.version, wanted);
        if (meets === undefined)
          return unknownBecause(`whether ${python.version} is in ${JSON.stringify(wanted)} cannot be told`);
        const detail = `${python.path} is ${python.version}, and the project requires ${wanted}`;
        return answerBy(meets ? [] : [{ subject: { kind: 'package', name: 'python' }, detail }]);
      }),
  },
  {
    id: 'python-eol',
    stride: 'secure',
    severity: 'high',
    title: 'The image runs a Python that nobody repairs any more',
    why: 'After its end of life a Python gets no security fixes: five years after its first release, on a day known years before.',
    remedy: 'FROM python:3.13-slim-trixie',
    ignoreWhen: 'a vendor still supports this Python under a contract of yours',
    needs: 'image',
    judge: judgeAge,
  },
  {
    id: 'venv-activate-in-run',
    stride: 'working',
    severity: 'medium',
    title: 'A virtual environment is activated in a RUN and forgotten after it',
    why: 'Each RUN is a shell of its own: what activate sets is gone at the next instruction and when the container starts.',
    remedy: 'ENV VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:$PATH',
    ignoreWhen: 'all that needs the environment happens in that RUN',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ shipped }) => {
        const isSet = shipped.some(({ instructions }) =>
          instructions.some(
            ({ keyword, variables }) =>
              keyword === 'ENV' && variables.some(([, value]) => /venv|virtualenv|\benv\/bin/i.test(value ?? '')),
          ),
        );
        const seen = commandsIn(shipped).filter(
          ({ command, at }) =>
            ['.', 'source'].includes(programOf(command)) &&
            (command.words[1] ?? '').endsWith('/bin/activate') &&
            at.commands.at(-1) === command,
        );
        return answerBy(
          isSet ? [] : seen.map(({ at }) => atLine(at, 'it activates an environment, and nothing after it does')),
        );
      }),
  },
  {
    id: 'duplicate-pythons',
    stride: 'small',
    severity: 'low',
    title: 'The image has more than one Python',
    why: 'Two interpreters are two standard libraries (about 50 MB each) and two places where a package may be missing.',
    remedy: '# one of both: the official image, or the distribution’s package\nFROM python:3.13-slim-trixie',
    ignoreWhen: 'a tool in the image needs the other one',
    needs: 'image',
    judge: (facts) => {
      if (isForDevelopment(facts)) return notApplicable('the stage is one for development');
      const homes = new Map<string, string>();
      for (const { path } of facts.pythons) {
        const target = facts.tree.resolve(path)?.path ?? path;
        if (!homes.has(target)) homes.set(target, path);
      }
      const [first, ...others] = [...homes.keys()].sort();
      return answerBy(
        others.map((one) => ({ subject: { kind: 'image' }, detail: `${first} and ${one} are both there` })),
      );
    },
  },
];

function judgeAge(facts: ImageFacts): Answer {
  if (facts.pythons.length === 0) return notApplicable('there is no Python in the image');
  const python = mainPython(facts);
  const minor = python === undefined ? '' : minorOf(python);
  if (python === undefined || minor === '') return unknownBecause('which Python the image runs is not known');
  // what a distribution brings along it repairs itself, as long as it is supported
  if (
    (facts.tree.resolve(python.path)?.path ?? '').startsWith('/usr/bin/') &&
    textOf(facts.tree.resolve('/etc/os-release')?.entry.content) !== undefined
  )
    return notApplicable(`${python.path} is the distribution’s own: see distro-eol`);
  const end = endOfLife.python.get(minor);
  if (end === undefined) return unknownBecause(`the end of life of Python ${minor} is not in the table`);
  const detail = `${python.path} is Python ${minor}, whose support ended on ${end}`;
  return answerBy(facts.day > end ? [{ subject: { kind: 'package', name: 'python' }, detail }] : []);
}
