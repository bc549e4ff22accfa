import type { Adoption } from '../../plan/adoption.ts';
import type { BuiltImage } from '../built-image.ts';
import type { Facts } from '../facts.ts';
import { code } from '../markdown.ts';
import { commitPages, showCommit } from './commit-pages.ts';

/** The image by digest, with a command to paste. */
export function renderImage(facts: Facts): string {
  const { image, tags, plan } = facts;
  if (image === undefined) return '';
  const { digest } = image;
  const repository = tags.find(({ after }) => after !== undefined && after === digest)?.repository;
  // both are parsed names, which hold no backtick
  const pull =
    repository === undefined || digest === undefined ? '' : `\`\`\`sh\ndocker pull ${repository}@${digest}\n\`\`\``;
  const name = pull === '' ? `${code(digest ?? image.configDigest ?? image.localId ?? '')}, in no registry` : '';
  const made = image.reused
    ? `not built again${plan?.adoption.kind === 'adopt' ? tellSource(plan.adoption, facts) : ''}`
    : '';
  const about = [name, showPlatforms(image), made].filter((part) => part !== '').join(', ');
  return ['### Image', pull, about === '' ? '' : `${about}.`].filter((part) => part !== '').join('\n\n');
}

/** Where a reused image was found; the labels of one that another commit built go on naming that commit. */
function tellSource({ from, builtFrom }: Adopted, facts: Facts): string {
  const held = `: ${code(`${from.repository}:${from.tag}`)} held it`;
  if (builtFrom === facts.git?.checkout.head || builtFrom === '') return `${held}, of this commit`;
  return `${held}, built from ${showCommit(builtFrom, commitPages(facts))}, whose content is the same; its labels name that commit`;
}

type Adopted = Extract<Adoption, { kind: 'adopt' }>;

function showPlatforms({ platform, platforms, size }: BuiltImage): string {
  if (platforms.length === 0)
    return [platform, size === undefined ? '' : `${showSize(size)} in the engine`].filter((part) => part).join(', ');
  return platforms
    .map((one) => (one.size === undefined ? one.platform : `${one.platform} ${showSize(one.size)}`))
    .join(', ');
}

function showSize(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
