import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { ImageFacts } from '../../src/audit/image-facts.ts';
import type { ProbeFacts } from '../../src/audit/probe-facts.ts';
import { readImageFacts } from '../../src/tools/audit/read-image-facts.ts';
import { runProbes } from '../../src/tools/probes/run-probes.ts';
import { engine, env, folderWith, never } from '../contract/engine-bench.ts';

/** Images that differ in little: each is a stage of one Dockerfile, and all are built in one solve. */
export function buildImages(
  files: Readonly<Record<string, string>>,
  bases: string,
  images: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const run = randomBytes(6).toString('hex');
  const stages = Object.entries(images).map(
    ([name, lines]) => `FROM ${lines.replace(/^FROM /, '').replace('\n', ` AS ${name}\n`)}`,
  );
  const tags = Object.fromEntries(Object.keys(images).map((name) => [name, `slipway.invalid/probed:${name}-${run}`]));
  const bake = {
    group: { default: { targets: Object.keys(images) } },
    target: Object.fromEntries(
      Object.keys(images).map((target) => [
        target,
        { target, tags: [tags[target]], output: ['type=docker'], attest: [] },
      ]),
    ),
  };
  const folder = folderWith({ ...files, Dockerfile: [bases, ...stages].join('\n'), 'bake.json': JSON.stringify(bake) });
  docker(folder, ['buildx', 'bake', '--provenance=false', '--file', 'bake.json']);
  return tags;
}

export function removeImages(tags: Readonly<Record<string, string>>): void {
  docker('/', ['image', 'rm', '--force', ...Object.values(tags)]);
}

function docker(cwd: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync('docker', args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
}

/** How an image is started, where that is not as it is. */
export interface Given {
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly nonce?: string;
  readonly cancel?: AbortSignal;
}

/** What is known of an image that was read and run. */
export async function probeImage(
  image: string,
  given: Given = {},
): Promise<ImageFacts & { readonly probes: ProbeFacts }> {
  const facts = await readImageFacts({ kind: 'engine', engine, image, platform: undefined }, undefined, never);
  const nonce = given.nonce ?? randomBytes(16).toString('hex');
  const { config } = facts;
  const work = { image, config, command: given.command, env: given.env ?? {}, cancel: given.cancel ?? never };
  return { ...facts, probes: await runProbes({ engine, nonce }, work) };
}
