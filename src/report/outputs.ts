import type { Digest } from '../model/digest.ts';
import { formatVersion } from '../model/version.ts';
import { type Facts, isWritten, type TagRecord } from './facts.ts';

/** Every output of action.yml; a test compares the two. */
export const outputNames = [
  'digest',
  'image-id',
  'imageid',
  'ref',
  'tag',
  'current',
  'tags',
  'version',
  'pushed',
  'reused',
  'role',
  'refused-tags',
  'superseded-tags',
  'cache-from',
  'metadata',
  'sarif',
  'receipt',
] as const;

/** The outputs, always all of them; empty where there is no value. `receipt` and `sarif` are paths of those files. */
export function renderOutputs(facts: Facts, receipt: string, sarif = ''): ReadonlyMap<string, string> {
  const { image, wanted, rights, plan } = facts;
  const written = facts.tags.filter(holdsImage(image?.digest));
  const values: Record<(typeof outputNames)[number], string> = {
    digest: image?.digest ?? '',
    'image-id': image?.configDigest ?? '',
    imageid: image?.configDigest ?? '',
    ref: image?.digest !== undefined && written[0] !== undefined ? `${written[0].repository}@${image.digest}` : '',
    tag: wanted?.own ?? '',
    current: String(isCurrent(facts, image?.digest)),
    tags: written.map(reference).join('\n'),
    version: wanted?.version === undefined ? '' : formatVersion(wanted.version),
    pushed: String(written.length > 0),
    reused: String(image?.reused ?? false),
    role: rights?.role ?? '',
    'refused-tags': (wanted?.refused ?? []).map(({ tag }) => tag).join('\n'),
    'superseded-tags': supersededTags(facts).join('\n'),
    'cache-from': (plan?.cache.from ?? []).map(({ repository, digest }) => `${repository.name}@${digest}`).join('\n'),
    metadata: image === undefined || Object.keys(image.metadata).length === 0 ? '' : JSON.stringify(image.metadata),
    sarif,
    receipt,
  };
  return new Map(outputNames.map((name) => [name, values[name]]));
}

/** `repository:tag`, as people paste it. */
export function reference({ repository, tag }: Pick<TagRecord, 'repository' | 'tag'>): string {
  return `${repository}:${tag}`;
}

/** Tags that a newer run or a higher version keeps from this one. */
export function supersededTags(facts: Facts): string[] {
  const byVersion = (facts.wanted?.superseded ?? []).map(({ tag }) => tag as string);
  return [...byVersion, ...facts.tags.filter(({ outcome }) => outcome === 'superseded').map(reference)];
}

/** True where the run's own tag points at the image in every repository: deploy jobs ask for it. */
function isCurrent(facts: Facts, image: Digest | undefined): boolean {
  const own = facts.tags.filter(({ tag }) => tag === facts.wanted?.own);
  return own.length > 0 && own.every(holdsImage(image));
}

function holdsImage(image: Digest | undefined): (record: TagRecord) => boolean {
  return ({ after, outcome }) => image !== undefined && after === image && isWritten(outcome);
}
