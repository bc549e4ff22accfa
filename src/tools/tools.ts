import { setImmediate } from 'node:timers/promises';
import type { HoldAt } from '../audit/hold.ts';
import type { Inputs } from '../inputs.ts';
import type { Journal } from '../journal.ts';
import type { RemoteHead } from '../model/git-context.ts';
import type { Destinations } from '../plan/destinations.ts';
import type { Afterwards } from '../plan/repairs.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { TagPlan } from '../plan/tag-plan.ts';
import type { VersionQuestion } from '../plan/version-question.ts';
import type { KnownVersions, TagPolicy } from '../plan/wanted-tag.ts';
import type { Judged, WritePlan } from '../plan/write-plan.ts';
import type { BuiltImage } from '../report/built-image.ts';
import { say } from './actions.ts';
import { openCheckTools } from './audit/check-tools.ts';
import { type AskedBuilder, askBuilder } from './buildx/read-builder.ts';
import type { BuildContext } from './checkout/build-context.ts';
import type { Remote } from './checkout/git.ts';
import { type Asked, readGitContext } from './checkout/git-context.ts';
import { openRemote, type RemoteDesk } from './checkout/remote.ts';
import { type MainImage, openCompareTools } from './compare.ts';
import { openImageTools } from './image/image-tools.ts';
import type { Written } from './look-afterwards.ts';
import type { Contest } from './publish/move-everywhere.ts';
import type { Landed } from './publish/publish.ts';
import { openPublishTools } from './publish/publish-tools.ts';
import type { Settlement } from './publish/repair-tags.ts';
import { openRegistries, type Registries } from './registry/registries.ts';
import { type Survey, type SurveyQuestion, survey } from './survey.ts';
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
  readonly obtain: (plan: RunPlan, asked: Asked, seen: Survey) => Promise<BuiltImage>;
  /** The image that the production branch's tag holds now. Never rejects. */
  readonly readMain: (question: Omit<SurveyQuestion, 'inputs' | 'asked' | 'wanted'>) => Promise<MainImage | undefined>;
  readonly prove: (plan: RunPlan, image: BuiltImage) => Promise<void>;
  /** Reads and runs the image, and says what it lacks for production.
   * @throws ActionError `checks-failed` where a finding is as bad as `holdAt`; undefined: none is. */
  readonly check: (
    image: BuiltImage,
    work: { readonly plan: RunPlan; readonly asked: Asked; readonly holdAt: HoldAt | undefined },
  ) => Promise<void>;
  /** Reads the image for the report, where it is asked for and its findings are not known. Never rejects. */
  readonly checkBeside: (image: BuiltImage, work: { readonly plan: RunPlan; readonly asked: Asked }) => Promise<void>;
  /** The same for an image that stayed with its builder: it is read where it has landed, and where it has not that is said. */
  readonly checkLanded: (
    image: BuiltImage,
    landed: readonly Landed[],
    work: { readonly plan: RunPlan; readonly asked: Asked },
  ) => Promise<void>;
  readonly readRemote: (ref: string) => Promise<Remote>;
  /** Whether the tags that follow the ref may be written over what they hold. */
  readonly judge: (
    wanted: TagPlan,
    head: RemoteHead,
    where: { readonly plan: RunPlan; readonly destinations: Destinations },
  ) => Promise<Judged>;
  readonly land: (
    image: BuiltImage,
    work: { readonly plan: RunPlan; readonly writes: WritePlan; readonly destinations: Destinations },
  ) => Promise<readonly Landed[]>;
  /** Finds out, for the report, in what the image that landed differs from main's. Never rejects. */
  readonly compare: (
    main: Promise<MainImage | undefined>,
    landed: readonly Landed[],
    asked: { readonly plan: RunPlan; readonly context: BuildContext },
  ) => Promise<void>;
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

/** What every tool of a run shares. */
export interface Desk {
  readonly bench: Workbench;
  readonly inputs: Inputs;
  readonly journal: Journal;
  readonly registries: Registries;
  readonly remote: RemoteDesk;
  readonly tell: Tools['tell'];
}

/** The tools of one run, at one workbench. */
export function openTools(bench: Workbench, inputs: Inputs, journal: Journal): Tools {
  const registries = openRegistries(bench, inputs);
  const tell: Tools['tell'] = (line, notices) => {
    if (line !== '') say(line);
    for (const text of notices) journal.notice(text);
  };
  const remote = openRemote(bench.environment, inputs);
  const desk = { bench, inputs, journal, registries, remote, tell };
  const { sendKept, ...imageTools } = openImageTools(desk);
  let builder: AskedBuilder | undefined;
  return {
    tell,
    place: { nonce: bench.nonce, folder: bench.folder },
    readGit: async () => {
      registries.knock([...inputs.repositories, ...inputs.protectedRepositories]);
      builder = askBuilder(bench, inputs);
      await setImmediate(); // what was asked is on its way before git is started, which takes the loop
      return readGitContext(bench.environment, inputs, remote);
    },
    requireCleanContext: async (asked) => {
      if (!asked.sendsToken && asked.tokenContexts.length === 0) return;
      const { requireCleanContext } = await import('../plan/context-refusal.ts'); // its parser of Dockerfiles takes time to load
      requireCleanContext(asked.context.dockerfile, asked);
    },
    survey: async (question) => {
      const asked = builder ?? askBuilder(bench, inputs);
      const seen = await survey(bench, { registries, asked }, { inputs, ...question });
      tell('', seen.notices);
      for (const { held } of seen.holdings.flatMap(({ tags }) => tags)) journal.revisionOf(held);
      const places = [...inputs.repositories, ...inputs.protectedRepositories].map(({ registry }) => registry);
      return { ...seen, buildx: { ...seen.buildx, logins: await registries.lent(places) } };
    },
    ...imageTools,
    ...openCheckTools(desk),
    ...openCompareTools(desk),
    ...openPublishTools(desk, sendKept),
  };
}
