import { afterAll, expect, test } from '@jest/globals';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import { leftovers, openProject, type Run } from '../support/project.ts';
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

const projects: { close: () => Promise<void> }[] = [];
async function runOn(files: Readonly<Record<string, string>>, inputs: Record<string, string>) {
  const project = await openProject(files);
  projects.push(project);
  return { project, run: await project.push('main', { inputs }) };
}
afterAll(() => Promise.all(projects.map((project) => project.close())));

test('a command that ends: nothing is compiled at its start, and it starts sooner', async () => {
  const Dockerfile = dockerfile('USER nobody', 'CMD ["python", "app.py"]');
  const { run, project } = await runOn({ ...app, Dockerfile }, { bytecode: 'require' });
  expect(run.green).toBe(true);
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
  expect(run.summary).toMatch(/Bytecode/);
  expect(leftovers(run, project.image)).toEqual([]);
}, 120_000);
