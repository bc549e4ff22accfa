import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file of which a reader sees the old text or the new one, whenever this process ends. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}
