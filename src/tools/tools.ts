import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import type { Journal } from '../journal.ts';
import type { Digest } from '../model/digest.ts';
import type { Repository } from '../model/image-ref.ts';
import type { Destinations } from '../plan/destinations.ts';
import { isOrdered, type Repair } from '../plan/repairs.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { TagPlan } from '../plan/tag-plan.ts';
import type { VersionQuestion } from '../plan/version-question.ts';
import type { KnownVersions, TagPolicy } from '../plan/wanted-tag.ts';
import type { WritePlan } from '../plan/write-plan.ts';
import { type ImageFacts, settleImage } from '../report/facts.ts';
import { say } from './actions.ts';
import { fingerprint } from './checkout/build-context.ts';
import { openGit, type Remote } from './checkout/git.ts';
import { type Asked, readGitContext } from './checkout/git-context.ts';
import { askRemote, remoteApi } from './checkout/remote.ts';
import { exportCacheBounded } from './image/cache-export.ts';
import { obtainImage } from './image/obtain.ts';
import { proveImage } from './image/prove.ts';
import { explainWritten } from './publish/account.ts';
import { landEverywhere } from './publish/land-everywhere.ts';
import { type Contest, moveEverywhere } from './publish/move-everywhere.ts';
import type { Landed } from './publish/publish.ts';
import { repairTags } from './publish/repair-tags.ts';
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
  readonly land: (
    image: ImageFacts,
    work: { readonly plan: RunPlan; readonly writes: WritePlan; readonly destinations: Destinations },
  ) => Promise<readonly Landed[]>;
  readonly move: (landed: readonly Landed[], writes: WritePlan) => Promise<readonly Contest[]>;
  /** Asks once more which versions are published; undefined where no tag that was written depends on it, or nobody answers. */
  readonly lookAgain: (look: VersionLook, written: TagPlan) => Promise<KnownVersions | undefined>;
  /** Gives tags to the higher versions that they belong to by now; what somebody else wrote without one is an error. */
  readonly repair: (
    landed: readonly Landed[],
    work: { readonly repairs: readonly Repair[]; readonly contests: readonly Contest[] },
  ) => Promise<void>;
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
  const record = (one: Parameters<Journal['tag']>[0]): void => {
    journal.tag(one);
    writeDraft(journal, bench.environment, bench.nonce);
  };
  const published = (image: ImageFacts) => (digest: Digest) => void journal.keep('image', settleImage(image, digest));
  let before = '';
  const tell: Tools['tell'] = (line, notices) => {
    if (line !== '') say(line);
    for (const text of notices) journal.notice(text);
  };
  const collect = async (): Promise<void> => {
    const { reports: globs } = inputs.tests;
    if (globs.length === 0 || journal.facts.tests.length === 0 || bench.cancel.aborted) return;
    const { workspace } = bench.environment;
    const { notices, ...reports } = await readTestReports({ workspace, globs, since: performance.timeOrigin });
    journal.keep('reports', reports);
    tell('', notices);
  };
  const readRemoteNow: Tools['readRemote'] = (ref) =>
    askRemote(openGit(bench.environment.workspace), ref, remoteApi(bench.environment, inputs));
  const askVersions: Tools['readVersions'] = async ({ question, policy, destinations }, remoteTags) => {
    const places = destinations.image.map((repository) => registries.open(repository, 'survey'));
    return readVersions(await Promise.all(places), question, { policy, remoteTags });
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
      if (plan.cache.write !== undefined) before = fingerprint(asked.context);
      const builder = { bench, buildx: seen.buildx, limit: inputs.build.limit, report };
      const notice = (text: string): void => tell('', [text]);
      return obtainImage({ ...builder, context: asked.context, tell: notice }, registries, plan).catch(
        async (error: unknown) => {
          await collect(); // tests that failed are what people want to read about
          throw error;
        },
      );
    },
    prove: (plan, image) => proveImage(bench, image, { tests: plan.tests, report }).finally(collect),
    readRemote: readRemoteNow,
    land: (image, { plan, writes, destinations }) =>
      landEverywhere(
        { bench, registries, record, published: published(image) },
        { image, plan, writes, repositories: destinations.image },
      ),
    move: (landed, writes) => moveEverywhere(landed, writes, record),
    lookAgain: async (look, written) => {
      if (look.question.kind === 'none' || !written.tags.some(isOrdered)) return undefined;
      try {
        return await askVersions(look, (await readRemoteNow(written.follows.ref)).tags);
      } catch (error) {
        if (!(error instanceof ActionError) || error.code === 'cancelled') throw error;
        tell('', [`whether a higher version was published meanwhile is unknown: ${error.message}`]);
        return undefined;
      }
    },
    repair: async (landed, work) => tell('', await repairTags(landed, work, record)),
    exportCache: async (plan, asked, seen) => {
      const done = await exportCacheBounded(bench, seen.buildx, { plan, context: asked.context, before });
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
