import type { Inputs } from '../inputs.ts';
import type { Journal } from '../journal.ts';
import type { Digest } from '../model/digest.ts';
import type { RemoteHead } from '../model/git-context.ts';
import type { Repository } from '../model/image-ref.ts';
import type { Destinations } from '../plan/destinations.ts';
import type { Afterwards } from '../plan/repairs.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { TagPlan } from '../plan/tag-plan.ts';
import type { VersionQuestion } from '../plan/version-question.ts';
import type { KnownVersions, TagPolicy } from '../plan/wanted-tag.ts';
import { explainSuperseded, type Judged, type WritePlan } from '../plan/write-plan.ts';
import { type ImageFacts, settleImage } from '../report/facts.ts';
import { say } from './actions.ts';
import { stampBuildx } from './buildx/stamp.ts';
import { openGit, type Remote } from './checkout/git.ts';
import { type Asked, readGitContext } from './checkout/git-context.ts';
import { readHistory } from './checkout/history.ts';
import { askRemote, remoteApi } from './checkout/remote.ts';
import { exportCacheBounded } from './image/cache-export.ts';
import type { CacheSupply } from './image/cache-supply.ts';
import { type ContextMark, markContext } from './image/context-mark.ts';
import { obtainImage } from './image/obtain.ts';
import { proveImage } from './image/prove.ts';
import { lookAfterwards, type Written } from './look-afterwards.ts';
import { explainWritten } from './publish/account.ts';
import { Guard, type RefQuestions } from './publish/guard.ts';
import { judgeEverywhere } from './publish/judge-everywhere.ts';
import { landEverywhere } from './publish/land-everywhere.ts';
import { type Contest, moveEverywhere } from './publish/move-everywhere.ts';
import type { Landed } from './publish/publish.ts';
import { repairTags, type Settlement } from './publish/repair-tags.ts';
import { readVersions } from './read-versions.ts';
import { openRegistries } from './registry/registries.ts';
import { writeDraft } from './report.ts';
import { type Survey, type SurveyQuestion, survey } from './survey.ts';
import { readTestReports } from './test-reports.ts';
import type { Workbench } from './workbench.ts';

/** Everything the story does to the world. */
export interface Tools {
  /** Says a line in the log, and notices there and in the reports. */
  readonly tell: (line: string, notices: readonly string[]) => void;
  /** What is this run's own: for names and for files that no other may see. */
  readonly place: Pick<Workbench, 'nonce' | 'folder'>;
  readonly readGit: () => Promise<Asked>;
  /** Refuses a context that would ship the checkout's token. */
  readonly requireCleanContext: (asked: Asked) => Promise<void>;
  /** Which versions are published where this run writes. */
  readonly readVersions: (look: VersionLook, remoteTags: Remote['tags']) => Promise<KnownVersions>;
  readonly survey: (question: Omit<SurveyQuestion, 'inputs'>) => Promise<Survey>;
  readonly obtain: (plan: RunPlan, asked: Asked, seen: Survey) => Promise<ImageFacts>;
  readonly prove: (plan: RunPlan, image: ImageFacts) => Promise<void>;
  readonly readRemote: (ref: string) => Promise<Remote>;
  /** Whether the tags that follow the ref may be written over what they hold. */
  readonly judge: (
    wanted: TagPlan,
    head: RemoteHead,
    where: { readonly plan: RunPlan; readonly destinations: Destinations },
  ) => Promise<Judged>;
  readonly land: (
    image: ImageFacts,
    work: { readonly plan: RunPlan; readonly writes: WritePlan; readonly destinations: Destinations },
  ) => Promise<readonly Landed[]>;
  readonly move: (landed: readonly Landed[], writes: WritePlan) => Promise<readonly Contest[]>;
  /** Asks once more where the ref points and which versions are published, as far as tags that were written depend on it. */
  readonly lookAfterwards: (look: VersionLook, written: Written) => Promise<Afterwards>;
  /** Gives tags to what they belong to by now; what somebody else wrote without a reason is an error.
   * @throws ActionError `superseded` where a newer commit took a tag and `stale` is `fail`. */
  readonly repair: (landed: readonly Landed[], work: Settlement) => Promise<void>;
  readonly exportCache: (plan: RunPlan, asked: Asked, seen: Survey) => Promise<void>;
  /** The error of a run that failed, which then says what was written. */
  readonly explain: (error: unknown) => Promise<unknown>;
}

/** What is asked about versions, and of whom. */
export interface VersionLook {
  readonly question: VersionQuestion;
  readonly policy: TagPolicy;
  readonly destinations: Destinations;
}

