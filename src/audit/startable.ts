import type { FileTree } from '../model/file-tree.ts';
import type { ImageConfig } from '../model/image-config.ts';
import type { Place } from '../model/tree-node.ts';
import type { FileContent } from './image-facts.ts';

/** Files and settings by which an engine finds a program. */
interface Image {
  readonly config: Pick<ImageConfig, 'env' | 'workingDir'>;
  readonly tree: FileTree<FileContent>;
}

/** Why a container could not run a program of the image; empty where its files do not speak against it. */
export function findObstacle(image: Image, program: string): string {
  const found = candidates(image, program).flatMap((path) => image.tree.resolve(path) ?? []);
  const files = found.filter(({ entry }) => entry.kind !== 'directory');
  const [file] = files.filter(mayRun);
  if (file === undefined) {
    const [dead] = files;
    if (dead !== undefined) return `${dead.path} may not be executed (mode ${dead.entry.mode.toString(8)})`;
    const where = program.includes('/') ? 'is not in the image' : 'is in no folder of PATH';
    return `${quoted(program)} ${where}`;
  }
  return findInterpreterObstacle(image, file);
}

function mayRun({ entry }: Place<FileContent>): boolean {
  return (entry.mode & 0o111) !== 0;
}

function findInterpreterObstacle(image: Image, { path, entry }: Place<FileContent>): string {
  const { content } = entry;
  if (content?.kind !== 'script') return '';
  const { interpreter, argument } = content;
  if (!interpreter.startsWith('/')) return '';
  const there = image.tree.resolve(interpreter);
  const named = `${path} is to be run by ${quoted(interpreter)}`;
  if (there === undefined)
    return interpreter.endsWith('\r') ? `${named}: its lines end as on Windows` : `${named}, which is not in the image`;
  if (!mayRun(there)) return `${named}, which may not be executed`;
  const [word = ''] = argument.split(/\s+/);
  if (!interpreter.endsWith('/env') || word === '' || word.startsWith('-') || word.includes('=')) return '';
  const onPath = candidates(image, word).some((one) => image.tree.resolve(one) !== undefined);
  return onPath ? '' : `${path} is to be run by ${quoted(word)}, which is in no folder of PATH`;
}

/** Where an engine looks for it, in that order. */
function candidates({ config }: Image, program: string): readonly string[] {
  if (program.startsWith('/')) return [program];
  if (program.includes('/')) return [`${config.workingDir}/${program}`];
  const path = config.env.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const folders = path.split(':').filter((folder) => folder !== '');
  return folders
    .map((folder) => (folder.startsWith('/') ? folder : `${config.workingDir}/${folder}`))
    .map((folder) => `${folder}/${program}`);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
