import { splitPath } from '../../model/image-path.ts';
import type { LayerRecord } from '../../model/layer-record.ts';
import {
  distributionOf,
  type InstalledPackage,
  isInstalledAt,
  type Ledger,
  type PackageKind,
} from '../../model/packages.ts';

/** What the upper layers of an image say of packages; what lies below them need not be known. */
export interface PackageRecords {
  /** By path: ledgers that no later layer takes away. */
  readonly found: ReadonlyMap<string, Ledger>;
  /** Paths that are taken away from what lies below. */
  readonly hidden: ReadonlyMap<string, 'whiteout' | 'opaque'>;
}

/** A package of which two images have not the same versions. */
export interface PackageChange {
  readonly kind: PackageKind;
  readonly name: string;
  /** Several where it is installed in several places, with commas between; empty where it is not installed. */
  readonly before: string;
  readonly after: string;
}

/** Lays layers upon each other, the lowest first, and keeps what is about packages. */
export function collectRecords(layers: readonly (readonly LayerRecord<Ledger>[])[]): PackageRecords {
  const found = new Map<string, Ledger>();
  const hidden = new Map<string, 'whiteout' | 'opaque'>();
  for (const records of layers) {
    const gone = new Map<string, 'whiteout' | 'opaque'>();
    for (const { change, path } of records) if (change === 'whiteout' || change === 'opaque') gone.set(path, change);
    const met = new Set<string>();
    for (const path of found.keys()) {
      const by = coveredBy(path, gone);
      if (by === undefined) continue;
      found.delete(path);
      met.add(by);
    }
    // a version that these layers brought themselves does not lie below as well
    for (const [path, how] of gone) if (!met.has(path) || distributionOf(path) === undefined) hidden.set(path, how);
    for (const record of records) {
      if (record.change !== 'entry' && record.change !== 'hardlink') continue;
      const ledger = record.change === 'entry' ? record.entry.content : found.get(record.to);
      if (ledger !== undefined) found.set(record.path, ledger);
    }
  }
  return { found, hidden };
}

/** The records of all layers of an image: there is nothing below that could be taken away. */
export function collectAll(layers: Parameters<typeof collectRecords>[0]): PackageRecords {
  return { found: collectRecords(layers).found, hidden: new Map() };
}

/** What of a layer `collectRecords` makes use of. */
export function isAboutPackages(record: LayerRecord<Ledger>): boolean {
  return record.change !== 'entry' || record.entry.content !== undefined;
}

/** Whether the difference of two images depends on what lies below the layers that were read: a database of all packages that only
 * one of them has written anew, or a folder of packages that only one has removed. */
export function dependsOnBelow(before: PackageRecords, after: PackageRecords): boolean {
  return isAlone(before, after) || isAlone(after, before);
}

function isAlone(one: PackageRecords, other: PackageRecords): boolean {
  for (const [path, { kind }] of one.found) if (kind !== 'python' && !other.found.has(path)) return true;
  for (const path of one.hidden.keys()) if (!other.hidden.has(path) && mayHold(path)) return true;
  return false;
}

/** Whether what is below a path may be ledgers by the dozen. */
function mayHold(path: string): boolean {
  const databases = ['/var/lib/dpkg/status', '/lib/apk/db/installed', '/usr/lib/apk/db/installed', '/var/lib/rpm/'];
  if (databases.some((one) => one === path || one.startsWith(`${path}/`))) return true;
  return /\/(?:site-packages|dist-packages|status\.d|python[\d.]*|lib(?:64)?|\.?venv|env)$/.test(path);
}

/** The packages whose versions differ, by kind and name. Both sides stand on the same layers below. */
export function diffPackages(before: PackageRecords, after: PackageRecords): readonly PackageChange[] {
  const [old, now] = [listVersions(before, after), listVersions(after, before)];
  return [...new Map([...old, ...now]).entries()]
    .map(([key, { kind, name }]) => ({
      kind,
      name,
      before: formatVersions(old.get(key)?.versions),
      after: formatVersions(now.get(key)?.versions),
    }))
    .filter((change) => change.before !== change.after)
    .sort((a, b) => compare(a.kind, b.kind) || compare(a.name, b.name));
}

interface Versions extends Pick<InstalledPackage, 'kind' | 'name'> {
  readonly versions: Set<string>;
}

/** What one image has: the packages found, and those below that only the other takes away. */
function listVersions(one: PackageRecords, other: PackageRecords): ReadonlyMap<string, Versions> {
  const listed = new Map<string, Versions>();
  const add = ({ kind, name, version }: InstalledPackage): void => {
    const key = `${kind} ${name}`;
    const known = listed.get(key) ?? { kind, name, versions: new Set() };
    known.versions.add(version);
    listed.set(key, known);
  };
  for (const [path, ledger] of one.found) if (isInstalledAt(path)) ledger.packages.forEach(add);
  for (const path of other.hidden.keys()) {
    const isGone = coveredBy(path, one.hidden) !== undefined;
    const told = isGone || !isInstalledAt(path) ? undefined : distributionOf(path);
    if (told !== undefined) add(told);
  }
  return listed;
}

function formatVersions(versions: ReadonlySet<string> | undefined): string {
  return [...(versions ?? [])]
    .map((one) => one || 'unknown')
    .sort(compare)
    .join(', ');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** The path by which an entry is taken away: its own, a folder's above it, or that of a folder that is emptied. */
function coveredBy(path: string, gone: ReadonlyMap<string, 'whiteout' | 'opaque'>): string | undefined {
  if (gone.size === 0) return undefined;
  if (gone.get(path) === 'whiteout') return path;
  for (let { parent } = splitPath(path); ; { parent } = splitPath(parent)) {
    if (gone.has(parent)) return parent;
    if (parent === '/') return undefined;
  }
}
