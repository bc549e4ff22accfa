import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import type { PlatformBytecode } from '../../src/model/bytecode.ts';
import { FileTree } from '../../src/model/file-tree.ts';
import { removeImageName } from '../../src/tools/engine/images.ts';
import { measureStarts, proveByStarting } from '../../src/tools/proof/starts.ts';
import type { Workbench } from '../../src/tools/workbench.ts';
import { entryAt } from '../support/layers.ts';
import { plainConfig } from '../support/made-image.ts';
import { buildImage, countContainers, engine, env, never, sweep } from './engine-bench.ts';

await ensureTestbed({ log: (line) => process.stderr.write(`${line}\n`), want: ['python'] });

/** An app whose own modules are compiled but for one, and whose standard library is not. */
const files = {
  Dockerfile: `FROM python:3.11-slim
ARG NONCE
WORKDIR /app
COPY . .
RUN python -m compileall -q --invalidation-mode unchecked-hash /usr/lib/python3.11 /app/good && rm /usr/lib/python3.11/sitecustomize.py
ENV PYTHONPATH=/app/custom MINE=1
USER nobody
CMD ["sh", "-c", "eval \\"exec $RUN\\""]
`,
  '.dockerignore': 'Dockerfile\n',
  'good/__init__.py': 'import json\n',
  'slow/__init__.py': 'import json, email.message\n',
  'own.py': 'exec(compile("import json", "/somewhere/own.py", "exec"))\n',
  'late.py': 'import json, threading, time\ntime.sleep(0.6)\nimport slow\ntime.sleep(600)\n',
  'dark.py': 'import os, sys\nos.dup2(os.open("/dev/null", os.O_WRONLY), 2)\nos.closerange(3, 256)\nimport slow\n',
  'fails.py': 'import slow, os, sys\nprint("no DATABASE", file=sys.stderr)\nos.environ["DATABASE"]\n',
  'forks.py': 'import os\nif os.fork() == 0:\n    import slow\nelse:\n    os.wait()\n',
  'spawns.py': 'import subprocess, sys\nsubprocess.run([sys.executable, "-c", "import slow"])\n',
  'wrong.py': 'import slow\nimport os\nos._exit(3)\n',
  'custom/sitecustomize.py': 'import os\nos.environ["CUSTOM"] = "loaded"\n',
  'looks.py':
    'import os, sys\nassert os.environ["CUSTOM"] == "loaded" and not any("slipway" in one for one in sys.path), sys.path\n',
  'writes.py': 'import good\nopen("/tmp/x", "w").write("x")\nopen("/app/x", "w")\n',
  'net.py': 'import good, socket\nsocket.create_connection(("192.0.2.1", 80), 1)\n',
  'vars.py': 'import os\nassert os.environ["GIVEN"] == "a=b c" and os.environ["MINE"] == "1"\n',
};
const report: PlatformBytecode = {
  platform: undefined,
  interpreters: [{ path: '/usr/bin/python3.11', version: '3.11', cacheTag: 'cpython-311', magic: 3495, optimize: 0 }],
  roots: [],
  pycachePrefix: undefined,
  compiled: 0,
  bytes: 0,
  unchanged: 0,
  skipped: [{ path: '/app/custom', reason: 'left out' }],
  failed: [],
  removed: [],
  useless: [],
};
const tree = new FileTree([[entryAt('/usr/local/bin/python')]]);
const nonce = randomBytes(16).toString('hex');
const bench = { engine, cancel: never, nonce, environment: { all: env } } as unknown as Workbench;
let image = '';

beforeAll(async () => {
  image = await buildImage(files, { limit: 300_000 });
}, 300_000);

afterAll(async () => {
  await removeImageName(engine, image, never);
  sweep();
});

