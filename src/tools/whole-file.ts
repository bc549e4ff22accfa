import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file of which a reader sees the old text or the new one, whenever this process ends. */
export function writeWhole(path: string, text: string): void {
  // a link or a pipe that was put there is not written to
  rmSync(`${path}.part`, { recursive: true, force: true });
  writeFileSync(`${path}.part`, text, { flag: 'wx' });
  renameSync(`${path}.part`, path);
}
