import type { Facts, ImageFacts } from '../facts.ts';
import { code } from '../markdown.ts';

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
  const from = plan?.adoption.kind === 'adopt' ? plan.adoption.from : undefined;
  const held = from === undefined ? '' : `: ${code(`${from.repository}:${from.tag}`)} held it, of this commit`;
  const made = image.reused ? `not built again${held}` : '';
  const about = [name, image.platform ?? '', showSize(image), made].filter((part) => part !== '').join(', ');
  return ['### Image', pull, about === '' ? '' : `${about}.`].filter((part) => part !== '').join('\n\n');
}

function showSize({ size }: ImageFacts): string {
  return size === undefined ? '' : `${(size / 1e6).toFixed(1)} MB in the engine`;
}
