import { setTimeout as delay } from 'node:timers/promises';
import type { StartFacts } from '../../audit/probe-facts.ts';
import { fields, texts } from '../engine/ask.ts';
import { callEngine } from '../engine/call.ts';
import { readProcessorTime } from '../engine/created.ts';
import { type Cell, type CellState, readState, startCell } from './cell.ts';
import { readOutput, showOutput } from './output.ts';

const every = 100;
/** A program that has not opened its socket or read its first file by then is taken for busy, not for started. */
const least = 800;
const lull = 400;
/** Milliseconds of a processor that a start may take, and milliseconds by the clock: on a machine with other work they are few. */
const most = { processor: 8_000, clock: 30_000 };
/** Where the engine does not tell of processor time. */
const blindly = 3_000;

/** Starts a container and watches it until it has ended or has become quiet. */
export async function watchStart(cell: Cell): Promise<StartFacts> {
  const refusal = await startCell(cell);
  if (refusal !== '') return { ...notStarted, refusal };
  const { state, settled, processorMs } = await waitForQuiet(cell);
  return await tellEnd(cell, { ...notStarted, settled, processorMs }, state);
}

/** A start that was quiet for a while and ended all the same went like this. */
export async function tellEnd(cell: Cell, start: StartFacts, state: CellState): Promise<StartFacts> {
  return {
    ...start,
    running: state.running,
    exitCode: state.running ? undefined : state.exitCode,
    outOfMemory: state.outOfMemory,
    output: showOutput(cell, await readOutput(cell), 4_000),
  };
}

const notStarted: StartFacts = {
  refusal: '',
  running: false,
  exitCode: undefined,
  settled: false,
  processorMs: undefined,
  outOfMemory: false,
  output: '',
};

interface Watched {
  readonly state: CellState;
  readonly settled: boolean;
  readonly processorMs: number | undefined;
}

/** Quiet: for a while it had a seventh of a processor at most, and wanted none. */
async function waitForQuiet(cell: Cell): Promise<Watched> {
  const began = performance.now();
  let mark = { at: began, used: 0 };
  let processorMs: number | undefined;
  for (;;) {
    await delay(every, undefined, { signal: cell.cancel });
    const state = await readState(cell);
    if (!state.running) return { state, settled: false, processorMs };
    const used = await readProcessorTime(cell.engine, cell.id, cell.cancel);
    const wants = await wantsProcessor(cell);
    const now = performance.now();
    processorMs = used ?? processorMs;
    const isLong = now - began > most.clock || (used ?? 0) > most.processor;
    if (isLong) return { state, settled: false, processorMs };
    if (used === undefined) {
      if (now - began > blindly) return { state, settled: true, processorMs };
    } else if (wants || used - mark.used > (now - mark.at) / 7 + 20) mark = { at: now, used };
    else if (now - mark.at >= lull && now - began >= least) return { state, settled: true, processorMs };
  }
}

/** Whether a thread runs, waits for a processor or for a disk (ps(1), "PROCESS STATE CODES"); false where the engine cannot tell. */
async function wantsProcessor({ engine, id, cancel }: Cell): Promise<boolean> {
  const query = { ps_args: '-eLo pid,stat' };
  const { body } = await callEngine(engine, {
    method: 'GET',
    path: ['containers', id, 'top'],
    query,
    headers: {},
    cancel,
  });
  const rows: unknown = fields(body)['Processes'];
  return Array.isArray(rows) && rows.some((row: unknown) => /^[RD]/.test(texts(row)[1] ?? ''));
}

/** Waits until nothing runs in a container any more.
 * @returns whether that came within so many milliseconds. */
export async function waitForEnd(cell: Cell, ms: number): Promise<CellState> {
  const until = performance.now() + ms;
  for (;;) {
    const state = await readState(cell);
    if (!state.running || performance.now() > until) return state;
    await delay(50, undefined, { signal: cell.cancel });
  }
}
