import { relative } from 'node:path';
import { formatThrown } from '../errors.ts';
import { formatReference, type Repository } from '../model/image-ref.ts';
import { comparisonLimit } from '../model/limits.ts';
import { type ManifestBytes, parseManifest } from '../model/manifest.ts';
import { diffImages, type ImageDiff, limitChanges, type PackageDiff } from '../plan/image-diff/image-diff.ts';
import { say } from './actions.ts';
import { type ImageDocuments, readDocuments } from './image-reader/read-documents.ts';
import type { Landed } from './publish/publish.ts';
import type { Desk, Tools } from './tools.ts';

/** The image of the production branch, as it was before this run wrote anything. */
export interface MainImage {
  readonly repository: Repository;
  readonly reference: string;
  readonly documents: ImageDocuments;
}

/** What tells in what an image differs from main's. It is news and no proof: whatever goes wrong in it ends in a line of the log or a sentence
 * of the report, and no run waits long for it. */
export function openCompareTools(desk: Desk, limit = comparisonLimit): Pick<Tools, 'readMain' | 'compare'> {
  return {
    readMain: (question) =>
      readMain(desk, question).catch((error: unknown) => {
        say(`the image is not compared with main's: ${formatThrown(error)}`);
        return undefined;
      }),
    compare: async (main, landed, asked) => {
      const late = new AbortController(); // Node 20 forgets a signal of `AbortSignal.timeout` that only another one waits for
      const timer = setTimeout(() => late.abort(), limit);
      const cancel = AbortSignal.any([desk.bench.cancel, late.signal]);
      const work = compareWith(desk, main, { landed, asked, cancel, limit }).catch((error: unknown) =>
        say(`the image is not compared with main's: ${formatThrown(error)}`),
      );
      await Promise.race([work, aborted(cancel)]);
      clearTimeout(timer);
    },
  };
}

/** Undefined where there is none, and for runs whose image is not a change to main's: releases, and those that publish nothing. */
async function readMain(
  { registries }: Desk,
  { rights, push, destinations }: Parameters<Tools['readMain']>[0],
): Promise<MainImage | undefined> {
  const { role, productionTag } = rights;
  if (push.kind !== 'ship' || role === 'release') return undefined;
  const repository = destinations.cache;
  const registry = await registries.open(repository, 'probe');
  const found = await registry.manifest(productionTag);
  if (found === undefined) return undefined;
  const reference = formatReference(repository, productionTag);
  return { repository, reference, documents: await readDocuments(registry, found) };
}

interface Comparison {
  readonly landed: readonly Landed[];
  readonly asked: Parameters<Tools['compare']>[2];
  readonly cancel: AbortSignal;
  /** Milliseconds until `cancel`. */
  readonly limit: number;
}

async function compareWith(
  { bench, journal, registries }: Desk,
  main: Promise<MainImage | undefined>,
  { landed, asked, cancel, limit }: Comparison,
): Promise<void> {
  const [image, before] = [landed[0], await main];
  if (image === undefined || before === undefined || image.manifest.digest === before.documents.digest) return;
  const { registry, manifest } = image;
  const { layers } = before.documents;
  const isCopy = hasBlobs(manifest, layers); // then its configuration has no news, and is a round trip
  const after = isCopy ? { ...before.documents, digest: manifest.digest } : await readDocuments(registry, manifest);
  const isSame =
    layers.length === after.layers.length && layers.every((one, at) => one.diffId === after.layers[at]?.diffId);
  const late = `packages: the layers that differ were not read within ${limit / 1_000} s`;
  const known: ImageDiff = diffImages({ ...before.documents, reference: before.reference }, after, {
    trace: isSame ? [] : await trace(after, asked),
    file: relative(bench.environment.workspace, asked.context.file),
    packages: limitChanges([], isSame ? [] : [late]),
  });
  journal.keep('diff', known);
  if (isSame) return;
  const open = async (repository: Repository, documents: ImageDocuments) => ({
    reader: await registries.readCache(repository, cancel),
    layers: documents.layers,
  });
  const read = async (): Promise<PackageDiff> => {
    const { comparePackages } = await import('./image-reader/read-packages.ts'); // a reader of tars takes time to load
    return comparePackages(await open(before.repository, before.documents), await open(registry.repository, after));
  };
  const packages = await read().catch((error: unknown) =>
    cancel.aborted ? known.packages : limitChanges([], [`packages: ${formatThrown(error)}`]),
  );
  journal.keep('diff', { ...known, packages });
}

async function trace({ config }: ImageDocuments, { context, plan }: Parameters<Tools['compare']>[2]) {
  const { traceHistory } = await import('../plan/image-diff/origin.ts'); // its parser of Dockerfiles takes time to load
  return traceHistory(config.history, context.dockerfile, plan.request.target);
}

function hasBlobs(found: ManifestBytes, layers: ImageDocuments['layers']): boolean {
  const manifest = parseManifest(found);
  return (
    manifest.kind === 'image' &&
    manifest.layers.length === layers.length &&
    manifest.layers.every(({ digest }, at) => digest === layers[at]?.blob.digest)
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
