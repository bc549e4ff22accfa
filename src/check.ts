import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { assess } from './audit/assess.ts';
import { audit } from './audit/audit.ts';
import type { DockerfileFacts } from './audit/dockerfile-facts.ts';
import { explainHold, planHold } from './audit/hold.ts';
import type { ImageFacts } from './audit/image-facts.ts';
import { ActionError, formatThrown } from './errors.ts';
import { type Ignore, parseIgnore } from './model/ignore.ts';
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

const usage = `npm run check -- [OPTION…] IMAGE
  IMAGE                    what the local engine has by that name, else what its registry has
  --file DOCKERFILE        findings name its lines; its folder is the build context
  --target STAGE           the stage of it that was built
  --platform PLATFORM      which image of several, linux/amd64 or linux/arm64; without it, this machine's
  --run                    starts it too, without network and with no right but its own; the engine must have it
  --ignore 'ID: REASON'    leaves a finding out, as a line of checks-ignore does; may be given several times
  --hold high|medium|low   ends with exit status 1 where a finding is as bad as that
`;

/** Entry of `npm run check`: what the checks say of one image. */
async function main(): Promise<number> {
  const asked = parseArguments();
  if (asked === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  const environment = { all: readVariables(), actor: '' };
  const cancel = new AbortController().signal;
  const engine = await findEngine(environment.all);
  const bench = { engine, cancel, environment, readInfo: () => readEngineInfo(engine, cancel).catch(() => noEngine) };
  const registries = openRegistries(bench, { login: { kind: 'none' }, githubToken: undefined }, (secret) =>
    knownSecrets.learn(Buffer.from(secret)),
  );
  const source = await findSource(bench, registries, asked);
  const dockerfile = asked.file === undefined ? undefined : readDockerfile(resolve(asked.file), asked.target);
  const facts = asked.run ? await run(source, dockerfile, cancel) : await readImageFacts(source, dockerfile, cancel);
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

/** What holds where registries are asked and there is no engine. */
const noEngine = { store: 'classic', version: '', platform: '', insecureRegistries: ['127.0.0.0/8'] } as const;

interface Asked {
  readonly name: string;
  readonly platform: string;
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly run: boolean;
  readonly ignores: readonly Ignore[];
  readonly hold: 'high' | 'medium' | 'low' | undefined;
}

/** Undefined where it makes no sense. */
function parseArguments(): Asked | undefined {
  try {
    const text = { type: 'string' } as const;
    const options = {
      file: text,
      target: text,
      platform: text,
      hold: text,
      ignore: { ...text, multiple: true },
      run: { type: 'boolean' },
    } as const;
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    const [name, ...others] = positionals;
    const { file, target, hold, platform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}` } = values;
    if (name === undefined || others.length > 0) return undefined;
    if (hold !== undefined && hold !== 'high' && hold !== 'medium' && hold !== 'low') return undefined;
    return {
      name,
      platform,
      file,
      target,
      run: values.run === true,
      ignores: (values.ignore ?? []).map(parseIgnore),
      hold,
    };
  } catch (error) {
    process.stderr.write(`${formatThrown(error)}\n\n`);
    return undefined;
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
