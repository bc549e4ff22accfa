import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import { leftovers, openProject, type Project, type Run, tagsOf } from '../support/project.ts';
import { withoutLibrary } from '../support/python-projects.ts';
import { receiptProblems } from '../support/receipt-schema.ts';

await ensureTestbed({ log: (line) => process.stderr.write(`${line}\n`), want: ['python'] });

interface Proof {
  readonly coverage: readonly { readonly kind: string; readonly sources: number; readonly loaded: number }[];
  readonly faults: readonly { readonly path: string; readonly reason: string }[];
  readonly start: { readonly what: string | null; readonly compiled: readonly string[]; readonly reason: string };
  readonly times: {
    readonly starts: number;
    readonly before: { readonly ms: number; readonly compiled: number } | null;
    readonly after: { readonly ms: number; readonly compiled: number } | null;
    readonly reason: string;
  };
}

function proofOf(run: Run): Proof {
  const { bytecode } = run.receipt as unknown as { bytecode: { proof: Proof } | null };
  if (bytecode === null) throw new Error(`no bytecode in the receipt\n${run.main.log}`);
  return bytecode.proof;
}

const app = {
  'app.py': 'import json, email.message\nfrom package import helper\nprint(helper.greet())\n',
  'package/__init__.py': '',
  'package/helper.py': 'def greet():\n    return "hello"\n',
  '.dockerignore': '.git\n',
};
const dockerfile = (...lines: readonly string[]) =>
  ['FROM python:3.11-slim', 'WORKDIR /app', 'COPY . .', ...lines, ''].join('\n');

test('a command that ends: nothing is compiled at its start, and it starts sooner', async () => {
  const Dockerfile = dockerfile('USER nobody', 'CMD ["python", "app.py"]');
  const project = await openProject({ ...app, Dockerfile });
  try {
    const seen = 'import os, package.helper as h; print(os.path.exists(h.__cached__) or exit(1))';
    const inputs = {
      bytecode: 'require',
      'test-image': `python -c "${seen}"`,
      verify: `docker run --rm --network none --read-only "$SLIPWAY_IMAGE" python -c '${seen}'`,
    };
    const run = await project.push('main', { inputs });
    expect({ green: run.green, log: run.green ? '' : run.main.log }).toEqual({ green: true, log: '' });
    expect(run.receipt.tests).toMatchObject([
      { kind: 'test-image', passed: true },
      { kind: 'verify', passed: true },
    ]);
    expect(receiptProblems(run.receipt)).toEqual([]);
    const { coverage, faults, start, times } = proofOf(run);
    expect(faults).toEqual([]);
    expect(coverage.every(({ sources, loaded }) => loaded === sources)).toBe(true);
    expect(coverage.find(({ kind }) => kind === 'app')).toMatchObject({ sources: 3 });
    expect(coverage.find(({ kind }) => kind === 'stdlib')?.sources).toBeGreaterThan(500);
    expect(start).toEqual({ what: 'the image’s command', compiled: [], reason: '' });
    expect(times.after?.compiled).toBe(0);
    expect(times.before?.compiled).toBeGreaterThan(20);
    expect(times.before?.ms).toBeGreaterThan(times.after?.ms ?? Number.POSITIVE_INFINITY);
    expect(run.summary).toContain('Bytecode: ');
    expect(leftovers(run, project.image)).toEqual([]);
  } finally {
    await project.close();
  }
}, 300_000);

describe('a server that loads modules from where nobody looks', () => {
  const server = [
    'import sys, time',
    'sys.path.insert(0, "/plugins")',
    'import plugin',
    'from package import helper',
    'print(helper.greet())',
    'time.sleep(600)',
    '',
  ].join('\n');
  const files = {
    ...app,
    'app.py': server,
    'plugins/plugin.py': 'LOADED = True\n',
    Dockerfile: dockerfile('RUN mv plugins /plugins', 'CMD ["python", "app.py"]'),
  };
  const quick = { 'bytecode-exclude': withoutLibrary };
  let project: Project;
  beforeAll(async () => {
    project = await openProject(files);
  });
  afterAll(() => project.close());

  test('is refused under `require`, with the module’s name, and nothing is published', async () => {
    const run = await project.push('main', { inputs: { ...quick, bytecode: 'require' } });
    expect(run.green).toBe(false);
    expect(run.receipt.error?.code).toBe('bytecode-failed');
    expect(run.receipt.error?.message).toMatch(/compiled 1 source at its start: \/plugins\/plugin\.py$/);
    expect(proofOf(run).start).toEqual({ what: 'the image’s command', compiled: ['/plugins/plugin.py'], reason: '' });
    expect(receiptProblems(run.receipt)).toEqual([]);
    expect(await tagsOf(project.registry)).toEqual([]);
    expect(leftovers(run, project.image)).toEqual([]);
  }, 300_000);

  test('is published under `on`, with a notice', async () => {
    const run = await project.push('main', { inputs: { ...quick, bytecode: 'on' } });
    expect(run.green).toBe(true);
    expect(run.receipt.notices.join('\n')).toMatch(/compiled 1 source at its start: \/plugins\/plugin\.py/);
  }, 300_000);

  test('is compiled where it is named', async () => {
    const inputs = { ...quick, bytecode: 'require', 'bytecode-paths': '/plugins', reuse: 'off' };
    const run = await project.push('main', { inputs });
    expect({ green: run.green, log: run.green ? '' : run.main.log }).toEqual({ green: true, log: '' });
    expect(proofOf(run).start.compiled).toEqual([]);
    expect(proofOf(run).times.starts).toBeGreaterThan(0);
  }, 300_000);
});
