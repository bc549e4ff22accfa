import { parseTag } from '../model/tag.ts';
import { formatVersion, linesOf, type Version } from '../model/version.ts';
import { nothing, type TagChoice, type TagQuestion, withoutExtras } from './tag-question.ts';
import { isHigher, isPrerelease, releasesAmong } from './version-question.ts';
import { commitTag, type TagPolicy, type WantedTag, want } from './wanted-tag.ts';

export function chooseRelease(question: TagQuestion): TagChoice {
  const { policy, run, name } = question;
  if (name.foreign)
    return withoutExtras(question, {
      ...nothing,
      notices: [
        `nothing is written: the git tag ${JSON.stringify(run.git.event.ref.ref)} does not begin with the version-prefix ${JSON.stringify(policy.versionPrefix)}`,
      ],
    });
  const fixed = commitTag(run.git);
  const sha = want(fixed, 'fixed', 'never');
  if (name.version !== undefined) return chooseVersion(question, name.version, sha);
  return withoutExtras(question, { ...nothing, commitTag: fixed, tags: [sha, want(name.own, 'own', 'by-ref')] });
}

function chooseVersion(question: TagQuestion, version: Version, sha: WantedTag): TagChoice {
  const { policy, run, name, known } = question;
  const choice: TagChoice = {
    ...nothing,
    commitTag: sha.name,
    versionTag: name.own,
    tags: [sha, want(name.own, 'fixed', 'never')],
  };
  if (isPrerelease(version, run.git.event))
    return withoutExtras(question, { ...choice, notices: [`${name.own} is a pre-release: it moves no other tag`] });
  const moving = movingOf(policy, version);
  if (known.kind === 'unknown')
    return {
      ...choice,
      refused: moving.map(({ name: tag }) => ({
        tag,
        rule: `whether this is the highest version is unknown: ${known.reason}`,
      })),
    };
  const releases = releasesAmong(known.versions, policy).filter((other) => isHigher(other, version));
  const above = (tag: WantedTag) =>
    releases.find((other) => tag.kind !== 'line' || linesOf(other).some((line) => line === tag.name));
  return {
    ...choice,
    tags: [...choice.tags, ...moving.filter((tag) => above(tag) === undefined)],
    superseded: moving.flatMap((tag) => {
      const by = above(tag);
      return by === undefined ? [] : [{ tag: tag.name, by: formatVersion(by) }];
    }),
  };
}

function movingOf(policy: TagPolicy, version: Version): readonly WantedTag[] {
  const latest = policy.latest === 'auto' || policy.latest === 'release';
  return [
    ...linesOf(version).map((line) => want(parseTag(line), 'line', 'by-version')),
    ...policy.extraTags.map((tag) => want(parseTag(tag), 'extra', 'by-version')),
    ...(latest ? [want(parseTag('latest'), 'latest', 'by-version')] : []),
  ];
}
