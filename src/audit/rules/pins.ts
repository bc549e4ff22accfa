import type { DockerfileFacts } from '../dockerfile-facts.ts';
import { atLine, commandsIn, judgeDockerfile } from '../dockerfile-view.ts';
import { type Answer, answerBy, notApplicable, type Sighting, unknownBecause } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { type Installation, normalize, readInstallations, readRequirementLines } from '../pins.ts';
import { readProjectFile, takesIn } from '../project-file.ts';
import { hasOption } from '../python-installs.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';

/** Whether the same packages come at each build, as far as it is written down. */
export const pinRules: readonly Rule[] = [
  {
    id: 'deps-unpinned',
    stride: 'reproducible',
    severity: 'high',
    title: 'Python packages are installed in whatever version is newest',
    why: 'Two builds of one commit differ: after six months some packages are new ones, after two years all of them, and the bug that you fix today ships with their changes.',
    remedy:
      '# once, and again to update\nuv pip compile --generate-hashes requirements.in -o requirements.txt\n# Dockerfile\nRUN pip install --no-cache-dir --require-hashes -r requirements.txt',
    ignoreWhen: 'the package is a tool that leaves nothing in the image',
    needs: 'dockerfile',
    judge: judgePins,
  },
  {
    id: 'lock-missing',
    stride: 'reproducible',
    severity: 'high',
    title: 'The project says what it needs, and nowhere in which versions',
    why: 'Only a lock file has the whole set, down to the dependencies of dependencies, that was tested together.',
    remedy:
      'uv lock   # and commit uv.lock\n# Dockerfile\nCOPY pyproject.toml uv.lock ./\nRUN uv sync --locked --no-dev',
    ignoreWhen: 'the image is there to test a library against the newest versions',
    needs: 'dockerfile',
    judge: (facts) => judgeDockerfile(facts, (_, dockerfile) => judgeLock(dockerfile)),
  },
  {
    id: 'unhashed-dependencies',
    stride: 'secure',
    severity: 'medium',
    title: 'Packages are installed without their hashes',
    why: 'A version can be given another file, by whoever takes over the index or the account: with hashes pip refuses it.',
    remedy: 'uv pip compile --generate-hashes requirements.in -o requirements.txt',
    ignoreWhen: 'a private index builds its packages anew under the same version',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (view, dockerfile) => {
        const read = readInstallations(view, dockerfile).filter(({ requirements }) =>
          requirements.some(({ lines }) => lines.length > 0),
        );
        if (read.length === 0) return notApplicable('no requirements file is installed from');
        return answerBy(
          read.flatMap(({ at, install, requirements }) => {
            const bare = requirements.find(({ lines }) => lines.some(({ hasHash }) => !hasHash));
            return bare === undefined || hasOption(install, '--require-hashes')
              ? []
              : [atLine(at, `${bare.file} has packages without a hash`)];
          }),
        );
      }),
  },
  {
    id: 'vcs-unpinned',
    stride: 'reproducible',
    severity: 'medium',
    title: 'Code is fetched from a branch',
    why: 'A branch or a tag moves; a commit does not.',
    remedy: 'RUN pip install git+https://github.com/acme/lib.git@0123456789abcdef0123456789abcdef01234567',
    ignoreWhen: 'the tag is of a repository of your own, and protected',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (view, dockerfile) => {
        const urls = readInstallations(view, dockerfile).flatMap(({ at, install }) =>
          install.urls.filter(isFloatingUrl).map(() => atLine(at, 'it installs from a repository without a commit')),
        );
        const files = [...dockerfile.contextTexts].flatMap(([path, text]): Sighting[] =>
          /requirements[^/]*\.txt$/.test(path) &&
          takesIn(dockerfile, path) &&
          text.split('\n').some((line) => /^[^#]*\bgit\+/.test(line) && isFloatingUrl(line.trim()))
            ? [{ subject: { kind: 'image' }, detail: `${path} names a repository without a commit` }]
            : [],
        );
        return answerBy([...urls, ...files]);
      }),
  },
  {
    id: 'tools-unpinned',
    stride: 'reproducible',
    severity: 'low',
    title: 'The tool that installs comes in whatever version is newest',
    why: 'A new pip, uv or Poetry may resolve, build or refuse otherwise than the one of yesterday.',
    remedy: 'COPY --from=ghcr.io/astral-sh/uv:0.9.5 /uv /bin/uv\n# or\nRUN pip install --no-cache-dir poetry==2.2.1',
    ignoreWhen: 'the lock file is enforced with hashes, and the tool leaves nothing in the image',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (view, dockerfile) =>
        answerBy([
          ...readInstallations(view, dockerfile).flatMap(({ at, install }) =>
            install.names
              .filter((name) => isTool(name) && !isExact(name))
              .map((name) => atLine(at, `${name} is not pinned`)),
          ),
          ...view.contributing.flatMap(({ instructions }) =>
            instructions.flatMap((at) =>
              at.flags.some(
                ([name, value]) => name === 'from' && /(?:^|\/)uv(?::latest)?$/.test(value) && value.includes('/'),
              )
                ? [atLine(at, 'it takes uv from its newest image')]
                : [],
            ),
          ),
        ]),
      ),
  },
  {
    id: 'conda-env-unlocked',
    stride: 'reproducible',
    severity: 'medium',
    title: 'A conda environment is made from ranges',
    why: 'conda resolves anew at each build, over two package systems: no two environments are the same.',
    remedy: 'conda-lock -f environment.yml -p linux-64\n# Dockerfile\nRUN conda-lock install --name app conda-lock.yml',
    ignoreWhen: 'every line of environment.yml names a version and a build',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          commandsIn(contributing).flatMap(({ at, command }) => {
            const isConda = /^(?:conda|mamba|micromamba)$/.test(programOf(command));
            const file = command.words.find((word) => /(?:^|\/)environment[^/]*\.ya?ml$/.test(word));
            return isConda && file !== undefined && command.words.some((word) => word === 'create' || word === 'update')
              ? [atLine(at, `it resolves ${file} anew`)]
              : [];
          }),
        ),
      ),
  },
];

