import type { Probed } from './probed-value.ts';

/** What the image's Python says of itself, under the image's own user and variables. */
export interface PythonProbe {
  /** `3.13.5`. */
  readonly version: string;
  readonly executable: string;
  readonly user: Probed<UserFacts>;
  readonly trust: Probed<{ readonly certificates: boolean; readonly certifi: boolean }>;
  /** Whether `Europe/Berlin` is known; undefined before Python 3.9. */
  readonly zones: Probed<boolean | undefined>;
  readonly encodings: Probed<{ readonly files: string; readonly output: string }>;
  /** Whether what a program printed is lost where it is killed. */
  readonly losesOutput: Probed<boolean>;
  /** Requirements of installed distributions that are not met, as sentences; at most 50. */
  readonly conflicts: Probed<readonly string[]>;
  readonly programs: Probed<ProgramFacts>;
  /** Modules that the image is about: of its command, and of the project's own distributions. */
  readonly imports: Probed<readonly ImportFacts[]>;
  /** Distributions that were installed from a folder: the project's own. */
  readonly own: Probed<readonly { readonly name: string; readonly version: string }[]>;
  readonly bytecode: Probed<readonly BytecodeFacts[]>;
  /** Value undefined: no Django project. */
  readonly staticFiles: Probed<StaticFacts | undefined>;
}

export interface UserFacts {
  readonly uid: number;
  /** Whether the user database knows it. */
  readonly named: boolean;
  readonly home: string;
  /** Why nothing can be written there (`No such file or directory`); empty where it can. */
  readonly homeTrouble: string;
  readonly temporaryTrouble: string;
}

/** Where PATH leads; empty for what is not there. */
export interface ProgramFacts {
  readonly python: string;
  readonly python3: string;
  readonly pip: string;
  /** The interpreter that `pip` is run by. */
  readonly pipPython: string;
  readonly virtualEnv: string;
}

export interface ImportFacts {
  readonly module: string;
  /** Name of the exception, `late` for one that took too long, `ended` for one that ended the process; empty where it worked. */
  readonly failure: string;
  readonly message: string;
  /** Sources that the import compiled, at most 20, and how many there were. */
  readonly compiled: readonly string[];
  readonly compiledCount: number;
}

/** The sources of a kind of folder, by whether Python would load a `.pyc` for them. */
export interface BytecodeFacts {
  readonly kind: 'stdlib' | 'site' | 'app';
  readonly sources: number;
  readonly loaded: number;
  readonly missing: number;
  /** Paths of those that lie there and are not loaded, at most 20, and how many there are. */
  readonly stale: readonly string[];
  readonly staleCount: number;
  /** Whose `.pyc` holds other code and is loaded all the same. */
  readonly foreign: readonly string[];
  readonly foreignCount: number;
  /** Sources that only have a `.pyc` of another optimization level. */
  readonly otherLevel: number;
}

export interface StaticFacts {
  readonly root: string;
  readonly files: number;
  /** What in the settings serves files from there; empty where nothing does. */
  readonly servedBy: string;
}
