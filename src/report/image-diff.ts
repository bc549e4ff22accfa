import { growthOf, type ImageDiff, type LayerGrowth } from '../plan/image-diff/image-diff.ts';
import type { PackageChange } from '../plan/image-diff/packages.ts';
import type { Facts } from './facts.ts';
import { code, inline } from './markdown.ts';
import { renderTable, shorten } from './summary/blocks.ts';

const longestInstruction = 100;
const longestVersion = 60;

/** In what the image differs from main's, for the summary: size, the layers that grew or went, packages. */
export function renderImageDiff({ diff }: Pick<Facts, 'diff'>): string {
  if (diff === undefined) return '';
  return [
    `### Against ${code(diff.against.reference)}`,
    sizeLine(diff),
    layerTable(diff),
    packageTable(diff),
    unreadList(diff),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The same in a few lines, for the comment on a pull request. */
export function renderShortDiff({ diff }: Pick<Facts, 'diff'>): string {
  if (diff === undefined) return '';
  const { changes, more } = diff.packages;
  const layers = diff.layers.filter((one) => growthOf(one) >= worthTelling).slice(0, 3);
  const lines = [
    ...layers.map((one) => `- ${formatGrowth(one)} by ${whence(one)}`),
    ...changes.slice(0, 15).map((one) => `- ${formatChange(one)}`),
    ...(changes.length + more > 15 ? [`- … ${changes.length + more - 15} more packages, in the run’s summary`] : []),
  ];
  const unread = diff.packages.unread.map((text) => `Not compared: ${inline(text)}.`);
  return [`Against ${code(diff.against.reference)}: ${sizeLine(diff)}`, lines.join('\n'), ...unread]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** A comment about less is noise: files have times, and packing differs. */
const worthTelling = 10_000;

function sizeLine({ size, layers, packages }: ImageDiff): string {
  const by = size.after - size.before;
  const change =
    by === 0 ? 'as large as before' : `${formatBytes(Math.abs(by))} ${by > 0 ? 'more' : 'less'} than before`;
  const same = layers.length === 0 ? ', with the same layers' : '';
  const none = layers.length > 0 && packages.changes.length === 0 && packages.unread.length === 0;
  return `${formatBytes(size.after)} as registries keep it (compressed), ${change}${same}.${none ? ' The same packages.' : ''}`;
}

function layerTable({ layers }: ImageDiff): string {
  const rows = layers.map(
    (one) => `| ${whence(one)} | ${formatSize(one.before)} | ${formatSize(one.after)} | ${formatGrowth(one)} |`,
  );
  return renderTable(['layer', 'before ', 'now ', 'change '], rows, 'layers');
}

function packageTable({ packages: { changes, more } }: ImageDiff): string {
  const rows = changes.map(
    ({ kind, name, before, after }) => `| ${code(name)} | ${kind} | ${version(before)} | ${version(after)} |`,
  );
  const rest = more === 0 ? '' : `\n\n… and ${more} more packages.`;
  return `${renderTable(['package', 'kind', 'before', 'now'], rows, 'packages')}${rest}`;
}

function unreadList({ packages }: ImageDiff): string {
  return packages.unread.map((text) => `- Not compared: ${inline(text)}`).join('\n');
}

function formatChange({ name, before, after }: PackageChange): string {
  if (before === '') return `added ${code(name)} ${version(after)}`;
  if (after === '') return `removed ${code(name)} ${version(before)}`;
  return `${code(name)} ${version(before)} → ${version(after)}`;
}

function whence({ from, place, instruction }: LayerGrowth): string {
  const what = instruction === '' ? 'an unknown instruction' : code(shorten(instruction, longestInstruction));
  switch (from) {
    case 'line':
      return place === undefined ? what : `${code(`${place.file}:${place.line}`)} ${what}`;
    case 'base':
      return `base image: ${what}`;
    case 'bytecode':
      return 'bytecode of Slipway';
    case 'unknown':
      return what;
  }
}

function version(text: string): string {
  return text === '' ? '—' : inline(shorten(text, longestVersion));
}

function formatSize(bytes: number | undefined): string {
  return bytes === undefined ? '—' : formatBytes(bytes);
}

function formatGrowth(layer: LayerGrowth): string {
  const by = growthOf(layer);
  return `${by < 0 ? '−' : '+'}${formatBytes(Math.abs(by))}`;
}

function formatBytes(bytes: number): string {
  if (bytes >= 100_000) return `${(bytes / 1e6).toFixed(1)} MB`;
  return bytes >= 1_000 ? `${(bytes / 1e3).toFixed(1)} kB` : `${bytes} B`;
}