/** Programs that build and install, and nothing that runs in production. */
const tools = new Set([
  'pip',
  'setuptools',
  'wheel',
  'build',
  'uv',
  'poetry',
  'poetry-core',
  'pdm',
  'pipenv',
  'hatch',
  'hatchling',
  'flit',
  'pip-tools',
  'virtualenv',
  'maturin',
  'cython',
  'scikit-build-core',
  'meson-python',
  'ninja',
  'cmake',
  'pybind11',
  'cffi',
  'conda-lock',
  'pipx',
  'poetry-plugin-export',
]);

export function isTool(name: string): boolean {
  return tools.has(normalize(/^[\w.-]+/.exec(name)?.[0] ?? ''));
}

function isExact(name: string): boolean {
  return /===?\s*[^*,]+$|\$/.test(name) || /@.*[0-9a-f]{40}/.test(name);
}

/** Addresses of repositories without a commit; of an archive the address itself is the version. */
function isFloatingUrl(url: string): boolean {
  return /(?:git|hg|svn|bzr)\+/.test(url) && !/@[0-9a-f]{40}\b/i.test(url) && !/\$/.test(url);
}

function judgePins(facts: ImageFacts): Answer {
  return judgeDockerfile(facts, (view, dockerfile) => {
    const all = readInstallations(view, dockerfile);
    if (all.length === 0) return notApplicable('the Dockerfile installs no Python packages');
    const found = all.flatMap((one) => findLoose(one));
    if (found.length > 0) return answerBy(found);
    const [missing] = all.flatMap((one) => one.missing);
    return missing === undefined ? { kind: 'pass' } : unknownBecause(`${missing} is not in the context`);
  });
}

function findLoose({ at, install, requirements, constraints, missing }: Installation): readonly Sighting[] {
  if (hasOption(install, '--no-index') || install.verb === 'env') return [];
  // what a constraint pins is pinned; a file of them that cannot be read may pin anything
  if (constraints.length === 0 && install.constraints.length > 0 && missing.length > 0) return [];
  const held = new Set(
    constraints.flatMap(({ lines }) => lines.flatMap(({ name, isPinned }) => (isPinned ? [name] : []))),
  );
  const isHeld = (name: string): boolean => held.has(normalize(/^[\w.-]+/.exec(name)?.[0] ?? ''));
  const names =
    install.by === 'conda' ? [] : install.names.filter((name) => !isTool(name) && !isExact(name) && !isHeld(name));
  const lines = requirements.flatMap(({ file, lines: all }) => {
    const loose = all.filter(({ name, isPinned }) => !isPinned && !isTool(name) && !held.has(name));
    const [first, ...others] = loose;
    if (first === undefined) return [];
    return [
      `${file}:${first.line} leaves the version of ${first.name} open${others.length > 0 ? `, and ${others.length} more` : ''}`,
    ];
  });
  return [...names.map((name) => `${name.replace(/[^\w.[\],<>=!~ -].*$/, '')} is not pinned`), ...lines].map((detail) =>
    atLine(at, detail),
  );
}

function judgeLock(dockerfile: DockerfileFacts): Answer {
  const { contextFiles, contextTexts } = dockerfile;
  const project = readProjectFile(dockerfile);
  const wanted =
    project !== undefined && project.dependencies.length > 0
      ? 'pyproject.toml'
      : ['requirements.in', 'Pipfile', 'environment.yml'].find(
          (name) => contextFiles.includes(name) && takesIn(dockerfile, name),
        );
  if (wanted === undefined) return notApplicable('the context has no project that names what it needs');
  const isLock = (path: string): boolean =>
    /(?:^|\/)(?:uv\.lock|poetry\.lock|pdm\.lock|Pipfile\.lock|conda-lock\.yml|pylock(?:\.[^/]+)?\.toml|(?:conda-)?explicit[^/]*\.txt)$/.test(
      path,
    );
  if (contextFiles.some(isLock) || [...contextTexts.keys()].some(isLock)) return { kind: 'pass' };
  const compiled = [...contextTexts].some(([path, text]) => {
    const lines = /(?:requirements|constraints)[^/]*\.txt$|requirements\/[^/]+\.txt$/.test(path)
      ? readRequirementLines(text)
      : [];
    return lines.length > 0 && lines.every(({ isPinned }) => isPinned);
  });
  return answerBy(
    compiled ? [] : [{ subject: { kind: 'image' }, detail: `${wanted} is in the context, and no lock file beside it` }],
  );
}
