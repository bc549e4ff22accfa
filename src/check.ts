import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { assess } from './audit/assess.ts';
import { audit } from './audit/audit.ts';
import type { DockerfileFacts } from './audit/dockerfile-facts.ts';
import { explainHold, planHold } from './audit/hold.ts';
import type { ImageFacts } from './audit/image-facts.ts';
import { ActionError, formatThrown } from './errors.ts';
import { type CheckArguments, checkUsage, parseCheckArguments } from './inputs/check-arguments.ts';
import { findPlatform } from './model/platform.ts';
import { renderCheckLog } from './report/check-log.ts';
import { findSource } from './tools/audit/find-source.ts';
import { readAndRun } from './tools/audit/read-and-run.ts';
import { readDockerfile } from './tools/audit/read-dockerfile-facts.ts';
import { type ImageSource, readImageFacts } from './tools/audit/read-image-facts.ts';
import { killChildren } from './tools/command.ts';
import { findEngine } from './tools/engine/endpoint.ts';
import { readEngineInfo } from './tools/engine/engine.ts';
import { readVariables } from './tools/environment.ts';
import { knownSecrets } from './tools/known-secrets.ts';
import { runProbes } from './tools/probes/run-probes.ts';
import { openRegistries } from './tools/registry/registries.ts';

/** Entry of `npm run check`: what the checks say of one image. */
async function main(): Promise<number> {
  const asked = readArguments();
  if (typeof asked === 'number') return asked;
  const environment = { all: readVariables(), actor: '' };
  const cancel = untilInterrupted();
  const engine = await findEngine(environment.all);
  const bench = { engine, cancel, environment, readInfo: () => readEngineInfo(engine, cancel).catch(() => noEngine) };
  const registries = openRegistries(bench, { login: { kind: 'none' }, githubToken: undefined }, (secret) =>
    knownSecrets.learn(Buffer.from(secret)),
  );
  const source = await findSource(bench, registries, asked);
  const dockerfile = asked.file === undefined ? undefined : readDockerfile(resolve(asked.file), asked.target);
  const facts = asked.run ? await run(source, dockerfile, cancel) : await readImageFacts(source, dockerfile, cancel);
  refuseOther(asked, facts.config.platform);
  const assessment = assess(audit(facts), { facts, ignores: asked.ignores, warnings: undefined });
  for (const line of renderCheckLog(assessment)) process.stdout.write(`${knownSecrets.redact(line)}\n`);
  const hold = planHold(assessment, asked.hold);
  if (hold.kind === 'ship') return 0;
  process.stderr.write(`\n${explainHold(hold).message}\n`);
  return 1;
}

async function run(
  source: ImageSource,
  dockerfile: DockerfileFacts | undefined,
  cancel: AbortSignal,
): Promise<ImageFacts> {
  if (source.kind === 'registry')
    throw new ActionError('image-unreadable', 'the engine does not have the image, so it cannot be run', {
      hint: 'pull it first, or leave out --run',
    });
  const { engine, image } = source;
  return await readAndRun(source, { dockerfile, cancel }, (config, within) =>
    runProbes(
      { engine, nonce: randomBytes(16).toString('hex') },
      { image, config, command: undefined, env: {}, cancel: within },
    ),
  );
}

/** Of one image alone, an engine and a registry hand out that, whatever was asked for. */
function refuseOther({ name, platform, wantsPlatform }: CheckArguments, is: string): void {
  if (!wantsPlatform || findPlatform(is) === platform) return;
  throw new ActionError('image-unreadable', `${JSON.stringify(name)} is for ${is}, and there is none for ${platform}`, {
    hint: 'leave out --platform, or pull the image for that platform',
  });
}

/** What holds where registries are asked and there is no engine. */
const noEngine = { store: 'classic', version: '', platform: '', insecureRegistries: ['127.0.0.0/8'] } as const;

/** What probes have started is removed before this ends. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}

/** Exit status where that is all that is left to do. */
function readArguments(): CheckArguments | number {
  try {
    const asked = parseCheckArguments(process.argv.slice(2));
    if (asked !== 'help') return asked;
    process.stdout.write(checkUsage);
    return 0;
  } catch (error) {
    process.stderr.write(`${formatThrown(error)}\n\n${checkUsage}`);
    return 2;
  }
}

function tell(error: unknown): void {
  const hint = error instanceof ActionError ? `\n${error.hint}` : '';
  process.stderr.write(`${knownSecrets.redact(`${formatThrown(error)}${hint}`)}\n`);
}

process.exitCode = await main().catch((error: unknown) => {
  tell(error);
  return 2;
});
killChildren();
process.exit();
