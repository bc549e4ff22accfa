import { parseTag, type Tag } from '../model/tag.ts';
import { type Protection, protectionOf } from './protected.ts';
import { chooseRelease } from './release-tags.ts';
import { pullTag } from './run-name.ts';
import { isFaithful, planOwnTag } from './slug.ts';
import { nothing, type TagChoice, type TagQuestion, withoutExtras } from './tag-question.ts';
import { planVersionQuestion, releasesAmong } from './version-question.ts';
import { commitTag, want } from './wanted-tag.ts';

/** The tags that a role writes. */
export function chooseTags(question: TagQuestion): TagChoice {
  const { role } = question.run.rights;
  switch (role) {
    case 'main':
      return chooseMain(question);
    case 'release':
      return chooseRelease(question);
    case 'branch':
      return withoutExtras(question, { ...nothing, tags: [want(question.name.own, 'own', 'by-ref')] });
    case 'pull-request':
      return withoutExtras(question, choosePull(question));
    case 'untrusted':
    case 'test-only':
      return withoutExtras(question, nothing);
  }
}

function chooseMain(question: TagQuestion): TagChoice {
  const { policy, run, name } = question;
  const fixed = commitTag(run.git);
  const latest = latestOfMain(question);
  return {
    ...nothing,
    commitTag: fixed,
    tags: [
      want(fixed, 'fixed', 'never'),
      want(name.own, 'own', 'by-ref'),
      ...policy.extraTags.map((tag) => want(parseTag(tag), 'extra', 'by-ref')),
      ...(latest === 'write' ? [want(parseTag('latest'), 'latest', 'by-ref')] : []),
    ],
    refused: latest === 'write' || latest === 'leave' ? [] : [{ tag: 'latest', rule: latest.rule }],
  };
}

/** `auto` leaves `latest` to the releases from the first one on that is no pre-release. */
function latestOfMain({ policy, run, known }: TagQuestion): 'write' | 'leave' | { readonly rule: string } {
  switch (policy.latest) {
    case 'production-branch':
      return 'write';
    case 'release':
    case 'never':
      return 'leave';
    case 'auto': {
      if (planVersionQuestion(policy, run).kind === 'none') return 'write';
      if (known.kind === 'unknown') return { rule: `whether there is a release is unknown: ${known.reason}` };
      return releasesAmong(known.versions, policy).length === 0 ? 'write' : 'leave';
    }
  }
}

function choosePull({ run, protection, name }: TagQuestion): TagChoice {
  const { event } = run.git;
  if (event.kind !== 'pull-request') return nothing;
  const { headRef, number } = event.pull;
  const pull = pullTag(String(number));
  const rule = protectionOf(pull, protection);
  const head = headTag(headRef, protection);
  return {
    ...nothing,
    tags: [
      ...(rule === undefined ? [want(name.own, 'own', 'by-ref')] : []),
      ...(head.kind === 'free' ? [want(head.tag, 'head-branch', 'by-ref')] : []),
    ],
    refused: [
      ...(rule === undefined ? [] : [{ tag: pull, rule }]),
      ...(head.kind === 'free' ? [] : [{ tag: head.tag, rule: head.rule }]),
    ],
  };
}

type HeadTag =
  | { readonly kind: 'free'; readonly tag: Tag }
  | { readonly kind: 'refused'; readonly tag: string; readonly rule: string };

function headTag(headRef: string, protection: Protection): HeadTag {
  if (headRef === protection.productionBranch)
    return { kind: 'refused', tag: protection.productionTag, rule: 'it is the tag of the production branch' };
  const tag = planOwnTag(headRef, protection);
  return isFaithful(headRef)
    ? { kind: 'free', tag }
    : { kind: 'refused', tag, rule: "the head branch's name has bytes that are no UTF-8" };
}
