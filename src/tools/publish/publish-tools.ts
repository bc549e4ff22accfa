import type { Digest } from '../../model/digest.ts';
import type { Repository } from '../../model/image-ref.ts';
import { underWay } from '../../plan/settle.ts';
import { explainSuperseded, type WritePlan } from '../../plan/write-plan.ts';
import { type BuiltImage, settleImage } from '../../report/built-image.ts';
import { readHistory } from '../checkout/history.ts';
import { openGit } from '../checkout/open-git.ts';
import { remoteApi } from '../checkout/remote.ts';
import { lookAfterwards } from '../look-afterwards.ts';
import { readVersions } from '../read-versions.ts';
import { writeDraft } from '../report.ts';
import type { Desk, Tools } from '../tools.ts';
import { explainWritten } from './account.ts';
import { openDraft } from './draft.ts';
import { Guard, type RefQuestions } from './guard.ts';
import { judgeEverywhere } from './judge-everywhere.ts';
import { landEverywhere } from './land-everywhere.ts';
import type { PublishTools as LandTools } from './land-in.ts';
import { moveEverywhere } from './move-everywhere.ts';
import { readSizes } from './platform-sizes.ts';
import { repairTags } from './repair-tags.ts';

type PublishTools = Pick<
  Tools,
  'readVersions' | 'readRemote' | 'judge' | 'land' | 'move' | 'lookAfterwards' | 'repair' | 'explain'
>;

/** What writes tags, and what is asked before and after. Each tag is on record before it is written. */
export function openPublishTools(
  { bench, inputs, journal, registries, remote, tell }: Desk,
  sendKept: LandTools['sendKept'],
): PublishTools {
  const draft = openDraft(() => writeDraft(journal, bench.environment, bench.nonce));
  const record = (one: Parameters<typeof journal.tag>[0]): void => {
    journal.tag(one);
    if (one.reason === underWay) draft.now();
    else draft.soon();
  };
  const published = (image: BuiltImage) => (digest: Digest) => void journal.keep('image', settleImage(image, digest));
  const askVersions: Tools['readVersions'] = async ({ question, policy, destinations }, remoteTags) => {
    const places = destinations.image.map((repository) => registries.open(repository, 'survey'));
    return readVersions(await Promise.all(places), question, { policy, remoteTags });
  };
  const questions = (ref: string): RefQuestions => ({
    head: async () => (await remote.ask(ref)).head,
    history: (older, newer) =>
      readHistory(openGit(bench.environment.workspace), [older, newer], remoteApi(bench.environment, inputs)),
    seen: (held) => journal.revisionOf(held),
  });
  let guard: Guard | undefined;
  const guardOf = (writes: WritePlan): Guard => {
    guard ??= new Guard(writes, questions(writes.follows.ref));
    return guard;
  };
  return {
    readVersions: askVersions,
    readRemote: remote.ask,
    judge: async (wanted, head, { plan, destinations }) => {
      const places = await Promise.all(destinations.image.map((one) => registries.open(one, 'publish')));
      const adopted = plan.adoption.kind === 'adopt' ? plan.adoption.digest : undefined;
      return judgeEverywhere(places, { wanted, head, adopted }, questions(wanted.follows.ref));
    },
    land: async (image, { plan, writes, destinations }) => {
      const landed = await landEverywhere(
        { bench, registries, record, published: published(image), guard: guardOf(writes), sendKept },
        { image, plan, writes, repositories: destinations.image },
      );
      const [first] = landed;
      const { image: settled } = journal.facts;
      if (first !== undefined && settled !== undefined)
        journal.keep('image', { ...settled, platforms: await readSizes(first, settled.platforms) });
      return landed;
    },
    move: (landed, writes) => moveEverywhere(landed, writes, { record, guard: guardOf(writes) }),
    lookAfterwards: (look, written) =>
      lookAfterwards(look.question, written, {
        remote: () => remote.ask(written.writes.follows.ref),
        versions: (remoteTags) => askVersions(look, remoteTags),
        standing: (head) => guardOf(written.writes).take(head),
        tell: (notice) => tell('', [notice]),
      }),
    repair: async (landed, work) => {
      const { overtaken } = guardOf(work.writes);
      tell('', await repairTags(landed, work, { record, guard: guardOf(work.writes) }));
      tell(
        '',
        overtaken.map(({ tag, because }) => `${tag.name} was left to a newer commit: ${because}`),
      );
      if (work.writes.stale === 'fail' && overtaken.length > 0)
        throw explainSuperseded(overtaken, 'the receipt says what was written before that was known');
    },
    explain: (error) => {
      const open = (repository: Repository) => registries.open(repository, 'account');
      const image = journal.facts.image?.digest;
      return explainWritten({ records: () => journal.facts.tags, record, open, image }, error);
    },
  };
}
