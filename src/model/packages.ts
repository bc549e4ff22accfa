import type { ContentReader } from './layer-record.ts';
import { cutLines } from './text-lines.ts';

/** Who keeps account of a package: Python's installers, dpkg, apk. */
export type PackageKind = 'python' | 'debian' | 'alpine';

/** A package that an image has installed. */
export interface InstalledPackage {
  readonly kind: PackageKind;
  /** Of Python in the form in which all spellings are one (packaging.python.org, "Name normalization"). */
  readonly name: string;
  readonly version: string;
}

/** A file in which an image says what is installed. */
export interface Ledger {
  /** `rpm`: a database that is not read. */
  readonly kind: PackageKind | 'rpm';
  /** Whether the file speaks for all packages of its kind; the others speak for one each. */
  readonly whole: boolean;
  readonly packages: readonly InstalledPackage[];
}

/** What more a file holds is not read: the kernel of a distribution's archive has fewer. */
const mostPackages = 50_000;
const longestName = 200;
const longestLine = 1_000;

/** Reads a file where its path is one at which packages are on record; undefined for every other file.
 * @param path absolute and plain. */
export function readLedger(path: string): ContentReader<Ledger> | undefined {
  if (isDistribution(path)) return readDistribution(path);
  if (path === '/var/lib/dpkg/status') return readStanzas('debian', true, ['Package', 'Version']);
  if (/^\/var\/lib\/dpkg\/status\.d\/[^/]+(?<!\.md5sums)$/.test(path))
    return readStanzas('debian', false, ['Package', 'Version']);
  if (/^(?:\/usr)?\/lib\/apk\/db\/installed$/.test(path)) return readStanzas('alpine', true, ['P', 'V']);
  if (/^\/(?:var\/lib\/rpm|usr\/lib\/sysimage\/rpm)\/(?:rpmdb\.sqlite|Packages(?:\.db)?)$/.test(path)) return rpm;
  return undefined;
}

const rpm: ContentReader<Ledger> = {
  write: () => undefined,
  end: () => ({ kind: 'rpm', whole: true, packages: [] }),
};

/** Metadata of an installed distribution (packaging.python.org, "Recording installed projects"; the eggs of old tools). */
function isDistribution(path: string): boolean {
  return /\.dist-info\/METADATA$|\.egg-info(?:\/PKG-INFO)?$/.test(path);
}

/** Whether packages on record there are installed: not where a package brings its own along, or where a tool keeps a store. */
export function isInstalledAt(path: string): boolean {
  return !/\/(?:_vendor|_vendored|\.cache|pkgs)\//.test(path);
}

/** The package that the name of a distribution's folder tells, of the folder itself or its metadata; undefined for every other path. */
export function distributionOf(path: string): InstalledPackage | undefined {
  const [, name, version] =
    /\/([^/]+?)-([^/-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info(?:\/(?:METADATA|PKG-INFO))?$/.exec(path) ?? [];
  return name === undefined || version === undefined ? undefined : pythonPackage(name, version);
}

function pythonPackage(name: string, version: string): InstalledPackage {
  return {
    kind: 'python',
    name: shorten(name)
      .toLowerCase()
      .replace(/[-_.]+/g, '-'),
    version: shorten(version),
  };
}

function readDistribution(path: string): ContentReader<Ledger> {
  let name = '';
  let version = '';
  let inHead = true;
  const lines = cutLines(longestLine, (line) => {
    if (line === '') inHead = false;
    if (!inHead) return;
    name ||= fieldOf(line, 'Name');
    version ||= fieldOf(line, 'Version');
  });
  return {
    // what follows the head is a description, which may be long
    write: (chunk) => {
      if (inHead) lines.write(chunk);
    },
    end: () => {
      if (inHead) lines.end();
      const told = distributionOf(path);
      const found = name === '' ? told : pythonPackage(name, version || (told?.version ?? ''));
      return { kind: 'python', whole: false, packages: found === undefined ? [] : [found] };
    },
  };
}

/** Paragraphs of fields, one a package (deb-control(5); the format of apk's database). */
function readStanzas(
  kind: 'debian' | 'alpine',
  whole: boolean,
  [nameField, versionField]: readonly [string, string],
): ContentReader<Ledger> {
  const packages: InstalledPackage[] = [];
  let [name, version, status] = ['', '', ''];
  const close = (): void => {
    // dpkg keeps the record of a package that was removed and left its configuration behind
    const isThere = status === '' || /\sinstalled$/.test(status);
    if (name !== '' && isThere && packages.length < mostPackages)
      packages.push({ kind, name: shorten(name), version: shorten(version) });
    [name, version, status] = ['', '', ''];
  };
  const lines = cutLines(longestLine, (line) => {
    if (line.trim() === '') return close();
    name ||= fieldOf(line, nameField);
    version ||= fieldOf(line, versionField);
    status ||= fieldOf(line, 'Status');
  });
  return {
    write: lines.write,
    end: () => {
      lines.end();
      close();
      return { kind, whole, packages };
    },
  };
}

function fieldOf(line: string, field: string): string {
  return line.startsWith(`${field}:`) ? line.slice(field.length + 1).trim() : '';
}

/** A text that is too long to be a name is no part of any report: cut, it could hold half a secret. */
function shorten(text: string): string {
  return text.length > longestName ? '(too long)' : text;
}