/** The tools of one run, at one workbench. */
export function openTools(bench: Workbench, inputs: Inputs, journal: Journal): Tools {
  const registries = openRegistries(bench, inputs);
  const report = (result: Parameters<Journal['test']>[0]): void => journal.test(result);
  const notice = (text: string): void => journal.notice(text);
  const record = (one: Parameters<Journal['tag']>[0]): void => {
    journal.tag(one);
    writeDraft(journal, bench.environment, bench.nonce);
  };
  const published = (image: ImageFacts) => (digest: Digest) => void journal.keep('image', settleImage(image, digest));
  let mark: ContextMark | undefined;
  let stamp = '';
  const tell: Tools['tell'] = (line, notices) => {
    if (line !== '') say(line);
    notices.forEach(notice);
  };
  const collect = async (): Promise<void> => {
    const { reports: globs } = inputs.tests;
    if (globs.length === 0 || journal.facts.tests.length === 0 || bench.cancel.aborted) return;
    const { workspace } = bench.environment;
    const { notices, ...reports } = await readTestReports({ workspace, globs, since: performance.timeOrigin });
    journal.keep('reports', reports);
    tell('', notices);
  };
  const supplyFrom = ({ relay }: Survey): CacheSupply => ({ relay, registries, tell: say });
  const readRemoteNow: Tools['readRemote'] = (ref) =>
    askRemote(openGit(bench.environment.workspace), ref, remoteApi(bench.environment, inputs));
  const askVersions: Tools['readVersions'] = async ({ question, policy, destinations }, remoteTags) => {
    const places = destinations.image.map((repository) => registries.open(repository, 'survey'));
    return readVersions(await Promise.all(places), question, { policy, remoteTags });
  };
  const questions = (ref: string): RefQuestions => ({
    head: async () => (await readRemoteNow(ref)).head,
    history: (older, newer) =>
      readHistory(openGit(bench.environment.workspace), [older, newer], remoteApi(bench.environment, inputs)),
  });
  let guard: Guard | undefined;
  const guardOf = (writes: WritePlan): Guard => {
    guard ??= new Guard(writes, questions(writes.follows.ref));
    return guard;
  };
  return {
    tell,
    place: { nonce: bench.nonce, folder: bench.folder },
    readGit: () => readGitContext(bench.environment, inputs),
    requireCleanContext: async (asked) => {
      if (!asked.sendsToken && asked.tokenContexts.length === 0) return;
      const { requireCleanContext } = await import('../plan/context-refusal.ts'); // its parser of Dockerfiles takes time to load
      requireCleanContext(asked.context.dockerfile, asked);
    },
    readVersions: askVersions,
    survey: async (question) => {
      const seen = await survey(bench, registries, { inputs, ...question });
      tell('', seen.notices);
      const places = [...inputs.repositories, ...inputs.protectedRepositories].map(({ registry }) => registry);
      return { ...seen, buildx: { ...seen.buildx, logins: await registries.lent(places) } };
    },
    obtain: (plan, asked, seen) => {
      mark = markContext(asked.context);
      stamp = stampBuildx(seen.buildx);
      // a solve beside the tests would lay the logins that it is lent within their reach
      const lends = seen.buildx.logins.length > 0 && plan.tests.host !== undefined;
      const repeats = lends ? { ...mark, isUntouched: () => false } : mark;
      const { buildx } = seen;
      const build = { bench, buildx, limit: inputs.build.limit, report, mark: repeats, caches: supplyFrom(seen) };
      const findTouched = (): string | undefined => {
        if (mark?.isUntouched() !== true) return 'the build context';
        return stampBuildx(buildx) === stamp ? undefined : 'docker’s configuration or its buildx';
      };
      const builder = { ...build, context: asked.context, tell: notice, findTouched };
      return obtainImage(builder, registries, plan).catch(async (error: unknown) => {
        await collect(); // tests that failed are what people want to read about
        throw error;
      });
    },
    prove: async (plan, image) => {
      const { proveCompiled } = await import('./proof/bytecode.ts');
      await proveCompiled(bench, image, { plan, keep: (proof) => journal.keep('bytecodeProof', proof), tell });
      try {
        await proveImage(bench, image, { tests: plan.tests, report, tell: notice });
      } finally {
        await collect();
      }
    },
    readRemote: readRemoteNow,
    judge: async (wanted, head, { plan, destinations }) => {
      const places = await Promise.all(destinations.image.map((one) => registries.open(one, 'publish')));
      const adopted = plan.adoption.kind === 'adopt' ? plan.adoption.digest : undefined;
      return judgeEverywhere(places, { wanted, head, adopted }, questions(wanted.follows.ref));
    },
    land: (image, { plan, writes, destinations }) =>
      landEverywhere(
        { bench, registries, record, published: published(image), guard: guardOf(writes) },
        { image, plan, writes, repositories: destinations.image },
      ),
    move: (landed, writes) => moveEverywhere(landed, writes, { record, guard: guardOf(writes) }),
    lookAfterwards: (look, written) =>
      lookAfterwards(look.question, written, {
        remote: () => readRemoteNow(written.writes.follows.ref),
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
    exportCache: async (plan, asked, seen) => {
      const known = mark ?? markContext(asked.context);
      const done = await exportCacheBounded(
        { bench, buildx: seen.buildx, mark: known, caches: supplyFrom(seen), stamp },
        { ...plan, request: asBuilt(plan.request, journal.facts.image) },
      );
      if (done === undefined) return;
      journal.keep('cacheExport', done);
      if (!done.ok)
        tell('', [`the cache ${done.reference} was not written, so the next builds are slower: ${done.reason}`]);
    },
    explain: (error) => {
      const open = (repository: Repository) => registries.open(repository, 'account');
      const image = journal.facts.image?.digest;
      return explainWritten({ records: () => journal.facts.tags, record, open, image }, error);
    },
  };
}

/** What was built in the end: an image may ship without the bytecode that was asked for. */
function asBuilt(request: RunPlan['request'], image: ImageFacts | undefined): RunPlan['request'] {
  return image?.reused === false && image.bytecode === undefined ? { ...request, bytecode: undefined } : request;
}
