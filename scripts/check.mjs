// npm run check -- [OPTION…] IMAGE: what the checks say of an image of the local engine or of a registry. Without an image: how.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'slipway-check-'));
try {
  const file = join(folder, 'check.mjs');
  await build({
    input: join(root, 'src/check.ts'),
    cwd: root,
    platform: 'node',
    moduleTypes: { '.py': 'text' },
    output: { file, format: 'esm', codeSplitting: false },
    logLevel: 'silent',
  });
  // npm starts scripts in the project's own folder; paths are meant from where it was called
  const cwd = process.env['INIT_CWD'] ?? process.cwd();
  const child = spawn(process.execPath, [file, ...process.argv.slice(2)], { cwd, stdio: 'inherit' });
  // a terminal tells both: the child takes away what it has started, and this waits for it
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.exitCode = await new Promise((resolve) => child.once('close', (status) => resolve(status ?? 2)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
