import type { FileTree } from '../model/file-tree.ts';
import type { ImageConfig } from '../model/image-config.ts';
import { formatInstruction } from '../model/image-layers.ts';
import { splitPath } from '../model/image-path.ts';
import type { LayerRecord } from '../model/layer-record.ts';
import { type InstalledPackage, isInstalledAt, readLedger } from '../model/packages.ts';
import { type Origin, traceHistory } from '../plan/image-diff/origin.ts';
import type { DockerfileFacts } from './dockerfile-facts.ts';
import { type FileContent, type ImageFacts, type LayerFacts, textOf } from './image-facts.ts';
import { findPythons, isPythonName } from './pythons.ts';

/** An image as a reader hands it on. */
interface Contents extends Pick<ImageFacts, 'day' | 'configDigest' | 'config' | 'tree'> {
  /** The lowest first. */
  readonly layers: readonly (readonly LayerRecord<FileContent>[])[];
}

/** Makes facts of what was read of an image.
 * @param redact what is shown of a history goes through it before it is cut: a builder's arguments are in it. */
export function assembleFacts(
  { day, configDigest, config, tree, layers }: Contents,
  dockerfile: DockerfileFacts | undefined,
  redact: (text: string) => string,
): ImageFacts {
  const { packages, pythons } = readTree(tree);
  return {
    day,
    configDigest,
    config,
    layers: describeLayers(config, layers, { dockerfile, redact }),
    tree,
    hidden: tree.hidden,
    packages,
    pythons: findPythons(tree, pythons, config.env),
    dockerfile,
    probes: undefined,
  };
}

function describeLayers(
  { diffIds, history }: ImageConfig,
  layers: Contents['layers'],
  {
    dockerfile,
    redact,
  }: { readonly dockerfile: DockerfileFacts | undefined; readonly redact: (text: string) => string },
): readonly LayerFacts[] {
  const origins = dockerfile === undefined ? [] : traceHistory(history, dockerfile.text, dockerfile.target);
  const entries = [...history.keys()].filter((at) => history[at]?.hasLayer === true);
  const fits = entries.length === layers.length;
  return layers.map((records, at) => {
    const entry = fits ? entries[at] : undefined;
    const origin: Origin = (entry === undefined ? undefined : origins[entry]) ?? { kind: 'unknown' };
    return {
      diffId: diffIds[at] ?? '',
      instruction: entry === undefined ? '' : formatInstruction(redact(history[entry]?.createdBy ?? '')),
      from: origin.kind,
      line: origin.kind === 'line' ? origin.line : undefined,
      ...countFiles(records),
    };
  });
}

function countFiles(records: readonly LayerRecord<FileContent>[]): Pick<LayerFacts, 'bytes' | 'files'> {
  let [bytes, files] = [0, 0];
  for (const record of records)
    if (record.change === 'entry' && record.entry.kind === 'file') {
      files += 1;
      bytes += record.entry.size;
    }
  return { bytes, files };
}

/** Goes over all files once: what is installed, and what may be a Python. */
function readTree(tree: FileTree<FileContent>): {
  readonly packages: readonly InstalledPackage[];
  readonly pythons: readonly string[];
} {
  const packages = new Map<string, InstalledPackage>();
  const pythons: string[] = [];
  for (const { path, entry } of tree.walk()) {
    if (entry.kind !== 'directory' && isPythonName(path) && splitPath(path).parent.endsWith('/bin')) pythons.push(path);
    const text = entry.content?.kind === 'text' && isInstalledAt(path) ? textOf(entry.content) : undefined;
    for (const one of text === undefined ? [] : readPackages(path, text))
      packages.set(`${one.kind} ${one.name} ${one.version}`, one);
  }
  const inOrder = [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  return { packages: inOrder, pythons };
}

function readPackages(path: string, text: string): readonly InstalledPackage[] {
  const reader = readLedger(path);
  reader?.write(Buffer.from(text));
  return reader?.end()?.packages ?? [];
}
