import { type Look, parseLook, shellLook } from '../../plan/probes/look.ts';
import type { Cell } from './cell.ts';
import pythonLook from './look.py';
import { runInCell } from './output.ts';

/** A look at a running container from within, by what the image itself has. */
export interface Looked {
  readonly look: Look;
  /** Why nothing could be seen; empty where something was. */
  readonly because: string;
}

const limit = 15_000;

/** Looks at a running container with its Python, else its shell.
 * @param what whether to see, too, what becomes of an orphan, which takes a second. */
export async function lookInside(cell: Cell, pythons: readonly string[], what: 'all' | 'processes'): Promise<Looked> {
  const programs = [
    ...pythons.map((python) => [python, '-S', '-E', '-c', pythonLook, what]),
    ['sh', '-c', shellLook, 'sh', what],
  ];
  for (const program of programs) {
    const { exitCode, output } = await runInCell(cell, { program, limit });
    const look = parseLook(output);
    if (look.processes.length > 0) return { look, because: '' };
    if (exitCode === undefined) return { look, because: `${program[0]} of the image did not answer in time` };
  }
  return { look: parseLook(''), because: 'the image has no Python and no shell that could look' };
}
