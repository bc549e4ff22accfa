import type { Digest } from '../model/digest.ts';
import type { Elf } from '../model/elf.ts';
import type { FileTree } from '../model/file-tree.ts';
import type { HiddenEntry } from '../model/hidden-files.ts';
import type { ImageConfig } from '../model/image-config.ts';
import type { InstalledPackage } from '../model/packages.ts';
import type { DockerfileFacts } from './dockerfile-facts.ts';
import type { ProbeFacts } from './probe-facts.ts';

/** What is read out of one image, for one platform, once; the rules know nothing else. */
export interface ImageFacts {
  /** When it was read, as `2026-11-21`: support ends by the day. */
  readonly day: string;
  readonly configDigest: Digest;
  readonly config: ImageConfig;
  /** The lowest first. */
  readonly layers: readonly LayerFacts[];
  /** The files as a container sees them. */
  readonly tree: FileTree<FileContent>;
  /** What is in a layer and not in the tree: deleted or replaced further up, and shipped all the same. */
  readonly hidden: readonly HiddenEntry<FileContent>[];
  /** Of Python and of the system, by kind and name. */
  readonly packages: readonly InstalledPackage[];
  /** Every Python that can be started, virtual environments too. */
  readonly pythons: readonly PythonFacts[];
  /** undefined where the image came without one. */
  readonly dockerfile: DockerfileFacts | undefined;
  /** undefined where nothing was run. */
  readonly probes: ProbeFacts | undefined;
}

export interface LayerFacts {
  /** Digest of its content unpacked. */
  readonly diffId: string;
  /** What made it, as a Dockerfile says it: `RUN make`; empty where that is not known. */
  readonly instruction: string;
  readonly from: 'line' | 'base' | 'bytecode' | 'unknown';
  /** Line of the Dockerfile, where `from` is `line`. */
  readonly line: number | undefined;
  /** Bytes of its files, unpacked. */
  readonly bytes: number;
  readonly files: number;
}

/** What was read of a file; of most files nothing is (`wanted-files.ts` says of which). */
export type FileContent = Text | ({ readonly kind: 'elf' } & Elf) | Script;

export interface Text {
  readonly kind: 'text';
  readonly text: string;
  /** False where only its beginning was read. */
  readonly whole: boolean;
}

export interface Script {
  readonly kind: 'script';
  /** The word after `#!`. */
  readonly interpreter: string;
  /** What follows it, as one argument. */
  readonly argument: string;
  /** From `#!` on. */
  readonly text: string;
  /** False where only its beginning was read. */
  readonly whole: boolean;
}

/** The text of a file, a script's too; undefined where none was read. */
export function textOf(content: FileContent | undefined): string | undefined {
  return content === undefined || content.kind === 'elf' ? undefined : content.text;
}

export interface PythonFacts {
  /** Path of the interpreter, as it is called: `/opt/venv/bin/python`. */
  readonly path: string;
  /** `3.13`, or `3.13.9` where that is known; empty where it is not. */
  readonly version: string;
  /** Folder of pyvenv.cfg; undefined for an interpreter that is no virtual environment's. */
  readonly venv: string | undefined;
  /** Its site-packages and dist-packages that are there. */
  readonly sitePackages: readonly string[];
}
