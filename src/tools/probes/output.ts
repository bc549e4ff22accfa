import { fields, refused, text } from '../engine/ask.ts';
import { callEngine, streamEngine } from '../engine/call.ts';
import { type Cell, post } from './cell.ts';

const mostBytes = 512 * 1024;
const mostLines = 200;

/** The last lines that a container printed, whole ones, at most 512 KiB. */
export async function readOutput({ engine, id, cancel }: Cell): Promise<string> {
  const query = { stdout: '1', stderr: '1', tail: String(mostLines) };
  const call = { method: 'GET', path: ['containers', id, 'logs'], query, headers: {}, cancel } as const;
  const { status, chunks } = await streamEngine(engine, call);
  const { bytes } = await collect(chunks);
  if (status !== 200) throw new Error(`the Docker engine refused to tell what a container printed: status ${status}`);
  return joinFrames(bytes);
}

/** What a program in a container came to. */
export interface Answer {
  /** Undefined where its time was up. */
  readonly exitCode: number | undefined;
  readonly output: string;
}

/** Runs a program in a running container, under the image's user and variables.
 * @param limit milliseconds after which it is left alone: it ends with its container. */
export async function runInCell(
  { engine, id, cancel }: Cell,
  { program, limit }: { readonly program: readonly string[]; readonly limit: number },
): Promise<Answer> {
  const json = { AttachStdout: true, AttachStderr: true, Cmd: program };
  const made = await post(engine, ['containers', id, 'exec'], { cancel, json });
  const exec = text(fields(made.body)['Id']);
  if (made.status !== 201 || exec === '') throw refused('run a program in a container', made);
  const time = AbortSignal.timeout(limit);
  const within = AbortSignal.any([cancel, time]);
  try {
    const call = { method: 'POST', path: ['exec', exec, 'start'], query: {}, headers: {} } as const;
    const { status, chunks } = await streamEngine(engine, {
      ...call,
      json: { Detach: false, Tty: false },
      cancel: within,
    });
    const { bytes } = await collect(chunks);
    const exitCode = await readExit({ engine, id: exec, cancel: within });
    return { exitCode, output: status === 200 ? joinFrames(bytes) : bytes.toString('utf8') };
  } catch (error) {
    if (!time.aborted || cancel.aborted) throw error;
    return { exitCode: undefined, output: '' };
  }
}

async function readExit({ engine, id, cancel }: Pick<Cell, 'engine' | 'id' | 'cancel'>): Promise<number | undefined> {
  const path = ['exec', id, 'json'];
  const { body } = await callEngine(engine, { method: 'GET', path, query: {}, headers: {}, cancel });
  const code = fields(body)['ExitCode'];
  return typeof code === 'number' ? code : undefined;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<{ readonly bytes: Buffer }> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    kept.push(chunk);
    size += chunk.byteLength;
    if (size > mostBytes) break;
  }
  return { bytes: Buffer.concat(kept) };
}

/** Both streams as one text: without a terminal each piece has a head of 8 bytes, the last four its length (Engine API, ContainerAttach). */
function joinFrames(bytes: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    if (end > bytes.length) break; // cut off: a part could hold half a secret
    pieces.push(bytes.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** The end of what was printed, as it can be shown. */
export function showOutput({ show }: Pick<Cell, 'show'>, output: string, most: number): string {
  return show(output).trim().slice(-most).toWellFormed();
}
