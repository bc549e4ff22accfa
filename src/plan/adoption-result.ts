import { parseTag } from '../model/tag.ts';
import type { Adoption, AdoptionRequest, Holdings } from './adoption.ts';
import { type FoundImage, heldBy, isFreeFor } from './holdings.ts';

/** The decision to take an image that was found. */
export function adopt(request: AdoptionRequest, seen: readonly Holdings[], found: FoundImage): Adoption {
  const { wanted, tests } = request;
  const { digest, labels } = found.held;
  const { commitTag } = wanted;
  const other = commitTag !== undefined && (labels?.dirty !== 'false' || !isFreeFor(commitTag, seen, found));
  const looked = (one: Holdings) => one.tags.some(({ held }) => held.kind === 'held' && held.digest === digest);
  return {
    kind: 'adopt',
    digest,
    from: { repository: found.repository, tag: found.tag },
    builtFrom: labels?.revision ?? '',
    testsKnown: tests !== '' && labels?.tests === tests,
    copyTo: seen
      .filter((one) => one.repository !== found.repository && !looked(one))
      .map(({ repository }) => repository),
    keep: other ? [commitTag] : [],
    because: explain(request, found),
    notices: found.tag === wanted.versionTag ? releasedNotices(request, found) : [],
  };
}

/** The labels of an image of another commit go on naming that one, so it is named here. */
function explain({ commit }: AdoptionRequest, { repository, tag, held: { digest, labels } }: FoundImage): string {
  const where = `${repository}:${tag} holds ${digest}`;
  if (labels?.revision === commit) return `${where} of this commit`;
  return `${where}, built from commit ${labels?.revision}, whose content is the same; its labels name that commit`;
}

/** The decision to build, and the tag under which the layers go out. */
export function build(request: AdoptionRequest, seen: readonly Holdings[], because: string): Adoption {
  const { wanted, runId, runAttempt, dirty } = request;
  const { commitTag } = wanted;
  const free = commitTag === undefined || (!dirty && seen.every((one) => heldBy(one, commitTag).kind === 'absent'));
  return {
    kind: 'build',
    firstTag: free ? wanted.first : parseTag(`${commitTag}-${runId}-${runAttempt}`),
    keep: free ? [] : [commitTag],
    because,
    notices: [],
  };
}

/** A version's tag is written once, so its image stands even where the run would rather have built. */
function releasedNotices({ dirty, fresh, reuse, key }: AdoptionRequest, found: FoundImage): readonly string[] {
  const reasons = [
    dirty ? 'the work tree is dirty' : '',
    fresh ? 'the run asks for a fresh image' : '',
    reuse === 'off' ? '`reuse` is off' : '',
    found.held.labels?.key === key ? '' : 'its content key is another',
    found.held.labels?.dirty === 'true' ? 'it was built from a dirty work tree' : '',
  ].filter((reason) => reason !== '');
  return reasons.length === 0
    ? []
    : [`${found.repository}:${found.tag} exists and is written once, so it is taken although ${reasons.join(' and ')}`];
}
