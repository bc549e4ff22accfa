import { covers, readContextCopies } from '../../plan/context-refusal.ts';
import type { DockerfileFacts } from '../dockerfile-facts.ts';
import { judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, notApplicable, type Sighting } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** What is sent to the builder, and copied with all the rest. */
export const contextRules: readonly Rule[] = [
  {
    id: 'dockerignore-missing',
    stride: 'secure',
    severity: 'medium',
    title: 'Everything in the repository’s folder is copied, and no .dockerignore leaves anything out',
    why: 'Whatever lies there comes along: .git, local environments, .env files with passwords; and each of them makes the cache useless.',
    remedy: '# .dockerignore\n*\n!src\n!pyproject.toml\n!uv.lock',
    ignoreWhen: 'the context is made for the build and holds nothing else',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (_, dockerfile) => {
        const copy = copyOfAll(dockerfile);
        if (copy === undefined) return notApplicable('no COPY takes the whole context');
        return answerBy(
          dockerfile.ignore === undefined
            ? [
                {
                  subject: { kind: 'line', line: copy.line },
                  detail: 'it copies everything, and there is no .dockerignore',
                },
              ]
            : [],
        );
      }),
  },
  {
    id: 'dockerignore-incomplete',
    stride: 'secure',
    severity: 'medium',
    title: 'The Dockerfile copies what should stay outside',
    why: 'These files make each build another one, and may hold what nobody should be able to pull.',
    remedy: '# .dockerignore\n.git\n.env*\n*.pem\n.venv\n**/__pycache__\n**/.pytest_cache\nnode_modules',
    ignoreWhen: 'the application needs that file',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (_, dockerfile) => {
        const copy = copyOfAll(dockerfile);
        if (copy === undefined) return notApplicable('no COPY takes the whole context');
        if (dockerfile.ignore === undefined)
          return notApplicable('there is no .dockerignore: see dockerignore-missing');
        const seen = new Map<string, Sighting>();
        for (const path of dockerfile.contextFiles) {
          const [, found] = unwanted.exec(`/${path}`) ?? [];
          if (found === undefined || seen.has(found) || !copy.sources.some((source) => covers(source, path))) continue;
          seen.set(found, {
            subject: { kind: 'line', line: copy.line },
            detail: `it copies ${path}, which .dockerignore does not leave out`,
          });
        }
        return answerBy([...seen.values()]);
      }),
  },
  {
    id: 'proper-package',
    stride: 'reproducible',
    severity: 'info',
    title: 'The application is a folder of files, not a package',
    why: 'A package has a version, an entry point and a list of its files; a folder depends on where it lies and where it is started.',
    remedy: '# pyproject.toml\n[project]\nname = "app"\nversion = "1.0.0"\n[project.scripts]\napp = "app.cli:main"',
    ignoreWhen: 'it is a single script',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (_, { contextFiles }) => {
        const modules = contextFiles.filter((path) => path.endsWith('.py') && !/(?:^|\/)tests?\//.test(path));
        if (modules.length < 3) return notApplicable('there is no project of several modules');
        const isPackage = contextFiles.some((path) => /^(?:pyproject\.toml|setup\.(?:py|cfg))$/.test(path));
        return answerBy(
          isPackage
            ? []
            : [
                {
                  subject: { kind: 'image' },
                  detail: `${modules.length} modules, and neither pyproject.toml nor setup.py`,
                },
              ],
        );
      }),
  },
];

function copyOfAll({ text }: DockerfileFacts) {
  return readContextCopies(text).find(({ sources }) =>
    sources.some((source) => /^(?:\.\/?|\/|\*|\.\/\*)$/.test(source)),
  );
}

const unwanted =
  /\/(\.git|\.env(?!\.(?:example|sample|template|dist)(?:\/|$))(?:\.[^/]+)?|\.venv|venv|\.netrc|\.pypirc|\.aws|__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|node_modules|\.DS_Store|[^/]+\.pem|id_rsa|id_ed25519)(?:\/|$)/;
