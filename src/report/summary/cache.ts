import { formatReference } from '../../model/image-ref.ts';
import type { BuiltImage } from '../built-image.ts';
import type { Facts } from '../facts.ts';
import { cell, code } from '../markdown.ts';
import { prose, upperFirst } from './commit-pages.ts';

/** What the build took from a cache, why not more, and what it leaves for the next one. */
export function renderCache(facts: Facts): string {
  const { image, cacheExport } = facts;
  if (image === undefined) return '';
  const lines = [
    ...(image.reused ? [] : [tellSteps(image, facts), ...tellUncached(image), ...tellBase(image, facts)]),
    ...(cacheExport === undefined ? [] : [tellExport(cacheExport)]),
  ];
  return lines.length === 0 ? '' : ['### Cache', lines.map((line) => `- ${upperFirst(line)}`).join('\n')].join('\n\n');
}

function tellSteps({ steps }: BuiltImage, { plan, inputs }: Facts): string {
  const from = (plan?.cache.from ?? []).map(({ repository, tag }) => code(formatReference(repository, tag)));
  const none = inputs?.cache === 'none' ? '`cache` is `none`' : 'no cache was found in the registry';
  return `${steps.cached} of ${steps.total} steps cached, ${from.length === 0 ? none : `with ${from.join(' and ')}`}`;
}

function tellUncached({ uncached }: BuiltImage): readonly string[] {
  if (uncached === undefined) return [];
  const { place, step, because } = uncached;
  const where = place === undefined ? '' : `${code(`${place.file}:${place.line}`)} `;
  return [`first step not cached: ${where}${code(step)}${because === '' ? '' : `: ${prose(because, '')}`}`];
}

/** Told beside the reason: where main's image was built on other layers, what its cache holds on top of them fits no more. */
function tellBase({ uncached }: BuiltImage, { diff }: Facts): readonly string[] {
  const isOther = diff?.layers.some(({ from, after }) => from === 'base' && after !== undefined) ?? false;
  if (uncached === undefined || diff === undefined || !isOther) return [];
  return [`the base image is another one than that of ${code(diff.against.reference)}`];
}

function tellExport({ reference, ok, reason }: NonNullable<Facts['cacheExport']>): string {
  const word = ok ? (reason === '' ? 'written to' : 'left as it is at') : 'not written to';
  return `${word} ${code(reference)}${reason === '' ? '' : `: ${cell(reason)}`}`;
}
