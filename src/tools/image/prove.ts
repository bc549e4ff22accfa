import { ActionError } from '../../errors.ts';
import type { Inputs } from '../../inputs.ts';
import type { Platform } from '../../model/platform.ts';
import { planContainerEnvironment, planTestEnvironment } from '../../plan/test-environment.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import type { TestResult } from '../../report/facts.ts';
import { listen } from '../actions.ts';
import { type ContainerWatch, runContainer } from '../engine/containers.ts';
import { inspectImage } from '../engine/images.ts';
import type { Workbench } from '../workbench.ts';
import { judgeTest, runScript, type TestReport } from './tests.ts';

/** Runs the tests that need the image, on the image that ships, of one platform after another: `test-image` by its digest, then
 * `verify` by its name.
 * @throws ActionError `test-failed`, `timeout`, `cancelled`; `digest-mismatch` where the name stands for another image afterwards. */
export async function proveImage(
  bench: Workbench,
  image: BuiltImage,
  work: TestReport & { readonly tests: Inputs['tests']; readonly afterwards: ContainerWatch['afterwards'] },
): Promise<void> {
  const platforms = image.platforms.length === 0 ? [undefined] : image.platforms.map(({ platform }) => platform);
  for (const platform of platforms) {
    for (const command of work.tests.image) await runInImage(bench, image, { ...work, command, platform });
    await verify(bench, image, { ...work, platform });
  }
}

/** Runs `verify`. For a platform that docker would not choose by itself its variable says so: `docker run` and compose follow it. */
async function verify(
  bench: Workbench,
  image: BuiltImage,
  work: TestReport & { readonly tests: Inputs['tests']; readonly platform: Platform | undefined },
): Promise<void> {
  const { tests, platform } = work;
  if (tests.verify === undefined) return;
  const { environment } = bench;
  const env = {
    ...planTestEnvironment(environment.all, tests.env, tests.withheld),
    SLIPWAY_IMAGE: bench.name,
    ...(platform && { SLIPWAY_PLATFORM: platform, DOCKER_DEFAULT_PLATFORM: platform }),
  };
  const { workspace: cwd } = environment;
  const script = { kind: 'verify', script: tests.verify, platform, cwd, env, limit: tests.limit } as const;
  await runScript(script, work, bench.cancel);
  const now = await inspectImage(bench.engine, bench.name, bench.cancel);
  if (now !== undefined && now.id === image.localId) return;
  throw new ActionError(
    'digest-mismatch',
    `after \`verify\` ${bench.name} is ${now?.id ?? 'gone'} and no longer ${image.localId}`,
    {
      hint: '`verify` must look at the image and not replace it; nothing was published',
    },
  );
}

async function runInImage(
  bench: Workbench,
  image: BuiltImage,
  work: {
    readonly command: readonly string[];
    readonly platform: Platform | undefined;
    readonly tests: Inputs['tests'];
    readonly report: (result: TestResult) => void;
    readonly afterwards: ContainerWatch['afterwards'];
  },
): Promise<void> {
  const { command, platform, tests, report, afterwards } = work;
  const [program, ...args] = command;
  if (program === undefined) return;
  if (image.localId === undefined) throw new Error('an image is to be tested that was not brought to the engine');
  const exit = await runContainer(
    { client: bench.findClient(), engine: bench.engine },
    {
      image: image.localId,
      command: [program, ...args],
      variables: planContainerEnvironment(bench.environment.all, tests.env),
      nonce: bench.nonce,
      limit: tests.limit,
      phase: '`test-image`',
      options: platform === undefined ? [] : ['--platform', platform],
    },
    { listener: listen('test-image'), cancel: bench.cancel, afterwards },
  );
  judgeTest({ kind: 'test-image', command: command.join(' '), platform }, exit, report);
}
