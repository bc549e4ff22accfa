import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openProject, type Project, type Run } from '../support/project.ts';
import { type LayerEntry, readPublished, runPython } from '../support/python-images.ts';
import { brokenProject, hardProject, noPython, twoPythons, withoutLibrary } from '../support/python-projects.ts';

type Published = Awaited<ReturnType<typeof readPublished>>;

const left = `${withoutLibrary}\nleft`;
const fast = { 'bytecode-exclude': withoutLibrary, cache: 'none' };

let runs = 0;

/** Pushes to main and reads what was published. */
async function publish(project: Project, inputs: Record<string, string>): Promise<Published & { run: Run }> {
  runs += 1;
  const run = await project.push('main', { inputs: { reuse: 'off', ...fast, ...inputs }, runId: String(runs) });
  if (!run.green) throw new Error(run.main.log);
  return { ...(await readPublished(project.registry, run)), run };
}

/** Whether the compile step ran, and was not there from a build before. */
function isCompiledAnew(log: string): boolean {
  const [, step] = /(#\d+) \[[^\]]*\] RUN --network=none \["python3"/.exec(log) ?? [];
  if (step === undefined) throw new Error(`the log shows no compile step\n${log}`);
  return !log.includes(`${step} CACHED`);
}

/** A program that compares every header with its source's hash, and these flags (PEP 552). */
function readHeaders(flags: 1 | 3): string {
  return `
import importlib.util as u, os, sys
bad, count = [], 0
for root in ('/srv/app', '/srv/src', '/opt/venv/lib'):
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            cache = u.cache_from_source(path) if name.endswith('.py') else ''
            if os.path.exists(cache) and os.path.getsize(cache):
                head, text = open(cache, 'rb').read(16), open(path, 'rb').read()
                count += 1
                if head != u.MAGIC_NUMBER + b'\\${flags}\\0\\0\\0' + u.source_hash(text): bad.append(path)
print(count > 15, bad)`;
}

describe('an image that is hard to compile', () => {
  let project: Project;
  let plain: Published;
  let made: Published & { run: Run };
  const entry = (path: string): LayerEntry | undefined =>
    made.entries.find((one) => one.path.replace(/\/$/, '') === path);
  const python = (program: string): string => runPython(`${project.image}@${made.run.outputs['digest']}`, program);

  beforeAll(async () => {
    project = await openProject(hardProject);
    plain = await publish(project, {});
    made = await publish(project, { bytecode: 'require', 'bytecode-exclude': left });
  }, 240_000);

  afterAll(() => project.close());

  test('has the configuration that its Dockerfile says, key by key, but for the key of its content', () => {
    const { Labels: labels, ...config } = made.config;
    const { Labels: plainLabels, ...plainConfig } = plain.config;
    expect(config).toEqual(plainConfig);
    const key = { 'io.slipway.key': expect.any(String) };
    expect(labels).toEqual({ ...(plainLabels as object), ...key });
    expect((labels as Record<string, string>)['io.slipway.key']).not.toBe(
      (plainLabels as Record<string, string>)['io.slipway.key'],
    );
  });

  test('is what the Dockerfile makes and one layer, which holds bytecode alone', () => {
    expect(made.layers.slice(0, -1)).toEqual(plain.layers);
    const files = made.entries.filter(({ mode }) => !mode.startsWith('d'));
    expect(files.filter(({ path }) => !/(?:^|\/)__pycache__\/[^/]+\.pyc$/.test(path))).toEqual([]);
    expect(new Set(made.entries.map(({ time }) => time))).toEqual(new Set(['1980-01-01 00:00:01']));
  });

  test.each([
    ['a folder of a user with setgid', 'srv/app/setgid', 'drwxr-s---', '1234/4321'],
    ['new bytecode folder in it', 'srv/app/setgid/__pycache__', 'drwxr-s---', '1234/4321'],
    [
      'bytecode of a file that few may read',
      'srv/app/setgid/__pycache__/inside.cpython-311.pyc',
      '-rw-r-----',
      '1234/4321',
    ],
    ['a folder that all may write to', 'srv/app/sticky', 'drwxrwxrwt', '0/0'],
    ['a new folder in it, which not all may', 'srv/app/sticky/__pycache__', 'drwxr-xr-x', '0/0'],
    ['a read-only folder', 'srv/app/closed', 'dr-xr-xr-x', '0/0'],
    ['read-only packages', 'opt/venv/lib/python3.11/site-packages/third', 'dr-xr-xr-x', '0/0'],
    ['the root of the work', 'srv/app', 'drwxr-xr-x', '0/0'],
  ])('keeps owner and mode: %s', (_, path, mode, owner) => {
    expect(entry(path)).toMatchObject({ mode, owner });
  });

  test.each([
    ['a name with a space and a line break', 'srv/app/sp ace/__pycache__/new\\nline.cpython-311.pyc'],
    ['a name that is not UTF-8', 'srv/app/odd/__pycache__/caf\\351.cpython-311.pyc'],
    ['a name with dots', 'srv/app/odd/__pycache__/dotted.name.cpython-311.pyc'],
    ['PYTHONPATH', 'srv/src/extra/__pycache__/extra.cpython-311.pyc'],
    ['PYTHONPATH, relative', 'srv/app/relative/__pycache__/mod.cpython-311.pyc'],
    ['a line of a .pth file', 'srv/src/editable/__pycache__/edited.cpython-311.pyc'],
    ['an editable install by a finder', 'srv/src/mapped/mapped/__pycache__/__init__.cpython-311.pyc'],
    [
      'a virtual environment from another stage',
      'opt/venv/lib/python3.11/site-packages/third/__pycache__/__init__.cpython-311.pyc',
    ],
    ['a folder that is a volume', 'srv/app/data/__pycache__/kept.cpython-311.pyc'],
    ['a link within the tree', 'srv/app/__pycache__/stays.cpython-311.pyc'],
    ['anew what is there of another level', 'srv/app/__pycache__/own.cpython-311.opt-1.pyc'],
  ])('compiles %s', (_, path) => {
    expect(entry(path)?.size).toBeGreaterThan(16);
  });

  test.each([
    ['what the globs leave out', /^srv\/app\/left\//],
    ['a link that leaves the tree', /leaves\.cpython/],
    ['what lies behind a link to a folder', /^srv\/app\/usr\//],
    ['packages of Node', /node_modules/],
    ['what does not compile', /template\.cpython/],
    ['the standard library, which this workflow leaves out', /^usr\//],
  ])('does not compile %s', (_, pattern) => {
    expect(made.entries.filter(({ path }) => pattern.test(path))).toEqual([]);
  });

  test.each([
    ['of another Python', 'own.cpython-39.pyc'],
    ['without a source', 'gone.cpython-311.pyc'],
  ])('has no bytecode left that is %s', (_, name) => {
    expect(entry(`srv/app/__pycache__/${name}`)).toMatchObject({ size: 0 });
  });

  test('Python takes the new bytecode where forged and stale bytecode was, and compiles nothing', () => {
    const program = `
import sys
seen = []
sys.addaudithook(lambda name, args: seen.append(args[1]) if name == 'compile' and str(args[1]).endswith('.py') else None)
import own, stays, third, edited, extra, mod, sourceless
print(own.NAME, stays.NAME, third.VALUE, sourceless.NAME, seen)`;
    expect(python(program)).toBe('own\nown\nown own 3 program []\n');
  });

  test('every header is that of the source, never to be checked again', () => {
    expect(python(readHeaders(1))).toBe('True []\n');
  });

  test('with `checked-hash` every header is to be checked', async () => {
    const checked = await publish(project, {
      bytecode: 'on',
      'bytecode-mode': 'checked-hash',
      'bytecode-exclude': left,
    });
    expect(runPython(`${project.image}@${checked.run.outputs['digest']}`, readHeaders(3))).toBe('True []\n');
  });

  test('says what was left out, and names the module of others that does not compile', () => {
    const [notice = ''] = made.run.receipt.notices.filter((text) => text.includes('template'));
    expect(notice).toContain('/opt/venv/lib/python3.11/site-packages/third/template.py:1: SyntaxError');
  });

  test('is made of the same bytes without any cache', async () => {
    const again = await publish(project, {
      bytecode: 'require',
      'bytecode-exclude': left,
      'no-cache': 'true',
    });
    expect(again.run.receipt.image?.digest).not.toBe(made.run.receipt.image?.digest);
    expect(again.layers.at(-1)).toBe(made.layers.at(-1));
  }, 120_000);
});

describe('an image with two Pythons and no shell', () => {
  let project: Project;
  let made: Published;
  let paths: readonly string[];

  beforeAll(async () => {
    project = await openProject(twoPythons);
    // of either library a module is enough
    const exclude = 'dist-packages\npip\n/usr/lib/python3.*/[a-z]*[a-z]*/**\n/usr/lib/python3.*/[!j]*.py';
    made = await publish(project, { bytecode: 'require', 'bytecode-exclude': exclude });
    paths = made.entries.map(({ path }) => path);
  }, 240_000);

  afterAll(() => project.close());

  test.each([
    ['the library of the one', 'usr/lib/python3.13/__pycache__/ast.cpython-313.opt-1.pyc'],
    ['the library of the other', 'usr/lib/python3.11/__pycache__/ast.cpython-311.opt-1.pyc'],
    ['code that only the newer one can compile', 'srv/__pycache__/newer.cpython-313.opt-1.pyc'],
    ['code for the older one, which has a virtual environment', 'srv/__pycache__/main.cpython-311.opt-1.pyc'],
  ])('has bytecode of the image’s optimisation level of %s', (_, path) => {
    expect(paths).toContain(path);
  });

  test('has none of the library’s own tests, and none of another level', () => {
    expect(paths.filter((path) => /python3\.13\/test\//.test(path))).toEqual([]);
    expect(paths.filter((path) => path.endsWith('.pyc') && !path.endsWith('.opt-1.pyc'))).toEqual([]);
  });
});

describe('an image without Python', () => {
  let project: Project;

  beforeAll(async () => {
    project = await openProject(noPython);
  }, 120_000);

  afterAll(() => project.close());

  test('ships as it is with `on`, with a notice, and its tests ran once', async () => {
    const made = await publish(project, { bytecode: 'on', test: 'test -e message', cache: 'auto' });
    expect(made.run.receipt.notices).toEqual([
      'the image ships without bytecode: there is no Python in the image, or none where it was looked for',
    ]);
    expect(made.run.receipt.tests).toHaveLength(1);
    expect(made.layers).toHaveLength(2);
  });

  test('is an error with `require`', async () => {
    const run = await project.push('main', { inputs: { ...fast, reuse: 'off', bytecode: 'require' } });
    expect(run.receipt.error).toMatchObject({
      code: 'bytecode-failed',
      message: 'there is no Python in the image, or none where it was looked for',
    });
    expect(run.outputs['pushed']).toBe('false');
  });

  test('is not built a second time from a context that a test has changed', async () => {
    // the step without Python fails once this one is done, which no earlier run has cached: by then the tests have long begun
    const slow = `RUN sleep 5 && echo ${randomUUID()}`;
    await project.origin.commit('main', { Dockerfile: `${noPython['Dockerfile']}${slow}\n` });
    const inputs = { ...fast, reuse: 'off', bytecode: 'on', test: 'echo other > message' };
    const run = await project.push('main', { inputs });
    expect(run.receipt.error).toMatchObject({
      code: 'bytecode-failed',
      message: expect.stringContaining('and a test has changed the build context since'),
    });
  });
});

describe('a module of the user’s own that does not compile', () => {
  let project: Project;

  let refused: Run;

  beforeAll(async () => {
    project = await openProject(brokenProject);
    refused = await project.push('main', { inputs: { ...fast, reuse: 'off', target: 'app', bytecode: 'require' } });
  }, 120_000);

  afterAll(() => project.close());

  test('is an error with `require` that names file, line and reason', () => {
    expect(refused.receipt.error).toMatchObject({
      code: 'bytecode-failed',
      message: '1 of your own do not compile: /srv/broken.py:2: SyntaxError: invalid syntax',
    });
  });

  test('is a notice with `on`; the rest goes where PYTHONPYCACHEPREFIX says, and a base’s ONBUILD has run once', async () => {
    const made = await publish(project, { target: 'app', bytecode: 'on' });
    expect(made.run.receipt.notices).toEqual([
      '1 of your own do not compile: /srv/broken.py:2: SyntaxError: invalid syntax',
    ]);
    expect(made.entries.filter(({ mode }) => mode.startsWith('-')).map(({ path }) => path)).toEqual([
      'var/cache/python/srv/fine.cpython-311.pyc',
    ]);
    expect(made.config['OnBuild'] ?? null).toBeNull();
    expect(isCompiledAnew(made.run.main.log)).toBe(false); // the run before has made it
  });

  test('bytecode where no container would see it is an error with `require` that names the variable', async () => {
    const inputs = {
      ...fast,
      'bytecode-exclude': `${withoutLibrary}\n/srv/broken.py`,
      target: 'useless',
      reuse: 'off',
    };
    const run = await project.push('main', { inputs: { ...inputs, bytecode: 'require' } });
    expect(run.receipt.error).toMatchObject({
      code: 'bytecode-failed',
      message: expect.stringContaining(
        'PYTHONPYCACHEPREFIX=/dev/shm/python names a folder that every container mounts anew',
      ),
    });
  });

  test('an image with ONBUILD of its own keeps it and ships without bytecode', async () => {
    const made = await publish(project, { target: 'parent', bytecode: 'on' });
    expect(made.run.receipt.notices).toEqual([
      expect.stringMatching(/^the image ships without bytecode: .*Dockerfile:10: ONBUILD would run/),
    ]);
    expect(made.config['OnBuild']).toEqual(['RUN echo own > /never']);
  });

  test('an image that has something in the place of the compile step ends it', async () => {
    const run = await project.push('main', { inputs: { ...fast, reuse: 'off', target: 'taken', bytecode: 'require' } });
    expect(run.receipt.error).toMatchObject({
      code: 'bytecode-failed',
      message: 'the bytecode was not made: the image has a /.slipway-bytecode of its own',
    });
  });

  test('folders that `bytecode-paths` names must be there', async () => {
    const inputs = { ...fast, 'bytecode-exclude': `${withoutLibrary}\n/srv/broken.py`, target: 'app', reuse: 'off' };
    const run = await project.push('main', {
      inputs: { ...inputs, bytecode: 'require', 'bytecode-paths': '../nowhere' },
    });
    expect(run.receipt.error?.message).toContain('/srv/../nowhere: bytecode-paths names a folder');
  });
});