/** Starts the image with a line for its shell, and says that its command has these words. */
async function prove(line: string, cmd: readonly string[] = [], variables: Record<string, string> = {}) {
  const imageEnv = { PATH: '/usr/local/bin:/usr/bin:/bin', PYTHONPATH: '/app/custom' };
  const config = { ...plainConfig, env: new Map(Object.entries(imageEnv)), user: 'nobody', cmd };
  const work = { image, report, variables: { ...variables, RUN: line }, contents: { config, tree } };
  return { started: await proveByStarting(bench, work), work };
}

const slow = ['/app/slow/__init__.py'];
const partly = (compiled: readonly string[], short: RegExp) => ({
  kind: 'started',
  what: 'the image’s command',
  compiled,
  short: expect.stringMatching(short),
});
const unproved = (reason: RegExp) => ({ kind: 'unproved', reason: expect.stringMatching(reason) });
const whole = (compiled: readonly string[], what = 'the image’s command') => ({
  kind: 'started',
  what,
  compiled,
  short: '',
});

describe('a start of the image', () => {
  test.each<[string, string, object, (readonly string[])?]>([
    ['that loads compiled modules compiles nothing', 'python -c "import good"', whole([])],
    ['that loads a module without a .pyc names it', 'python -c "import good, slow"', whole(slow)],
    ['is not blamed for the file it runs, nor for what that compiles itself', 'python own.py', whole([])],
    ['runs the image’s own sitecustomize', 'python looks.py', whole([])],
    ['that never ends is ended once it has loaded its modules', 'python late.py', whole(slow)],
    ['is told of though its stderr goes elsewhere', 'python -c "import os; os.dup2(1, 2); import slow"', whole(slow)],
    ['that closes what it did not open goes on, and nobody is told any more', 'python dark.py', whole([])],
    ['tells of a process that it forks', 'python forks.py', whole(slow)],
    ['tells of a process that it starts', 'python spawns.py', whole(slow)],
    ['that fails counts as far as it came', 'python fails.py', partly(slow, /exit status 1 .*KeyError: 'DATABASE'/)],
    ['has a /tmp and nothing else to write to', 'python writes.py', partly([], /Read-only file system/)],
    ['reaches nobody', 'python net.py', partly([], /Network is unreachable/)],
    [
      'that fails, like its module, counts as far',
      'python wrong.py',
      partly(slow, /exit status 3/),
      ['python', '-m', 'wrong'],
    ],
    [
      'that waits for others leaves its module to be imported',
      'false',
      whole(slow, 'import slow'),
      ['wait', 'gunicorn', 'slow:app'],
    ],
    ['of an isolated Python is not seen', 'python -I -c "import json"', unproved(/no Python that reads PYTHONPATH/)],
    ['of a program that is not there is none', '/none', unproved(/exit status 127/)],
  ])(
    '%s',
    async (_, line, proof, cmd = []) => {
      const { started } = await prove(line, cmd);
      expect(started.proof).toEqual(proof);
      expect(await countContainers(nonce)).toBe(0);
    },
    60_000,
  );

  test('has the variables of test-env', async () => {
    const { started } = await prove('python vars.py', [], { GIVEN: 'a=b c' });
    expect(started.proof).toEqual(whole([]));
  }, 60_000);
});

test('start times are measured with and without bytecode, by turns', async () => {
  const { started, work } = await prove('python -c "import good, slow"');
  const times = await measureStarts(bench, work, started);
  if (times.kind !== 'measured') throw new Error(times.reason);
  expect(times.starts).toBeGreaterThan(0);
  expect(times.after.compiled).toBe(1);
  expect(times.before.compiled).toBeGreaterThan(20);
  expect(times.before.ms).toBeGreaterThan(times.after.ms);
  expect(await countContainers(nonce)).toBe(0);
}, 120_000);

test('start times of what cannot be started are left out, with the reason', async () => {
  const { started, work } = await prove('python fails.py');
  const times = await measureStarts(bench, work, started);
  expect(times).toEqual({ kind: 'skipped', reason: expect.stringMatching(/KeyError/) });
}, 60_000);
