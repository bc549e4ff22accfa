/** What a probe found out, or why it could not. */
export type Probed<T> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'unknown'; readonly because: string };

export function known<T>(value: T): Probed<T> {
  return { kind: 'known', value };
}

export function unprobed(because: string): Probed<never> {
  return { kind: 'unknown', because };
}

/** What running the image showed; a field for each probe. No network in any of them, memory and processes are limited. */
export interface ProbeFacts {
  /** The image's own command, started as it should be: its user, read-only root with a /tmp, no capabilities. */
  readonly start: Probed<StartFacts>;
  /** The same with a root that can be written and the engine's usual capabilities. */
  readonly plainStart: Probed<StartFacts>;
  /** The same with a read-only root and the usual capabilities; only asked where `start` failed. */
  readonly readOnlyStart: Probed<StartFacts>;
  /** The start in which what follows was seen: `start`, or where that failed one more like `plainStart`. */
  readonly watched: Probed<StartFacts>;
  /** `plainStart`'s container, stopped and started once more. */
  readonly secondStart: Probed<StartFacts>;
  /** Files that `plainStart` made or changed outside of volumes, at most 200. */
  readonly written: Probed<readonly string[]>;
  /** TCP ports that EXPOSE names. */
  readonly exposed: readonly number[];
  /** TCP sockets that listen once `watched` has settled. */
  readonly listening: Probed<readonly Socket[]>;
  /** Processes once `watched` has settled, PID 1 first. */
  readonly processes: Probed<readonly ProcessFacts[]>;
  /** What became of a process whose parent had ended: whether PID 1 took its exit status. */
  readonly orphan: Probed<'reaped' | 'zombie'>;
  readonly stop: Probed<StopFacts>;
  /** Value undefined: the image has no HEALTHCHECK. */
  readonly health: Probed<HealthFacts | undefined>;
  /** Value undefined: the image has no Python on PATH, and its command is none. */
  readonly python: Probed<PythonProbe | undefined>;
}

/** How a start went. */
export interface StartFacts {
  /** Why it did not start at all, in the engine's words; empty where it did. */
  readonly refusal: string;
  /** Whether it still ran when the watch ended. */
  readonly running: boolean;
  /** Undefined while it runs, and where it did not start. */
  readonly exitCode: number | undefined;
  /** Whether it had become quiet: it ran, and had next to no work for the processor any more. */
  readonly settled: boolean;
  /** Processor time until it was quiet or ended, in milliseconds; undefined where the engine does not tell. */
  readonly processorMs: number | undefined;
  /** Whether it was ended for want of memory. */
  readonly outOfMemory: boolean;
  /** The last lines of its output, redacted, 4,000 characters at most. */
  readonly output: string;
}

export interface Socket {
  readonly address: string;
  readonly port: number;
}

/** A process of the container, as the kernel tells of it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** Name of its program, 15 characters at most. */
  readonly name: string;
  /** Signals that it has a handler for, and that it waits for in another way (blocked). */
  readonly caught: readonly number[];
  readonly blocked: readonly number[];
  /** Of a Python: whether `-u` or PYTHONUNBUFFERED was given to it. Undefined for others, and where it cannot be read. */
  readonly unbuffered: boolean | undefined;
}

/** How the container ended when it was told to. */
export interface StopFacts {
  /** The image's STOPSIGNAL, `SIGTERM` by default. */
  readonly signal: string;
  /** Milliseconds; undefined where it had to be killed. */
  readonly ms: number | undefined;
  /** Milliseconds that were waited at most. */
  readonly grace: number;
  readonly exitCode: number | undefined;
  /** Whether PID 1 has a handler for the signal; undefined where that cannot be read. */
  readonly handled: boolean | undefined;
}

export interface HealthFacts {
  /** As the image has it: `CMD-SHELL curl -f localhost`. */
  readonly test: string;
  /** Of the last try; undefined where it did not end in time. */
  readonly exitCode: number | undefined;
  /** What it printed, redacted, 500 characters at most. */
  readonly output: string;
  /** Exit status with all other processes frozen; `late` where it did not end in time. */
  readonly frozen: Probed<number | 'late'>;
}

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
