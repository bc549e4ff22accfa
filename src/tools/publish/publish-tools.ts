import type { Digest } from '../../model/digest.ts';
import type { Repository } from '../../model/image-ref.ts';
import { underWay } from '../../plan/settle.ts';
import { explainSuperseded, type WritePlan } from '../../plan/write-plan.ts';
import { settleImage } from '../../report/built-image.ts';
import type { TagRecord } from '../../report/facts.ts';
import { readHistory } from '../checkout/history.ts';
import { openGit } from '../checkout/open-git.ts';
import { remoteApi } from '../checkout/remote.ts';
import { lookAfterwards } from '../look-afterwards.ts';
import { readVersions } from '../read-versions.ts';
import { writeDraft } from '../report.ts';
import type { Desk, Tools } from '../tools.ts';
import { explainWritten } from './account.ts';
import { openDraft } from './draft.ts';
import { Guard } from './guard.ts';
import { judgeEverywhere } from './judge-everywhere.ts';
import type { RefQuestions } from './judge-held.ts';
import { landEverywhere } from './land-everywhere.ts';
import type { PublishTools as LandTools } from './land-in.ts';
import { moveEverywhere } from './move-everywhere.ts';
import { readSizes } from './platform-sizes.ts';
import { repairTags } from './repair-tags.ts';

type PublishTools = Pick<
  Tools,
  'readVersions' | 'readRemote' | 'judge' | 'land' | 'move' | 'lookAfterwards' | 'repair' | 'explain'
>;

/** What the publishing tools share. */
interface Publishing extends Desk {
  readonly record: (record: TagRecord) => void;
  readonly questions: (ref: string) => RefQuestions;
  /** One for all writes of a run. */
  readonly guardOf: (writes: WritePlan) => Guard;
}

/** What writes tags, and what is asked before and after. Each tag is on record before it is written. */
export function openPublishTools(desk: Desk, sendKept: LandTools['sendKept']): PublishTools {
  const publishing = openPublishing(desk);
  const { registries, remote, journal, tell } = desk;
  const { record, guardOf } = publishing;
  const askVersions: Tools['readVersions'] = async ({ question, policy, destinations }, remoteTags) => {
    const places = destinations.image.map((repository) => registries.open(repository, 'survey'));
    return readVersions(await Promise.all(places), question, { policy, remoteTags });
  };
  return {
    readVersions: askVersions,
    readRemote: remote.ask,
    judge: judgeWith(publishing),
    land: landWith(publishing, sendKept),
    move: (landed, writes) => moveEverywhere(landed, writes, { record, guard: guardOf(writes) }),
    lookAfterwards: (look, written) =>
      lookAfterwards(look.question, written, {
        remote: () => remote.ask(written.writes.follows.ref),
        versions: (remoteTags) => askVersions(look, remoteTags),
        standing: (head) => guardOf(written.writes).take(head),
        tell: (notice) => tell('', [notice]),
      }),
    repair: repairWith(publishing),
    explain: (error) => {
      const open = (repository: Repository) => registries.open(repository, 'account');
      const image = journal.facts.image?.digest;
      return explainWritten({ records: () => journal.facts.tags, record, open, image }, error);
    },
  };
}

function openPublishing(desk: Desk): Publishing {
  const { bench, inputs, journal, remote } = desk;
  const draft = openDraft(() => writeDraft(journal, bench.environment, bench.nonce));
  const questions = (ref: string): RefQuestions => ({
    head: async () => (await remote.ask(ref)).head,
    history: (older, newer) =>
      readHistory(openGit(bench.environment.workspace), [older, newer], remoteApi(bench.environment, inputs)),
    seen: (held) => journal.revisionOf(held),
  });
  let guard: Guard | undefined;
  return {
    ...desk,
    questions,
    record: (one) => {
      journal.tag(one);
      if (one.reason === underWay) draft.now();
      else draft.soon();
    },
    guardOf: (writes) => {
      guard ??= new Guard(writes, questions(writes.follows.ref));
      return guard;
    },
  };
}

function judgeWith({ registries, questions }: Publishing): Tools['judge'] {
  return async (wanted, head, { plan, destinations }) => {
    const places = await Promise.all(destinations.image.map((one) => registries.open(one, 'publish')));
    const adopted = plan.adoption.kind === 'adopt' ? plan.adoption.digest : undefined;
    return judgeEverywhere(places, { wanted, head, adopted }, questions(wanted.follows.ref));
  };
}

function landWith(publishing: Publishing, sendKept: LandTools['sendKept']): Tools['land'] {
  const { bench, registries, journal, record, guardOf } = publishing;
  return async (image, { plan, writes, destinations }) => {
    const published = (digest: Digest) => void journal.keep('image', settleImage(image, digest));
    const landed = await landEverywhere(
      { bench, registries, record, published, guard: guardOf(writes), sendKept },
      { image, plan, writes, repositories: destinations.image },
    );
    const [first] = landed;
    const { image: settled } = journal.facts;
    if (first !== undefined && settled !== undefined)
      journal.keep('image', { ...settled, platforms: await readSizes(first, settled.platforms) });
    return landed;
  };
}

function repairWith({ tell, record, guardOf }: Publishing): Tools['repair'] {
  return async (landed, work) => {
    const guard = guardOf(work.writes);
    tell('', await repairTags(landed, work, { record, guard }));
    const left = guard.overtaken.map(({ tag, because }) => `${tag.name} was left to a newer commit: ${because}`);
    tell('', left);
    if (work.writes.stale === 'fail' && guard.overtaken.length > 0)
      throw explainSuperseded(guard.overtaken, 'the receipt says what was written before that was known');
  };
}
