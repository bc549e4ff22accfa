// node scripts/testbed/cli.mjs up|down|status [--python] [--engine KIND]

import { parseArgs } from 'node:util';
import { areBasesUp } from './bases.mjs';
import { ENGINE_KINDS, enginePlaces, parseEngineKind } from './engine.mjs';
import { findEngine, readEngine } from './engine-found.mjs';
import { cacheFolder } from './folders.mjs';
import { ensureTestbed, stopTestbed } from './index.mjs';

const USAGE = `usage: node scripts/testbed/cli.mjs up|down|status [--python] [--engine ${ENGINE_KINDS.join('|')}]`;
const begun = Date.now();
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { python: { type: 'boolean' }, engine: { type: 'string', default: 'default' } },
});

/** @param {string} line */
function log(line) {
  process.stderr.write(`[${((Date.now() - begun) / 1000).toFixed(1).padStart(5)} s] ${line}\n`);
}

async function up() {
  const engine = parseEngineKind(values.engine);
  const testbed = await ensureTestbed({ log, engine, want: values.python ? ['python'] : [] });
  log(
    `engine ${testbed.engine.version} (${testbed.engine.store} store, ${testbed.engine.ours ? 'ours' : 'was here'}), ready`,
  );
  for (const [name, value] of Object.entries(testbed.env)) process.stdout.write(`export ${name}=${quote(value)}\n`);
}

/** A word for a POSIX shell: what it prints may be pasted into one. @param {string} text */
function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** @param {import('./engine-found.mjs').Engine} engine */
function describe({ version, store, dockerHost }) {
  return `${version}, ${store} store, ${dockerHost}`;
}

async function status() {
  const ours = await readEngine(enginePlaces('default').socket);
  const engine = ours ?? (await findEngine());
  const others = await Promise.all(
    ENGINE_KINDS.filter((kind) => kind !== 'default').map(async (kind) => {
      const other = await readEngine(enginePlaces(kind).socket);
      return other === undefined ? [] : [`${kind.padEnd(7)} ${describe(other)} (ours)`];
    }),
  );
  const lines = [
    `folder  ${cacheFolder()}`,
    `engine  ${engine === undefined ? 'none' : `${describe(engine)}${ours ? ' (ours)' : ''}`}`,
    ...others.flat(),
    `bases   ${(await areBasesUp()) ? 'running' : 'not running'}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = engine === undefined ? 1 : 0;
}

const commands = { up, status, down: () => stopTestbed(log) };
const command = Object.entries(commands).find(([name]) => name === positionals[0] && positionals.length === 1)?.[1];
if (command === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  await command().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
