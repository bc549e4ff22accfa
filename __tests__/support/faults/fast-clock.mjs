// Loaded into the action by `node --import` in tests of stalls alone: its clock and its timers run faster than the world's, so that a
// limit of minutes is reached in seconds. Nothing in the action knows of it.

import { syncBuiltinESMExports } from 'node:module';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import promises from 'node:timers/promises';

const speed = 15;

const { setTimeout: wait } = globalThis;
const { setTimeout: waitQuietly } = promises;
const { timeout } = AbortSignal;
const now = performance.now.bind(performance);

const fast = (work, ms = 0, ...args) => wait(work, ms / speed, ...args);
globalThis.setTimeout = Object.assign(fast, wait);
timers.setTimeout = globalThis.setTimeout;
promises.setTimeout = (ms = 0, ...args) => waitQuietly(ms / speed, ...args);
AbortSignal.timeout = (ms) => timeout.call(AbortSignal, Math.ceil(ms / speed));
performance.now = () => now() * speed;
syncBuiltinESMExports();
