import type { Platform } from './platform.ts';

/** What the user asks for; see `BytecodeReport` for what came of it. Undefined in its place: no bytecode is made. */
export interface BytecodePlan {
  /** `require`: an image without Python, or code of its own that does not compile, is an error; `on`: a notice. */
  readonly mode: 'on' | 'require';
  /** How Python decides at start that a `.pyc` is current (PEP 552): never again, or by the hash of the source. */
  readonly invalidation: 'unchecked-hash' | 'checked-hash';
  /** More folders of the image; relative to its WORKDIR. */
  readonly paths: readonly string[];
  /** Globs over absolute paths of the image, see `globPattern`. */
  readonly exclude: readonly string[];
}

/** A Python of the image. */
export interface Interpreter {
  /** Real path of its program. */
  readonly path: string;
  /** `3.11.2`. */
  readonly version: string;
  /** `cpython-311`: part of the names of its `.pyc` files. */
  readonly cacheTag: string;
  /** First two bytes of its `.pyc` files, little-endian. */
  readonly magic: number;
  /** Level that it runs at by the image's PYTHONOPTIMIZE; above 0 its `.pyc` files end in `.opt-<level>.pyc`. */
  readonly optimize: number;
}

/** Why a folder was compiled. `app`: WORKDIR, PYTHONPATH and targets of `.pth` files; `given`: input `bytecode-paths`. */
export type RootKind = 'stdlib' | 'site' | 'venv' | 'app' | 'given';

/** A folder whose modules were compiled, by its real path. Folders below that are roots of their own are not part of it. */
export interface BytecodeRoot {
  readonly path: string;
  readonly kind: RootKind;
  /** `path` of the interpreter that compiled it. A folder occurs once for each. */
  readonly interpreter: string;
  /** Whether it is the user's own code: there a module that does not compile matters. */
  readonly own: boolean;
  /** False: modules of the folder itself, not of those below (WORKDIR `/`). */
  readonly deep: boolean;
}

/** What the compile step says of an image. Paths are those of the image; bytes of a name that are not UTF-8 are lone surrogates
 * (U+DC80 to U+DCFF), as Python has them (PEP 383). Sorted by path; the same image gives the same report. */
export interface BytecodeReport {
  readonly interpreters: readonly Interpreter[];
  readonly roots: readonly BytecodeRoot[];
  /** The image's PYTHONPYCACHEPREFIX as an absolute path, where the `.pyc` files are then. */
  readonly pycachePrefix: string | undefined;
  /** How many `.pyc` files were written, and their bytes. */
  readonly compiled: number;
  readonly bytes: number;
  /** How many were there already, byte for byte. */
  readonly unchanged: number;
  /** Sources and folders that are left out with all that is below them, and interpreters that cannot be used. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** Sources that no interpreter of their folder compiles; `line` is 0 where none is known. */
  readonly failed: readonly {
    readonly path: string;
    readonly own: boolean;
    readonly message: string;
    readonly line: number;
  }[];
  /** Bytecode without a source, of a source that does not compile, or of a Python that the image does not have. An added layer cannot delete: they were replaced by empty files, which
   * no Python loads. */
  readonly removed: readonly { readonly path: string; readonly reason: string }[];
  /** Why Python would not use what was compiled; empty where it will. */
  readonly useless: readonly string[];
}

/** The same, and of which image of several; undefined: of the one that the builder makes where no platform is asked for. */
export interface PlatformBytecode extends BytecodeReport {
  readonly platform: Platform | undefined;
}
