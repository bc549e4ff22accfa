import type { DockerfileFacts } from '../../audit/dockerfile-facts.ts';
import type { ImageFacts } from '../../audit/image-facts.ts';
import type { ProbeFacts } from '../../audit/probe-facts.ts';
import { readConfig } from '../engine/images.ts';
import type { RunConfig } from '../probes/run-probes.ts';
import { type ImageSource, readImageFacts } from './read-image-facts.ts';

type EngineSource = Extract<ImageSource, { readonly kind: 'engine' }>;

/** Reads an image of the engine and runs it beside that: both take their time, and neither needs the other.
 * @param run is ended where the reading fails, and the other way round.
 * @throws what either throws first, once both have ended. */
export async function readAndRun(
  source: EngineSource,
  { dockerfile, cancel }: { readonly dockerfile: DockerfileFacts | undefined; readonly cancel: AbortSignal },
  run: (config: RunConfig, cancel: AbortSignal) => Promise<ProbeFacts>,
): Promise<ImageFacts> {
  const failed = new AbortController();
  const within = AbortSignal.any([cancel, failed.signal]);
  const reading = readImageFacts(source, dockerfile, within);
  const running = async (): Promise<ProbeFacts> => {
    const told = await readConfig(source.engine, source.image, within);
    // of several images the engine tells of one
    const isIt = source.platform === undefined || source.platform === told?.platform;
    return await run(isIt && told !== undefined ? told : (await reading).config, within);
  };
  const both = [reading, running()] as const;
  try {
    const [read, probes] = await Promise.all(both);
    return { ...read, probes };
  } catch (error) {
    failed.abort();
    await Promise.allSettled(both);
    throw error;
  }
}
