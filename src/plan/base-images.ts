import { DockerfileParser, type Instruction } from 'dockerfile-ast';
import { parseRepository, type Repository } from '../model/image-ref.ts';
import { isTag, type Tag } from '../model/tag.ts';
import { covers, readContextCopies } from './context-refusal.ts';
import { expandVariables, readArguments, UnknownSource } from './dockerfile-arguments.ts';
import { readFlags, readWords } from './dockerfile-words.ts';

/** A name in a Dockerfile that may stand for another image tomorrow. */
export interface FloatingImage {
  /** As it is written, variables replaced. */
  readonly name: string;
  readonly repository: Repository;
  readonly tag: Tag;
}

/** What an image is made from beside its context. */
export type Bases =
  | { readonly kind: 'known'; readonly floating: readonly FloatingImage[] }
  /** Two builds of the same files may differ, and nobody could tell. */
  | { readonly kind: 'unknown'; readonly because: string };

/** What the builder is given beside the Dockerfile. */
export interface Given {
  readonly args: ReadonlyMap<string, string>;
  /** Further contexts: name to path or to what the builder fetches; they stand in place of images of the same name. */
  readonly contexts: ReadonlyMap<string, string>;
  /** Whether `.git` lies in the context and is sent. */
  readonly sendsGit: boolean;
}

/** Finds what a Dockerfile builds on: FROM, `COPY --from`, `RUN --mount=from` and the `# syntax=` frontend, of all stages. What is pinned
 * by digest, a stage, scratch or another context is not asked for. */
export function findBases(dockerfile: string, given: Given): Bases {
  try {
    const instructions = DockerfileParser.parse(dockerfile).getInstructions();
    requireKnownSources(dockerfile, instructions, given);
    const names = [...frontendOf(dockerfile, given), ...imagesOf(instructions, given), ...fetchedImages(given)];
    const floating = [...new Set(names)].map(readImage).filter((one) => one !== undefined);
    return { kind: 'known', floating };
  } catch (error) {
    if (error instanceof UnknownSource) return { kind: 'unknown', because: error.message };
    throw error;
  }
}

function requireKnownSources(dockerfile: string, instructions: readonly Instruction[], given: Given): void {
  if (given.sendsGit) {
    const copies = readContextCopies(dockerfile).some(({ sources }) => sources.some((one) => covers(one, '.git/HEAD')));
    const mounts = instructions.some((one) => mountsOf(one).some(({ type, from }) => type === 'bind' && from === ''));
    if (copies || mounts) throw new UnknownSource('`.git` is part of the context: name it in .dockerignore');
  }
  for (const one of instructions) {
    if (one.getKeyword().toUpperCase() !== 'ADD') continue;
    if (readFlags(one).some(([name]) => name === 'checksum')) continue;
    const source = readWords(one)
      .slice(0, -1)
      .find((word) => /^(?:[a-z][a-z0-9+.-]*:\/\/|git@)|\.git(?:#|$)|\$/i.test(word));
    if (source !== undefined) throw new UnknownSource(`ADD ${source} fetches what may be another tomorrow`);
  }
  for (const [name, value] of given.contexts)
    if (/^(?:https?|git|ssh):\/\/|^git@|^github\.com\//.test(value))
      throw new UnknownSource(`the context ${name} is fetched and may be another tomorrow`);
}

/** The frontend that reads the Dockerfile: a directive at its very beginning, unless a build argument names another. */
function frontendOf(dockerfile: string, { args }: Given): readonly string[] {
  const given = args.get('BUILDKIT_SYNTAX');
  if (given !== undefined) return [given];
  for (const line of dockerfile.replace(/^\ufeff?(?:#!.*\n)?/, '').split(/\r?\n/)) {
    const [, name, value] = /^\s*(?:#|\/\/)\s*([a-z][a-z0-9]*)\s*=\s*(\S+)/i.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    if (name.toLowerCase() === 'syntax') return [value];
  }
  return [];
}

function imagesOf(instructions: readonly Instruction[], { args, contexts }: Given): readonly string[] {
  const known = new Map<string, string>();
  const stages: string[] = [];
  const images: string[] = [];
  const copied: string[] = [];
  for (const one of instructions) {
    const keyword = one.getKeyword().toUpperCase();
    if (keyword === 'ARG' && stages.length === 0) readArguments(one, args, known);
    if (keyword === 'FROM') {
      const [source = '', as = '', name = ''] = readWords(one);
      const image = expandVariables(source, known);
      if (!stages.includes(image.toLowerCase()) && !contexts.has(spell(image))) images.push(image);
      stages.push(as.toUpperCase() === 'AS' ? name.toLowerCase() : '');
    }
    if (keyword === 'COPY' || keyword === 'ADD')
      for (const [flag, value] of readFlags(one)) if (flag === 'from') copied.push(value);
    for (const { from } of mountsOf(one)) if (from !== '') copied.push(from);
  }
  const isStage = (name: string): boolean =>
    stages.includes(name.toLowerCase()) || (/^\d+$/.test(name) && Number(name) < stages.length);
  for (const name of copied) {
    if (name.includes('$')) throw new UnknownSource(`what --from=${name} names is not known before the build`);
    if (!isStage(name) && !contexts.has(spell(name))) images.push(name);
  }
  return images;
}

function fetchedImages({ contexts }: Given): readonly string[] {
  return [...contexts.values()].flatMap((value) => (value.startsWith('docker-image://') ? [value.slice(15)] : []));
}

function mountsOf(instruction: Instruction): readonly { readonly type: string; readonly from: string }[] {
  if (instruction.getKeyword().toUpperCase() !== 'RUN') return [];
  return readFlags(instruction).flatMap(([name, value]) => {
    if (name !== 'mount') return [];
    const fields = new Map(
      value.split(',').map((field) => [field.split('=', 1)[0] ?? '', field.split(/=(.*)/s)[1] ?? '']),
    );
    return [{ type: fields.get('type') ?? 'bind', from: fields.get('from') ?? '' }];
  });
}

/** How build contexts are spelled to stand in place of an image. */
function spell(name: string): string {
  return name.replace(/^(?:docker\.io\/)?(?:library\/)?/, '').replace(/:latest$/, '');
}

/** Undefined where the name can stand for one image alone. */
function readImage(name: string): FloatingImage | undefined {
  if (name === 'scratch' || /@sha256:[0-9a-f]{64}$/.test(name)) return undefined;
  const [, path = '', tag = 'latest'] = /^(.*?)(?::([^:/]*))?$/s.exec(name) ?? [];
  try {
    if (!isTag(tag)) throw new Error(`${tag} is no tag`);
    return { name, repository: parseRepository(path), tag };
  } catch (cause) {
    throw new UnknownSource(`${JSON.stringify(name)} is no image that could be looked up: ${(cause as Error).message}`);
  }
}
