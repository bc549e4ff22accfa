import { isForDevelopment } from '../dockerfile-view.ts';
import { type Answer, answerBy, notApplicable, type Sighting, unknownBecause } from '../finding.ts';
import { type ImageFacts, textOf } from '../image-facts.ts';
import { atFile, formatMegabytes, isOwn, knowsOwn, shippedFiles } from '../image-files.ts';
import { findProgram, readStart } from '../image-start.ts';
import type { Rule } from '../rule.ts';

/** Who may change what in the image. */
export const fileRules: readonly Rule[] = [
  {
    id: 'setuid-setgid',
    stride: 'secure',
    severity: 'low',
    title: 'The Dockerfile adds programs that run with another user’s rights',
    why: 'A setuid program is a way from the application’s user to root; none is needed where nobody logs in.',
    remedy: 'RUN find / -xdev -type f -perm /6000 -exec chmod a-s {} +',
    ignoreWhen: 'the application needs that very program',
    needs: 'image',
    judge: (facts) => {
      if (!knowsOwn(facts)) return unknownBecause('which layers are the Dockerfile’s own is not known');
      return answerBy(
        firstOf(
          [...facts.tree.walk()].flatMap(({ path, entry }) =>
            entry.kind === 'file' &&
            (entry.mode & 0o6000) !== 0 &&
            (entry.mode & 0o111) !== 0 &&
            isOwn(facts, entry.layer)
              ? [
                  atFile(
                    { path, layer: entry.layer },
                    `${path} is ${(entry.mode & 0o4000) !== 0 ? 'setuid' : 'setgid'}, mode ${octal(entry.mode)}`,
                  ),
                ]
              : [],
          ),
        ),
      );
    },
  },
  {
    id: 'world-writable-paths',
    stride: 'secure',
    severity: 'low',
    title: 'Everybody may write to files of the image',
    why: 'Whatever process is broken into can change them, and another one runs or reads them.',
    remedy: 'RUN chmod -R o-w /app',
    ignoreWhen: 'the folder is for data of users that are not known before',
    needs: 'image',
    judge: (facts) =>
      answerBy(
        firstOf(
          [...facts.tree.walk()].flatMap(({ path, entry }) => {
            const isOpen = (entry.kind === 'file' || entry.kind === 'directory') && (entry.mode & 0o002) !== 0;
            const isSticky = entry.kind === 'directory' && (entry.mode & 0o1000) !== 0;
            if (!isOpen || isSticky || /^\/(?:tmp|var\/tmp|dev|proc|sys|run\/lock|var\/lock)(?:\/|$)/.test(path))
              return [];
            return facts.layers[entry.layer]?.from === 'base'
              ? []
              : [atFile({ path, layer: entry.layer }, `${path} has mode ${octal(entry.mode)}`)];
          }),
        ),
      ),
  },
  {
    id: 'code-writable-by-runtime-user',
    stride: 'secure',
    severity: 'medium',
    title: 'The application may change its own code',
    why: 'Whoever finds a way to write a file then writes code, which the next worker imports.',
    remedy:
      '# without --chown: owned by root, read by everybody\nCOPY . /app\nRUN install -d -o 10001 /app/data\nUSER 10001',
    ignoreWhen: 'the application updates itself, or the root is read-only wherever it runs',
    needs: 'image',
    judge: judgeCode,
  },
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
        [...shippedFiles(facts)].flatMap((file) =>
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

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** A list that is read: what is below a folder that is named already is left out, and of many the first twenty stand. */
function firstOf(all: readonly Sighting[]): readonly Sighting[] {
  const paths = new Set(all.flatMap(({ subject }) => (subject.kind === 'file' ? [subject.path] : [])));
  const isBelow = (path: string): boolean => {
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1))
      if (paths.has(path.slice(0, cut))) return true;
    return false;
  };
  const tops = all.filter(({ subject }) => subject.kind !== 'file' || !isBelow(subject.path));
  return tops.length <= 20
    ? tops
    : [...tops.slice(0, 20), { subject: { kind: 'image' }, detail: `and ${tops.length - 20} more` }];
}

/** By the owner and the mode of what is started and imported; who belongs to a group besides is not looked at. */
function judgeCode(facts: ImageFacts): Answer {
  if (isForDevelopment(facts)) return notApplicable('the stage is one for development');
  const { user } = facts.config;
  const uid = uidOf(facts, user);
  if (uid === 0) return notApplicable('the image runs as root: see runs-as-root');
  if (uid === undefined) return unknownBecause(`the number of the user ${JSON.stringify(user)} is not known`);
  const { commands, script } = readStart(facts);
  const program = findProgram(facts, commands.at(-1)?.words[0] ?? '')?.path;
  const folders = [...facts.pythons.flatMap(({ sitePackages }) => sitePackages), facts.config.workingDir].filter(
    (folder) => folder !== '/',
  );
  const started = new Set([program, script?.path]);
  const found = [...facts.tree.walk()].flatMap(({ path, entry }): Sighting[] => {
    const isCode =
      started.has(path) || (/\.(?:py|so|sh)$/.test(path) && folders.some((folder) => path.startsWith(`${folder}/`)));
    const isWritable = entry.uid === uid ? (entry.mode & 0o200) !== 0 : (entry.mode & 0o002) !== 0;
    return entry.kind === 'file' && isCode && isWritable
      ? [atFile({ path, layer: entry.layer }, `user ${uid} may write to ${path}`)]
      : [];
  });
  const [first, ...others] = found;
  return answerBy(
    first === undefined
      ? []
      : [{ ...first, detail: `${first.detail}${others.length > 0 ? ` and ${others.length} more` : ''}` }],
  );
}

function uidOf({ tree }: ImageFacts, user: string): number | undefined {
  const [name = ''] = user.split(':');
  if (name === '') return 0;
  if (/^\d+$/.test(name)) return Number(name);
  const lines = (textOf(tree.resolve('/etc/passwd')?.entry.content) ?? '').split('\n').map((line) => line.split(':'));
  const uid = lines.find(([known]) => known === name)?.[2];
  return uid !== undefined && /^\d+$/.test(uid) ? Number(uid) : undefined;
}

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
