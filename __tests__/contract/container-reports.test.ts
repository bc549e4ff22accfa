import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseContainerGlob } from '../../src/model/report-glob.ts';
import { mergeCounts } from '../../src/model/test-counts.ts';
import { findDocker, runContainer } from '../../src/tools/engine/containers.ts';
import { removeImageName } from '../../src/tools/engine/images.ts';
import { readContainerReports } from '../../src/tools/junit/container.ts';
import type { FoundReports } from '../../src/tools/junit/reader.ts';
import { buildImage, countContainers, engine, env, never, sweep } from './engine-bench.ts';

/** Reports that were there before, and a shell function that writes one: its path, how many failed of two. */
const write = `write() { mkdir -p "\${1%/*}"; {
  echo '<testsuite><testcase name="a"/><testcase name="b">'
  [ "$2" = 0 ] || echo '<failure message="no">/app/tests/test_app.py:3: Error</failure>'
  echo '</testcase></testsuite>'; } > "$1"; }`;
const client = findDocker(env);
let image: string;

beforeAll(async () => {
  const text = 'FROM busybox:stable\nCOPY old.xml /reports/old.xml\nRUN touch -d "2001-01-01 00:00" /reports/old.xml\n';
  image = await buildImage({ Dockerfile: text, 'old.xml': '<testsuite/>' });
}, 60_000);

afterAll(async () => {
  await removeImageName(engine, image, never);
  sweep();
});

async function runAndRead(
  script: string,
  globs: readonly string[],
  { limit = 120_000, options = [] as readonly string[], cancel = never, onLine = (): void => undefined } = {},
) {
  const nonce = randomBytes(8).toString('hex');
  let found: FoundReports | undefined;
  const afterwards = async (container: string): Promise<void> => {
    expect(await countContainers(nonce)).toBe(1);
    found = await readContainerReports(engine, { container, globs: globs.map(parseContainerGlob) }, never);
  };
  const variables = {};
  const work = { image, command: ['sh', '-c', `${write}\n${script}`] as const, variables, nonce, limit, options };
  const watch = { listener: { stdout: onLine, stderr: onLine }, cancel, afterwards };
  const ran = runContainer({ client, engine }, { ...work, phase: 'test-image' }, watch);
  const end = await ran.then(
    ({ code }) => code,
    (error: unknown) => (error as { code: unknown }).code,
  );
  expect(await countContainers(nonce)).toBe(0);
  return { end, found };
}

const countsOf = (found: FoundReports | undefined): number[] => {
  const { passed, failed } = mergeCounts(found?.counts ?? []);
  return [passed, failed];
};

test('what a failed test wrote is read before its container is gone, and what was in the image is not', async () => {
  const { end, found } = await runAndRead('write /reports/a.xml 1; write /reports/deep/er/b.xml 0; exit 3', [
    '/reports/**/*.xml',
    '/reports/a.xml',
    '/nowhere/*.xml',
  ]);
  expect(end).toBe(3);
  expect(found?.files.toSorted()).toEqual(['/reports/a.xml', '/reports/deep/er/b.xml']);
  expect(countsOf(found)).toEqual([3, 1]);
  expect(found?.notices.map((text) => text.replace(/^test-reports: /, ''))).toEqual([
    expect.stringMatching(/^"\/reports\/old\.xml" in the container: it is older than the container/),
    expect.stringMatching(/^no file in the container matches "\/reports\/a\.xml"/),
    expect.stringMatching(/^no file in the container matches "\/nowhere\/\*\.xml"/),
  ]);
}, 60_000);

test('links, pipes, devices, folders, large files and thousands of them do no harm', async () => {
  const script = `write /r/good.xml 1; cd /r
    ln -s /r/good.xml link.xml; ln -s /etc up.xml; ln -s / rootfs; ln /r/good.xml hard.xml; ln -s /r /linked
    mkfifo pipe.xml; mknod zero.xml c 1 5; mkdir folder.xml; write '/r/odd name.xml' 0
    { echo '<testsuite><testcase name="big"><failure message="m">'; yes | head -c 100000000; } > big.xml
    mkdir many; i=0; while [ $i -lt 1100 ]; do echo '<testsuite><testcase/></testsuite>' > "many/$i.xml"; i=$((i+1)); done`;
  const globs = ['/r/*.xml', '/r/many/*.xml', '/linked/good.xml', '/linked', '/gone/*.xml'];
  const { end, found } = await runAndRead(`write /gone/x.xml 1; ${script}`, globs, { options: ['--tmpfs', '/gone'] });
  expect(end).toBe(0);
  const files = found?.files ?? [];
  // of two names of one file the first in the folder is the file, the other a link; /linked is a link on the way
  expect(files.filter((path) => !path.startsWith('/r/many/')).toSorted()).toEqual([
    '/linked/good.xml',
    '/r/big.xml',
    expect.stringMatching(/^\/r\/(?:good|hard)\.xml$/),
    '/r/odd name.xml',
  ]);
  expect(files.filter((path) => path.startsWith('/r/many/'))).toHaveLength(1_000);
  const notices = found?.notices.join('\n') ?? '';
  expect(notices).toMatch(/"\/r\/big\.xml" in the container: only its first 64 MiB were read/);
  expect(notices).toMatch(/"\/r\/many\/\*\.xml" matches 1100 files; 1000 were read/);
  expect(notices).toMatch(/no file in the container matches "\/linked"/);
  expect(notices).toMatch(/no file in the container matches "\/gone\/\*\.xml"/);
}, 120_000);

test('what a test wrote before its time was up is read, also from one that ignores signals', async () => {
  // however slow the machine: until the file was there when the time was up
  for (const limit of [2_000, 8_000, 30_000]) {
    const script = 'write /reports/a.xml 1; trap "" TERM INT; while true; do sleep 1; done';
    const { end, found } = await runAndRead(script, ['/reports/a.xml'], { limit });
    expect(end).toBe('timeout');
    if (found?.files.length === 0) continue;
    expect(countsOf(found)).toEqual([1, 1]);
    return;
  }
  throw new Error('no container came to write its report');
}, 120_000);

test('after a cancellation nothing is read any more', async () => {
  const cancel = new AbortController();
  const onLine = (): void => cancel.abort();
  const script = 'write /reports/a.xml 1; echo written; while true; do sleep 1; done';
  const { end, found } = await runAndRead(script, ['/reports/a.xml'], { cancel: cancel.signal, onLine });
  expect([end, found]).toEqual(['cancelled', undefined]);
}, 60_000);

test('an image without the program leaves no container and nothing to read', async () => {
  const nonce = randomBytes(8).toString('hex');
  const found: FoundReports[] = [];
  const afterwards = async (container: string): Promise<void> => {
    const globs = [parseContainerGlob('/reports/*.xml')];
    found.push(await readContainerReports(engine, { container, globs }, never));
  };
  const work = { image, command: ['no-such-program'] as const, variables: {}, nonce, limit: 60_000, options: [] };
  const listener = { stdout: () => undefined, stderr: () => undefined };
  const { code } = await runContainer(
    { client, engine },
    { ...work, phase: 'test-image' },
    { listener, cancel: never, afterwards },
  );
  expect([code, countsOf(found[0]), await countContainers(nonce)]).toEqual([127, [0, 0], 0]);
}, 60_000);
