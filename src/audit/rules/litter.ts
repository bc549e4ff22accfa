import { answerBy, type Sighting } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { atFile, formatMegabytes, shippedFiles } from '../image-files.ts';
import type { Rule } from '../rule.ts';

/** What ships and is of no use to anybody. */
export const litterRules: readonly Rule[] = [
  {
    id: 'git-dir-in-image',
    stride: 'secure',
    severity: 'medium',
    title: 'The repository’s history is in the image',
    why: '.git holds every file that ever was in the repository, those that were removed for a reason too, and often it is the larger part.',
    remedy: '# .dockerignore\n.git',
    ignoreWhen: 'the application shows its own history',
    needs: 'image',
    judge: (facts) =>
      answerBy(
        shippedFiles(facts).flatMap((file) =>
          file.path.endsWith('/.git/HEAD') ? [atFile(file, `${file.path.slice(0, -'/HEAD'.length)} is there`)] : [],
        ),
      ),
  },
  {
    id: 'host-junk-copied',
    stride: 'small',
    severity: 'low',
    title: 'What a developer’s machine made is in the image',
    why: 'Environments, caches and results of tests of another machine: dead weight, and at worst imported in place of the right thing.',
    remedy:
      '# .dockerignore\n.venv\nvenv\n**/__pycache__\n**/.pytest_cache\n**/.mypy_cache\n**/.ruff_cache\n.tox\nnode_modules',
    ignoreWhen: 'the image runs the tests',
    needs: 'image',
    judge: (facts) => answerBy(findJunk(facts)),
  },
  {
    id: 'wasted-space',
    stride: 'small',
    severity: 'low',
    title: 'The image ships files that nobody can see',
    why: 'What a layer replaces or removes stays in the layers below it: everybody downloads it, and nobody can read it.',
    remedy: '# remove in the RUN that made it, or build in a stage of its own\nRUN make && make install && rm -rf /src',
    ignoreWhen: 'it is a base that changes seldom',
    needs: 'image',
    judge: ({ hidden, layers }) => {
      const byLayer = new Map<number, number>();
      for (const { entry } of hidden)
        if (layers[entry.layer]?.from !== 'base')
          byLayer.set(entry.layer, (byLayer.get(entry.layer) ?? 0) + entry.size);
      const total = [...byLayer.values()].reduce((sum, bytes) => sum + bytes, 0);
      if (total < 20_000_000) return { kind: 'pass' };
      return answerBy(
        [...byLayer]
          .filter(([, bytes]) => bytes >= 1_000_000)
          .map(([layer, bytes]) => ({
            subject: { kind: 'layer', layer },
            detail: `${formatMegabytes(bytes)} of this layer are hidden by later ones`,
          })),
      );
    },
  },
  {
    id: 'chown-duplicates-layer',
    stride: 'small',
    severity: 'medium',
    title: 'A chown or chmod ships the same files once more',
    why: 'To change the owner of a file a layer holds the whole file again.',
    remedy: 'COPY --chown=10001:10001 . /app',
    ignoreWhen: 'the files are small',
    needs: 'image',
    judge: ({ hidden, layers, tree }) => {
      const again = new Map<number, number>();
      for (const { path, entry, by } of hidden) {
        const now = tree.at(path);
        if (
          entry.kind !== 'file' ||
          now?.kind !== 'file' ||
          now.layer !== by ||
          now.size !== entry.size ||
          now.mtime !== entry.mtime
        )
          continue;
        if (now.mode !== entry.mode || now.uid !== entry.uid || now.gid !== entry.gid)
          again.set(by, (again.get(by) ?? 0) + entry.size);
      }
      return answerBy(
        [...again].flatMap(([layer, bytes]): Sighting[] =>
          bytes < 1_000_000 || layers[layer]?.from === 'base'
            ? []
            : [
                {
                  subject: { kind: 'layer', layer },
                  detail: `${formatMegabytes(bytes)} are there again with another owner or mode`,
                },
              ],
        ),
      );
    },
  },
];

const junk =
  /^(.*\/(?:\.venv|\.tox|\.nox|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.ipynb_checkpoints|\.DS_Store|\.idea|\.vscode|htmlcov))(?:\/|$)/;

/** What COPY brought; an environment that the image starts from is none. */
function findJunk(facts: ImageFacts): readonly Sighting[] {
  const found = new Map<string, Sighting>();
  const path = facts.config.env.get('PATH') ?? '';
  for (const file of shippedFiles(facts)) {
    const [, folder] = junk.exec(file.path) ?? [];
    const layer = facts.layers[file.layer];
    if (
      folder === undefined ||
      found.has(folder) ||
      layer?.from !== 'line' ||
      !/^(?:COPY|ADD) (?!.*--from)/.test(layer.instruction)
    )
      continue;
    if (!path.includes(`${folder}/bin`) && !/\/(?:site|dist)-packages\//.test(folder))
      found.set(folder, atFile({ path: folder, layer: file.layer }, `${folder} is there`));
  }
  return [...found.values()];
}
