import { expect, test } from '@jest/globals';
import { createBuildProgress } from '../../src/model/build-progress.ts';
import { parsePlatform } from '../../src/model/platform.ts';
import { planBake } from '../../src/plan/build-plan.ts';
import { explainFailure } from '../../src/tools/buildx/failure.ts';
import { plainRequest } from '../support/build-request.ts';

const asked = { mode: 'on', invalidation: 'unchecked-hash', paths: [], exclude: [] } as const;
const bytecode = { ...asked, places: ['/usr/bin'], reportFolder: '/tmp/run/bytecode' };
const several = ['linux/amd64', 'linux/arm64'].map(parsePlatform);
const compile = '3/4] RUN --network=none ["python3","-I","-S","-B","-X","utf8","/.slipway-bytecode/survey.py","{}"]';
const noPython =
  'runc run failed: unable to start container process: error during container init: exec: "python3": executable file not found in $PATH';
const exit = 'process "python3 -I" did not complete successfully: exit code: 1';

/** What is said of a build of which a step failed, as buildx names it in the progress of one target or another. */
function explain(step: string, platforms: typeof several, perPlatform = false) {
  const plan = planBake(plainRequest({ platforms, perPlatform, bytecode, testTarget: 'test' }));
  const progress = createBuildProgress(plan);
  const [started, completed] = ['2026-11-21T17:15:00Z', '2026-11-21T17:15:01Z'];
  const vertex = { digest: 'sha256:b', name: step, started };
  const data = Buffer.from(`${noPython}\n`).toString('base64');
  progress.read(JSON.stringify({ vertexes: [vertex] }), 1);
  progress.read(JSON.stringify({ logs: [{ vertex: 'sha256:b', stream: 2, data, timestamp: started }] }), 2);
  progress.read(JSON.stringify({ vertexes: [{ ...vertex, completed, error: exit }] }), 3);
  progress.read(`ERROR: target report: failed to solve: ${exit}`, 4);
  return explainFailure(plan, { code: 1, signal: null, ms: 1 }, progress.summary());
}

test.each<[string, string, typeof several, string, string]>([
  ['the compile step', `[bytecode ${compile}`, [], 'bytecode-failed', 'there is no Python in the image, or'],
  [
    'the compile step of one platform',
    `[bytecode linux/arm64 ${compile}`,
    several,
    'bytecode-failed',
    'there is no Python in the image for linux/arm64, or',
  ],
  [
    'the compile step of one platform, which only the report’s progress named by then',
    `[report linux/amd64 ${compile}`,
    several,
    'bytecode-failed',
    'there is no Python in the image for linux/amd64, or',
  ],
  [
    'what brings the script in',
    '[image linux/arm64 1/4] COPY <<SLIPWAY-BYTECODE /.slipway-bytecode/survey.py',
    several,
    'bytecode-failed',
    'there is no Python in the image for linux/arm64',
  ],
  [
    'what takes its result',
    '[image linux/arm64 stage-0 1/2] COPY --from=bytecode /.slipway-bytecode/out/ /',
    several,
    'bytecode-failed',
    'there is no Python in the image for linux/arm64',
  ],
  [
    'a step of the Dockerfile, which only the compile step’s progress named by then',
    '[bytecode linux/arm64 2/3] RUN make',
    several,
    'build-failed',
    'the build failed in step [linux/arm64 2/3] RUN make',
  ],
  [
    'a step of the Dockerfile that makes use of such a folder',
    '[app 2/3] RUN mkdir /.slipway-bytecode/x',
    [],
    'build-failed',
    'the build failed in step [2/3] RUN mkdir',
  ],
  [
    'a step of the Dockerfile that takes from a stage of the same name',
    '[app 2/3] COPY --from=bytecode /out/ /',
    [],
    'build-failed',
    'the build failed in step [2/3] COPY --from=bytecode',
  ],
  ['the test stage', '[test test 1/1] RUN pytest', [], 'test-failed', 'the test stage test failed'],
])('%s that failed is told as what it is', (_, step, platforms, code, message) => {
  expect(explain(step, platforms)).toMatchObject({ code, message: expect.stringContaining(message) });
});

test.each<[string, string, string, string]>([
  ['the compile step', `[bytecode-linux-arm64 ${compile}`, 'bytecode-failed', 'no Python in the image for linux/arm64'],
  ['the same', `[report-linux-amd64 ${compile}`, 'bytecode-failed', 'no Python in the image for linux/amd64'],
  ['a step of the Dockerfile', '[app-linux-arm64 2/3] RUN make', 'build-failed', 'in step [linux/arm64 2/3] RUN make'],
])('%s that failed on one of several machines is told as what it is', (_, step, code, message) => {
  expect(explain(step, several, true)).toMatchObject({ code, message: expect.stringContaining(message) });
});
