import { distributionOf } from '../../model/packages.ts';
import { parsePep440 } from '../../model/pep440.ts';
import { judgeDockerfile } from '../dockerfile-view.ts';
import { type Answer, answerBy, notApplicable, type Sighting, unknownBecause } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { isOwn, knowsOwn } from '../image-files.ts';
import { mainPython } from '../main-python.ts';
import { isTool, normalizeName } from '../package-names.ts';
import { readPins } from '../pinned-versions.ts';
import { readProjectFile } from '../project-file.ts';
import type { Rule } from '../rule.ts';

/** Whether what is installed is what is pinned. */
export const installedPinsRules: readonly Rule[] = [
  {
    id: 'transitives-unpinned',
    stride: 'reproducible',
    severity: 'high',
    title: 'Packages are installed that no pin names',
    why: 'What your packages need in turn is resolved anew at each build: the version that breaks you is one that you never named.',
    remedy: 'uv pip compile --generate-hashes requirements.in -o requirements.txt',
    ignoreWhen: 'the package belongs to a tool in the image',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeInstalled(facts, (installed, pins) => {
        const loose = installed.filter(({ name }) => !pins.has(name) && !isTool(name));
        if (loose.length > 0 && installed.some(({ name }) => managers.has(name)))
          return unknownBecause(
            'a package manager is installed beside the project, and what it needs cannot be told from what the project needs',
          );
        return answerBy(
          loose.map(({ name, version }) => ({
            subject: { kind: 'package', name },
            detail: `${name} ${version} is installed, and no pin names it`,
          })),
        );
      }),
  },
  {
    id: 'installed-differs-from-lock',
    stride: 'reproducible',
    severity: 'high',
    title: 'A package is installed in another version than the lock says',
    why: 'What was tested with the lock is not what ships.',
    remedy: '# install from the lock, and nothing after it\nRUN uv sync --locked --no-dev',
    ignoreWhen: 'the base brings the package along on purpose',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeInstalled(facts, (installed, pins) =>
        answerBy(
          installed.flatMap(({ name, version }): Sighting[] => {
            const wanted = [...(pins.get(name) ?? [])];
            if (wanted.length === 0 || wanted.some((one) => isSameVersion(one, version))) return [];
            return [
              {
                subject: { kind: 'package', name },
                detail: `${name} is ${version}, and the lock says ${wanted.join(' or ')}`,
              },
            ];
          }),
        ),
      ),
  },
];

const managers = new Set(['poetry', 'pipenv', 'pdm', 'pip-tools', 'conda']);

interface Installed {
  readonly name: string;
  readonly version: string;
}

/** What the image's own layers have installed for its Python, against what the texts that it was installed from pin. */
function judgeInstalled(
  facts: ImageFacts,
  judge: (installed: readonly Installed[], pins: ReadonlyMap<string, ReadonlySet<string>>) => Answer,
): Answer {
  return judgeDockerfile(facts, (view, dockerfile) => {
    const { pins, missing } = readPins(view, dockerfile);
    if (missing !== undefined) return unknownBecause(`${missing} is not in the context`);
    if (pins.size === 0) return notApplicable('nothing is pinned');
    const python = mainPython(facts);
    if (python === undefined) return unknownBecause('which Python the image runs is not known');
    if (!knowsOwn(facts)) return unknownBecause('which layers are the Dockerfile’s own is not known');
    const own = normalizeName(readProjectFile(dockerfile)?.name ?? '');
    return judge(
      listInstalled(facts, python.sitePackages).filter(({ name }) => name !== own),
      pins,
    );
  });
}

function listInstalled(facts: ImageFacts, folders: readonly string[]): readonly Installed[] {
  return folders
    .filter((folder) => !folder.startsWith('/usr/lib/python3/dist-packages'))
    .flatMap((folder) =>
      facts.tree.list(folder).flatMap((name) => {
        const path = `${folder}/${name}`;
        const found = name.endsWith('.dist-info') ? distributionOf(path) : undefined;
        const metadata = facts.tree.at(`${path}/METADATA`) ?? facts.tree.at(path);
        // what was installed from a folder or an address has no version of an index
        const isLocal = facts.tree.at(`${path}/direct_url.json`) !== undefined;
        return found === undefined || metadata === undefined || isLocal || !isOwn(facts, metadata.layer)
          ? []
          : [{ name: found.name, version: found.version }];
      }),
    );
}

/** PEP 440: `1.0` is `1.0.0`, and a local part matters only where the pin has one. */
function isSameVersion(wanted: string, is: string): boolean {
  const local = (text: string): string => (wanted.includes('+') ? text : text.replace(/\+.*$/, '')).toLowerCase();
  if (local(wanted) === local(is)) return true;
  const [a, b] = [parsePep440(local(wanted).replace(/\+.*$/, '')), parsePep440(local(is).replace(/\+.*$/, ''))];
  if (a === undefined || b === undefined) return false;
  const release = ({ release: numbers }: { readonly release: readonly string[] }): string =>
    numbers.join('.').replace(/(?:\.0)+$/, '');
  return release(a) === release(b) && a.suffix === b.suffix && !wanted.includes('+');
}
