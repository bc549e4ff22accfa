import { isForDevelopment } from '../dockerfile-view.ts';
import { answerBy, notApplicable, type Sighting } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { atFile, isOwn } from '../image-files.ts';
import type { Rule } from '../rule.ts';
import { serviceRules } from './services.ts';
import { sourceRules } from './sources.ts';

/** What a production image holds and does not need. */
export const contentRules: readonly Rule[] = [
  {
    id: 'build-tools-in-final',
    stride: 'small',
    severity: 'medium',
    title: 'Compilers are in the image',
    why: 'gcc and its company are 200 MB and more, and a present to whoever breaks in: every program on a server can be used against it.',
    remedy:
      'FROM python:3.13-trixie AS build\nRUN python -m venv /opt/venv && /opt/venv/bin/pip install -r requirements.txt\nFROM python:3.13-slim-trixie\nCOPY --from=build /opt/venv /opt/venv',
    ignoreWhen: 'the application compiles when it runs (torch.compile, triton)',
    needs: 'image',
    judge: (facts) => {
      if (isForDevelopment(facts)) return notApplicable('the stage is one for development');
      const programs = [
        '/usr/bin/gcc',
        '/usr/bin/g++',
        '/usr/bin/cc',
        '/usr/bin/clang',
        '/usr/bin/make',
        '/usr/bin/cmake',
        '/usr/local/bin/cargo',
        '/root/.cargo/bin/cargo',
        '/usr/local/go/bin/go',
      ];
      return answerBy(findPrograms(facts, programs));
    },
  },
  {
    id: 'dev-deps-in-final',
    stride: 'small',
    severity: 'medium',
    title: 'Tools for developers are in the image',
    why: 'Test runners, debuggers and linters ship, are scanned and patched, and never run.',
    remedy:
      'RUN uv sync --locked --no-dev\n# or\nRUN pip install --no-cache-dir -r requirements.txt   # and not -r requirements-dev.txt',
    ignoreWhen: 'the image runs the tests',
    needs: 'image',
    judge: (facts) => {
      if (isForDevelopment(facts)) return notApplicable('the stage is one for development');
      return answerBy(
        facts.packages.flatMap(({ kind, name, version }): Sighting[] =>
          kind === 'python' && developers.has(name)
            ? [{ subject: { kind: 'package', name }, detail: `${name} ${version} is installed` }]
            : [],
        ),
      );
    },
  },
  {
    id: 'kitchen-sink-runtimes',
    stride: 'small',
    severity: 'low',
    title: 'The Python image holds another language’s runtime',
    why: 'Node alone is about 100 MB with its modules; assets can be built in a stage of their own.',
    remedy:
      'FROM node:24-trixie-slim AS assets\nRUN npm ci && npm run build\nFROM python:3.13-slim-trixie\nCOPY --from=assets /src/dist /app/static',
    ignoreWhen: 'the application starts programs of that language',
    needs: 'image',
    judge: (facts) => {
      if (facts.pythons.length === 0) return notApplicable('there is no Python in the image');
      return answerBy(
        findPrograms(facts, [
          '/usr/bin/node',
          '/usr/local/bin/node',
          '/usr/bin/nodejs',
          '/usr/bin/php',
          '/usr/bin/ruby',
          '/usr/local/bin/ruby',
          '/usr/bin/java',
          '/usr/local/go/bin/go',
        ]).filter(({ subject }) => subject.kind === 'file' && isOwn(facts, subject.layer)),
      );
    },
  },
  ...serviceRules,
  {
    id: 'installers-in-final',
    stride: 'small',
    severity: 'info',
    title: 'Installers are left in the image',
    why: 'pip, uv or Poetry are 10 to 60 MB and do nothing in a container that installs nothing.',
    remedy:
      'RUN pip uninstall -y pip setuptools wheel\n# uv: mount it instead of copying it\nRUN --mount=from=ghcr.io/astral-sh/uv:0.9.5,source=/uv,target=/bin/uv uv sync --locked',
    ignoreWhen: 'the application installs packages, or the base brings them',
    needs: 'image',
    judge: (facts) => {
      const programs = [
        '/bin/uv',
        '/usr/bin/uv',
        '/usr/local/bin/uv',
        '/usr/local/bin/poetry',
        '/usr/local/bin/pdm',
        '/usr/local/bin/pipenv',
      ];
      return answerBy(
        findPrograms(facts, programs).filter(({ subject }) => subject.kind === 'file' && isOwn(facts, subject.layer)),
      );
    },
  },
  ...sourceRules,
];

const developers = new Set([
  'pytest',
  'coverage',
  'pytest-cov',
  'ipdb',
  'debugpy',
  'pudb',
  'ipython',
  'black',
  'ruff',
  'mypy',
  'flake8',
  'pylint',
  'isort',
  'tox',
  'nox',
  'pre-commit',
  'sphinx',
  'bandit',
  'pyright',
  'django-debug-toolbar',
]);

function findPrograms({ tree }: ImageFacts, paths: readonly string[]): readonly Sighting[] {
  const seen = new Set<string>();
  return paths.flatMap((path) => {
    const place = tree.resolve(path);
    if (place?.entry.kind !== 'file' || (place.entry.mode & 0o111) === 0 || seen.has(place.path)) return [];
    seen.add(place.path);
    return [atFile({ path, layer: tree.at(path)?.layer ?? place.entry.layer }, `${path} is there`)];
  });
}
