import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { app, bench, leftovers, openProject, type Project, type Run, tagsOf } from '../support/project.ts';

/** What a test runner leaves behind: `$1` failures among ten tests. */
const runner = `#!/bin/sh
mkdir -p reports
{
  echo '<testsuites><testsuite name="pytest">'
  for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
    if [ "$n" -le "$1" ]; then
      printf '<testcase classname="tests.test_app" name="test_%s" time="0.2"><failure message="assert %s | ::error::x&#10;more">tests/test_app.py:%s: AssertionError</failure></testcase>' "$n" "$n" "$n"
    else
      printf '<testcase classname="tests.test_app" name="test_%s" time="0.001"/>' "$n"
    fi
  done
  echo '</testsuite></testsuites>'
} > reports/unit.xml
[ "$1" -eq 0 ]
`;
const files = { ...app, 'run-tests.sh': runner, 'tests/test_app.py': 'pass\n', 'reports/old.xml': '<testsuite/>\n' };

let project: Project;
beforeAll(async () => {
  project = await openProject(files);
}, 60_000);
afterAll(() => project.close());

function push(test: string, more: Record<string, string> = {}): Promise<Run> {
  const prepare = (folder: string): void => utimesSync(join(folder, 'reports/old.xml'), 1, 1);
  return project.push('main', { inputs: { test, 'test-reports': 'reports/*.xml', ...more }, prepare });
}

const errorsOf = ({ annotations }: Run) => annotations.filter(({ level }) => level === 'error');

describe('JUnit reports', () => {
  test('of tests that failed stand at the lines that failed, ten at most, and publish nothing', async () => {
    const run = await push('sh run-tests.sh 12');
    expect(run.green).toBe(false);
    expect(await tagsOf(project.registry)).toEqual([]);
    const reports = (run.receipt as unknown as { reports: Record<string, unknown> }).reports;
    expect(reports).toMatchObject({ files: ['reports/unit.xml'], passed: 2, failed: 12, skipped: 0 });
    const errors = errorsOf(run);
    expect(errors).toHaveLength(10);
    expect(errors[1]).toMatchObject({ file: 'tests/test_app.py', line: 1, message: 'assert 1 | ::error::x\nmore' });
    expect(errors.map(({ message }) => message).join('\n')).toContain('(3 more failed');
    expect(run.summary).toContain('**12 failed**, 2 passed');
    expect(run.receipt.notices.join('\n')).toMatch(/reports\/old\.xml.*older than this run/);
  });

  test('of tests that passed are counted, and pipes, links and other files are left alone', async () => {
    const planted =
      'mkfifo reports/pipe.xml; ln -s /etc/passwd reports/link.xml; mkdir reports/folder.xml; echo no > reports/text.xml';
    const run = await push(`${planted}; sh run-tests.sh 0`, { 'test-reports': 'reports/*.xml\nnothing/*.xml' });
    expect(errorsOf(run)).toEqual([]);
    expect(run.green).toBe(true);
    const { reports } = run.receipt as unknown as { reports: Record<string, unknown> };
    expect(reports).toMatchObject({ passed: 14, failed: 0 });
    const notices = run.receipt.notices.join('\n');
    for (const said of [
      /pipe\.xml": it is no plain file/,
      /link\.xml": it leads out/,
      /folder\.xml": it is no plain/,
      /text\.xml": /,
      /no file matches "nothing/,
    ])
      expect(notices).toMatch(said);
  });

  test('that say failed do not overrule the exit status, and the other way round', async () => {
    await project.origin.commit('main', { 'run-tests.sh': `${runner}\nexit 0\n` });
    const run = await push('sh run-tests.sh 1 || true');
    expect(run.green).toBe(true);
    expect(run.summary).toContain('**1 failed**, 13 passed');
  });
});

test('reports that a container of the image wrote are copied out of it, also where its test failed', async () => {
  await project.origin.commit('inside', { 'run-tests.sh': runner });
  const inputs = {
    test: 'true',
    'test-image': 'sh -c "cd /tmp && sh /app/run-tests.sh 0"\nsh -c "cd /tmp && sh /app/run-tests.sh 2"',
    'test-reports': '/tmp/reports/*.xml',
  };
  const run = await project.push('inside', { inputs });
  expect(run.green).toBe(false);
  expect(run.receipt).toMatchObject({
    error: { code: 'test-failed' },
    reports: { files: ['/tmp/reports/unit.xml', '/tmp/reports/unit.xml'], passed: 26, failed: 2 },
  });
  expect(run.summary).toContain('**2 failed**, 26 passed');
  expect(errorsOf(run).filter(({ file }) => file === 'tests/test_app.py')).toHaveLength(2);
  expect(leftovers(run, project.image)).toEqual([]);
});

describe('lines of the Dockerfile', () => {
  test('of a step that fails, and of BuildKit’s warnings, are annotated', async () => {
    const broken = 'FROM busybox:stable\n# a comment\nRUN echo no && \\\n    exit 3\n';
    await project.origin.commit('broken', { 'sub/App.dockerfile': broken });
    const failed = await project.push('broken', { inputs: { file: 'sub/App.dockerfile' } });
    expect(failed.green).toBe(false);
    expect(errorsOf(failed)).toEqual([expect.objectContaining({ file: 'sub/App.dockerfile', line: 3 })]);
    await project.origin.commit('warned', { Dockerfile: 'FROM busybox:stable as base\nCMD echo hello\n' });
    const warned = await project.push('warned');
    expect(warned.green).toBe(true);
    const warnings = warned.annotations.filter(({ level }) => level === 'warning');
    const checks = [
      ['Dockerfile', 1, 'FromAsCasing'],
      ['Dockerfile', 2, 'JSONArgsRecommended'],
    ];
    const found = warnings.map(({ file, line, message }) => [file, line, message.split(':')[0]]).sort();
    // the engine's BuildKit checks Dockerfiles since Docker Engine 27
    const expected = Number.parseInt(bench.engine.version, 10) < 27 ? [] : checks;
    expect(found).toEqual(expected);
    expect(warned.summary).toContain('2 warnings of BuildKit’s about the Dockerfile');
  });
});
