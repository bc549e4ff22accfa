import type { ImageLayer } from '../../model/image-layers.ts';
import type { LayerRecord } from '../../model/layer-record.ts';
import type { Patience } from '../../model/limits.ts';
import { type Ledger, readLedger } from '../../model/packages.ts';
import { limitChanges, type PackageDiff } from '../../plan/image-diff/image-diff.ts';
import { countShared } from '../../plan/image-diff/layers.ts';
import {
  collectAll,
  collectRecords,
  dependsOnBelow,
  diffPackages,
  isAboutPackages,
  type PackageRecords,
} from '../../plan/image-diff/packages.ts';
import type { CacheReader } from '../registry/cache-reader.ts';
import { readLayer } from './layer.ts';
import { readBlob } from './read-blob.ts';

/** One of two images, and from where its layers come. */
export interface ReadableLayers {
  readonly reader: CacheReader;
  readonly layers: readonly ImageLayer[];
}

/** Bytes that are fetched for a comparison, packed: some seconds at what runners and registries do. */
const mostBytes = 200_000_000;
/** Of each layer, unpacked. */
const mostUnpacked = 4 * 1024 ** 3;
const mostEntries = 500_000;

const patience: Patience = { request: 3_000, budget: 4_000, tries: 2, idle: 3_000 };

/** Compares what two images have installed. Layers that both have from the lowest on are not read, but where a database of all packages
 * lies in them that one image has written anew.
 * @throws RegistryError, HttpError, ActionError `cancelled`; Error where a layer is broken or beyond all measure. */
export async function comparePackages(before: ReadableLayers, after: ReadableLayers): Promise<PackageDiff> {
  const shared = countShared(before.layers, after.layers);
  const read = openLayers();
  const above = (one: ReadableLayers): ReadableLayers => ({ ...one, layers: one.layers.slice(shared) });
  const upper = [above(before), above(after)] as const;
  const tooMuch = limitBytes(upper);
  if (tooMuch !== undefined) return limitChanges([], [`packages: the layers that differ ${tooMuch}`]);
  const records = await collect(upper, read, shared === 0 ? collectAll : collectRecords);
  const unread = hasRpm(records) ? ['packages of RPM: their database is not read'] : [];
  if (shared === 0 || !dependsOnBelow(...records)) return limitChanges(diffPackages(...records), unread);
  const below = limitBytes([before, after]);
  if (below !== undefined) {
    const known = diffPackages(...records).filter(({ kind }) => kind === 'python');
    return limitChanges(known, [`packages of the system: the layers that both images have ${below}`, ...unread]);
  }
  const whole = await collect([before, after], read, collectAll);
  return limitChanges(diffPackages(...whole), unread);
}

type Sides = readonly [ReadableLayers, ReadableLayers];
type ReadLayer = (layer: ImageLayer, reader: CacheReader) => Promise<readonly LayerRecord<Ledger>[]>;

/** Reads each layer once, whoever asks. */
function openLayers(): ReadLayer {
  const known = new Map<string, Promise<readonly LayerRecord<Ledger>[]>>();
  return (layer, reader) => {
    const records = known.get(layer.diffId) ?? readRecords(layer, reader);
    known.set(layer.diffId, records);
    return records;
  };
}

async function readRecords({ blob }: ImageLayer, reader: CacheReader): Promise<readonly LayerRecord<Ledger>[]> {
  const allowance = { entries: mostEntries, bytes: mostUnpacked };
  const records = await readLayer(readBlob(reader, blob, patience), readLedger, allowance);
  return records.filter(isAboutPackages);
}

/** Both sides at once, the layers of each one after another. */
async function collect(
  sides: Sides,
  read: ReadLayer,
  fold: typeof collectRecords,
): Promise<[PackageRecords, PackageRecords]> {
  const collectOne = async ({ reader, layers }: ReadableLayers): Promise<PackageRecords> => {
    const all: (readonly LayerRecord<Ledger>[])[] = [];
    for (const layer of layers) all.push(await read(layer, reader));
    return fold(all);
  };
  const both = [collectOne(sides[0]), collectOne(sides[1])] as const;
  await Promise.allSettled(both);
  return Promise.all(both);
}

/** What is too much; undefined where it is not. */
function limitBytes(sides: Sides): string | undefined {
  const sizes = new Map(sides.flatMap(({ layers }) => layers.map(({ diffId, blob }) => [diffId, blob.size] as const)));
  const bytes = [...sizes.values()].reduce((total, size) => total + size, 0);
  if (bytes <= mostBytes) return undefined;
  return `come to ${Math.round(bytes / 1e6)} MB, more than the ${mostBytes / 1e6} MB that are read`;
}

function hasRpm(records: readonly PackageRecords[]): boolean {
  return records.some(({ found }) => [...found.values()].some(({ kind }) => kind === 'rpm'));
}
