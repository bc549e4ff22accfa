import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import type { BytecodePlan, BytecodeReport } from '../../src/model/bytecode.ts';
import type { PlatformProof } from '../../src/plan/bytecode/proof-verdict.ts';
import { inspectImage, removeImageName } from '../../src/tools/engine/images.ts';
import { proveCompiled } from '../../src/tools/proof/bytecode.ts';
import { buildImage, engine, env, never, sweep } from './engine-bench.ts';

await ensureTestbed({ log: (line) => process.stderr.write(`${line}\n`), want: ['python'] });

/** Plants each kind of fault by the image's own Python. */
const plant = `
import pathlib, py_compile, shutil, os
app = pathlib.Path("/app")
mode = py_compile.PycInvalidationMode
def made(name, how):
    (app / name).write_text("X = 1\\n")
    return pathlib.Path(py_compile.compile(str(app / name), invalidation_mode=how, doraise=True))
def edit(name): (app / name).write_text("X = 2\\n")
for name, how in [("good_unchecked", mode.UNCHECKED_HASH), ("good_checked", mode.CHECKED_HASH), ("good_time", mode.TIMESTAMP)]:
    made(name + ".py", how)
made("hash_stale.py", mode.CHECKED_HASH); edit("hash_stale.py")
made("unchecked_stale.py", mode.UNCHECKED_HASH); edit("unchecked_stale.py")
made("time_stale.py", mode.TIMESTAMP); os.utime(app / "time_stale.py", (1, 1))
pyc = made("size_stale.py", mode.TIMESTAMP); stat = os.stat(app / "size_stale.py"); (app / "size_stale.py").write_text("X = 22\\n"); os.utime(app / "size_stale.py", (stat.st_atime, stat.st_mtime))
made("missing.py", mode.UNCHECKED_HASH).unlink()
pyc = made("foreign.py", mode.UNCHECKED_HASH); pyc.rename(str(pyc).replace("311", "39"))
pyc = made("magic.py", mode.UNCHECKED_HASH); pyc.write_bytes(b"\\x61" + pyc.read_bytes()[1:])
pyc = made("cut.py", mode.UNCHECKED_HASH); pyc.write_bytes(pyc.read_bytes()[:10])
pyc = made("emptied.py", mode.UNCHECKED_HASH); pyc.write_bytes(b"")
pyc = made("flags.py", mode.UNCHECKED_HASH); data = bytearray(pyc.read_bytes()); data[4] = 7; pyc.write_bytes(bytes(data))
other = made("other.py", mode.UNCHECKED_HASH); (app / "forged.py").write_text("X = 9\\n"); shutil.copy(other, app / "__pycache__/forged.cpython-311.pyc")
`;
const expected = [
  'cut truncated',
  'emptied truncated',
  'flags wrong-flags',
  'foreign missing',
  'forged unchecked-stale',
  'hash_stale hash-stale',
  'magic wrong-magic',
  'missing missing',
  'size_stale size-stale',
  'time_stale mtime-stale',
  'unchecked_stale unchecked-stale',
];
const python = { path: '/usr/bin/python3.11', version: '3.11.2', cacheTag: 'cpython-311', magic: 3495, optimize: 0 };
const report: BytecodeReport = {
  interpreters: [python],
  roots: [{ path: '/app', kind: 'app', interpreter: python.path, own: true, deep: true }],
  pycachePrefix: undefined,
  compiled: 0,
  bytes: 0,
  unchanged: 0,
  skipped: [],
  failed: [],
  removed: [],
  useless: [],
};

afterAll(sweep);

test('every planted fault is found in the image that ships, and refused', async () => {
  const Dockerfile =
    'FROM python:3.11-slim\nARG NONCE\nCOPY plant.py /\nRUN mkdir /app && python /plant.py\nCMD ["true"]\n';
  const name = await buildImage({ Dockerfile, 'plant.py': plant }, { limit: 300_000 });
  try {
    const local = await inspectImage(engine, name, never);
    const bench = { engine, cancel: never, nonce: randomBytes(16).toString('hex'), environment: { all: env } };
    const prove = async (mode: BytecodePlan['mode'], bytecode: BytecodeReport) => {
      const notices: string[] = [];
      let kept: readonly PlatformProof[] = [];
      const plan = { request: { bytecode: { mode } }, tests: { env: [] } };
      const work = {
        plan,
        keep: (proofs: readonly PlatformProof[]) => {
          kept = proofs;
        },
        tell: (_: string, more: readonly string[]) => void notices.push(...more),
      };
      const image = { localId: local?.id, bytecode: [{ ...bytecode, platform: undefined }] };
      const ran = proveCompiled(bench as never, image as never, work as never);
      const refusal = await ran.then(
        () => '',
        (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
      );
      return { refusal, notices, faults: kept[0]?.files.faults ?? [], start: kept[0]?.start };
    };
    const refused = await prove('require', report);
    expect(refused.faults.map(({ path, reason }) => `${path.slice(5, -3)} ${reason}`)).toEqual(expected);
    expect(refused.refusal).toMatch(
      /^bytecode-failed: bytecode: 2 sources would not run: .*; 9 sources would be compiled/,
    );
    expect(refused.start).toMatchObject({ kind: 'unproved' });
    // what only costs time is told under `on`; other code than the source's is refused there too
    expect((await prove('on', report)).refusal).toMatch(/2 sources would not run/);
    const skipped = ['/app/forged.py', '/app/unchecked_stale.py'].map((path) => ({ path, reason: 'left out' }));
    const told = await prove('on', { ...report, skipped });
    expect(told.refusal).toBe('');
    expect(told.notices.join('\n')).toMatch(/9 sources would be compiled at every start/);
  } finally {
    await removeImageName(engine, name, never);
  }
}, 600_000);
