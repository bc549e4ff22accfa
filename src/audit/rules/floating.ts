import { atLine, commandsIn, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, type Sighting } from '../finding.ts';
import { readInstallations } from '../installations.ts';
import { isExact, isTool } from '../package-names.ts';
import { takesIn } from '../project-file.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';

/** What is fetched by a name that may mean something else tomorrow. */
export const floatingRules: readonly Rule[] = [
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

/** Addresses of repositories without a commit; of an archive the address itself is the version. */
function isFloatingUrl(url: string): boolean {
  return /(?:git|hg|svn|bzr)\+/.test(url) && !/@[0-9a-f]{40}\b/i.test(url) && !/\$/.test(url);
}
