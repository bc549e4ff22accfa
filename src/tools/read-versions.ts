import { type Registry, RegistryError } from '../model/registry.ts';
import { parseTag } from '../model/tag.ts';
import { formatVersion, type Version } from '../model/version.ts';
import {
  groupCandidates,
  sortVersions,
  type VersionQuestion,
  versionsOfGitTags,
  versionsOfRegistryTags,
} from '../plan/version-question.ts';
import type { KnownVersions, TagPolicy } from '../plan/wanted-tag.ts';
import { explainRegistry } from './publish/failures.ts';
import { absentWhereAllowed } from './registry/allowed.ts';

const atOnce = 16;

/** Which versions are published, in any of the repositories: those of the remote's git tags that a registry confirms by a HEAD each,
 * or, where the remote cannot be asked, those of the registries' own lists. Lower ones of a line are left out.
 * @throws ActionError `registry-failed`, `login-missing` where a registry does not answer. */
export async function readVersions(
  registries: readonly Registry[],
  question: VersionQuestion,
  known: { readonly policy: TagPolicy; readonly remoteTags: readonly string[] | undefined },
): Promise<KnownVersions> {
  const { policy, remoteTags } = known;
  if (question.kind === 'none') return { kind: 'known', versions: [] };
  if (remoteTags === undefined) {
    const lists = await Promise.all(registries.map((one) => explained(one, () => one.tags(), [])));
    return { kind: 'known', versions: versionsOfRegistryTags(question, lists.flat(), policy) };
  }
  const looks = new Map<string, Promise<boolean>>();
  const isPublished = (version: Version): Promise<boolean> => {
    const tag = parseTag(formatVersion(version));
    const look = looks.get(tag) ?? isAnywhere(registries, tag);
    looks.set(tag, look);
    return look;
  };
  const groups = groupCandidates(question, versionsOfGitTags(question, remoteTags, policy));
  const highest: Version[] = [];
  for (const group of groups) {
    const found = await findFirst(group, isPublished);
    if (found !== undefined) highest.push(found);
  }
  return { kind: 'known', versions: sortVersions(highest) };
}

async function findFirst(
  versions: readonly Version[],
  isPublished: (version: Version) => Promise<boolean>,
): Promise<Version | undefined> {
  for (let at = 0; at < versions.length; at += atOnce) {
    const batch = versions.slice(at, at + atOnce);
    const found = await Promise.all(batch.map(isPublished));
    const index = found.indexOf(true);
    if (index >= 0) return batch[index];
  }
  return undefined;
}

async function isAnywhere(registries: readonly Registry[], tag: ReturnType<typeof parseTag>): Promise<boolean> {
  const found = await Promise.all(registries.map((one) => explained(one, () => one.head(tag), undefined)));
  return found.some((digest) => digest !== undefined);
}

async function explained<T>(registry: Registry, ask: () => Promise<T>, absent: T): Promise<T> {
  try {
    return await absentWhereAllowed(registry, ask, absent);
  } catch (error) {
    throw error instanceof RegistryError ? explainRegistry(error, registry.repository.name) : error;
  }
}
