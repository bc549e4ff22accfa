import type { Probed } from './probed-value.ts';
import type { PythonProbe } from './python-probe.ts';

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
