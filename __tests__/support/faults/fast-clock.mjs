// Loaded into the action by `node --import` in tests of stalls alone: its clock and its long timers run faster than the world's, so that
// a limit of minutes is reached in seconds. Nothing in the action knows of it.

import { syncBuiltinESMExports } from 'node:module';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import promises from 'node:timers/promises';

const speed = 15;
/** What is to come within less is no limit for a registry that stalls: the engine and this machine are no faster than they are. */
const short = 4_000;

const { setTimeout: wait } = globalThis;
const waitQuietly = promises.setTimeout.bind(promises);
const timeout = AbortSignal.timeout.bind(AbortSignal);
const now = performance.now.bind(performance);

const scale = (ms) => (ms < short ? ms : ms / speed);
const fast = (work, ms = 0, ...args) => wait(work, scale(ms), ...args);
globalThis.setTimeout = Object.assign(fast, wait);
timers.setTimeout = globalThis.setTimeout;
promises.setTimeout = (ms = 0, ...args) => waitQuietly(scale(ms), ...args);
AbortSignal.timeout = (ms) => timeout(Math.ceil(scale(ms)));
performance.now = () => now() * speed;
syncBuiltinESMExports();
