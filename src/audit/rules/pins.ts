import type { DockerfileFacts } from '../dockerfile-facts.ts';
import { atLine, judgeDockerfile } from '../dockerfile-view.ts';
import { type Answer, answerBy, notApplicable, type Sighting, unknownBecause } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { type Installation, readInstallations } from '../installations.ts';
import { isExact, isTool, normalizeName } from '../package-names.ts';
import { readProjectFile, takesIn } from '../project-file.ts';
import { hasOption } from '../python-installs.ts';
import { readRequirementLines } from '../requirements.ts';
import type { Rule } from '../rule.ts';

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
];

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
  const isHeld = (name: string): boolean => held.has(normalizeName(/^[\w.-]+/.exec(name)?.[0] ?? ''));
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
