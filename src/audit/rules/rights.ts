import { isForDevelopment } from '../dockerfile-view.ts';
import { type Answer, answerBy, notApplicable, type Sighting, unknownBecause } from '../finding.ts';
import { type ImageFacts, textOf } from '../image-facts.ts';
import { atFile, isOwn, knowsOwn, visibleEntries } from '../image-files.ts';
import { findProgram, readStart } from '../image-start.ts';
import type { Rule } from '../rule.ts';

/** Who may change what in the image. */
export const rightsRules: readonly Rule[] = [
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
          visibleEntries(facts).flatMap(({ path, entry }) =>
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
          visibleEntries(facts).flatMap(({ path, entry }) => {
            const isOpen = (entry.kind === 'file' || entry.kind === 'directory') && (entry.mode & 0o002) !== 0;
            const isSticky = entry.kind === 'directory' && (entry.mode & 0o1000) !== 0;
            // what uv locks an environment with: nobody reads it
            const isLock = path.endsWith('/.lock') && facts.tree.at(path.replace(/.lock$/, 'pyvenv.cfg')) !== undefined;
            if (
              !isOpen ||
              isSticky ||
              isLock ||
              /^\/(?:tmp|var\/tmp|dev|proc|sys|run\/lock|var\/lock)(?:\/|$)/.test(path)
            )
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
  const found = visibleEntries(facts).flatMap(({ path, entry }): Sighting[] => {
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
