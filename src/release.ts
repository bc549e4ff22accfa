import type { Inputs } from './inputs.ts';
import type { Journal } from './journal.ts';
import { authorize } from './plan/authorize.ts';
import { planChecks, tellUnchecked } from './plan/checks.ts';
import { planDestinations } from './plan/destinations.ts';
import { planGrants } from './plan/grants.ts';
import { planLoginNotices } from './plan/login.ts';
import { planRepairs } from './plan/repairs.ts';
import { planRun } from './plan/run-plan.ts';
import { planTags, type TagPlan } from './plan/tag-plan.ts';
import { planPush, type Verdict } from './plan/verdict.ts';
import { planVersionQuestion } from './plan/version-question.ts';
import type { KnownVersions, TagPolicy } from './plan/wanted-tag.ts';
import { planWrites } from './plan/write-plan.ts';
import type { Step } from './tools/step.ts';
import type { Tools } from './tools/tools.ts';

/** From commit to published image: the whole action, top to bottom. Every refusal falls before anything runs, nothing has a public
 * tag before its tests have passed, and what is tested is, by digest, what is published.
 * @throws ActionError for everything a user can act on; the journal then tells how far the run came. */
export async function release(
  inputs: Inputs,
  tools: Tools,
  story: { readonly step: Step; readonly journal: Journal },
): Promise<Verdict> {
  const { step, journal } = story;
  const asked = await step('Who asks', () => tools.readGit());
  const git = journal.keep('git', asked.git);
  const rights = journal.keep('rights', authorize(git, inputs));
  tools.tell(rights.because, [...rights.notices, ...planLoginNotices(inputs.login, rights.role), ...asked.notices]);
  const verdict = journal.keep('verdict', planPush(inputs.push, rights));
  if (verdict.kind === 'nothing') return verdict;
  if (verdict.kind === 'test-only' && rights.mayWrite) tools.tell('', [`nothing is written: ${verdict.because}`]);

  const grants = planGrants(inputs.build, asked.found, { role: rights.role, ...tools.place });
  tools.tell('', grants.notices);
  await tools.requireCleanContext(asked);
  const policy = planTagPolicy(inputs);
  const destinations = planDestinations(inputs, rights.role);
  const question = verdict.kind === 'ship' ? planVersionQuestion(policy, { git, rights }) : ({ kind: 'none' } as const);
  const look = { question, policy, destinations };
  const planWith = (known: KnownVersions): TagPlan => journal.keep('wanted', planTags(policy, { git, rights }, known));
  const wanted = planWith(await tools.readVersions(look, asked.remoteTags));
  tools.tell(`tags: ${wanted.tags.map(({ name }) => name).join(', ') || 'none'}`, wanted.notices);
  const seen = await step('What is there', () => tools.survey({ asked, wanted, rights, push: verdict, destinations }));
  const facts = { git, wanted, push: verdict, context: asked.context, grants, repository: destinations.image[0] };
  const plan = journal.keep('plan', planRun(inputs, { ...facts, ...tools.place, ...seen }));
  tools.tell(plan.adoption.because, plan.adoption.notices);
  const { stale } = inputs;
  if (verdict.kind === 'ship' && stale === 'fail')
    planWrites(wanted, plan.adoption, {
      stale,
      judged: await tools.judge(wanted, git.remoteHead, { plan, destinations }),
    });

  const main = tools.readMain({ rights, push: verdict, destinations }); // beside the build
  const image = journal.keep('image', await step('Build and test', () => tools.obtain(plan, asked, seen)));
  await step('Prove', () => tools.prove(plan, image));
  const checks = planChecks(inputs.checks, plan.adoption);
  if (checks.kind === 'done') tools.tell(tellUnchecked(journal.keep('unchecked', checks.because)), []);
  if (checks.kind === 'before') await step('Check', () => tools.check(image, { ...checks, plan, asked }));
  const checked = tools.checkBeside(image, { plan, asked }); // beside upload and tags
  if (verdict.kind !== 'ship') {
    await Promise.all([checked, tools.checkLanded(image, [], { plan, asked })]);
    return verdict;
  }

  const remote = await tools.readRemote(wanted.follows.ref);
  const settled = planWith(await tools.readVersions(look, remote.tags));
  const judged = await tools.judge(settled, remote.head, { plan, destinations });
  const writes = planWrites(settled, plan.adoption, { judged, stale });
  tools.tell('', writes.notices);
  const landed = await step('Upload', () => tools.land(image, { plan, writes, destinations }));
  const compared = tools.compare(main, landed, { plan, context: asked.context }); // beside the tags
  const read = tools.checkLanded(image, landed, { plan, asked });
  const contests = await step('Tags', () => tools.move(landed, writes));
  const repairs = async (crossed: boolean) => {
    const { known, standing } = await tools.lookAfterwards(look, { wanted: settled, writes, crossed });
    return planRepairs(settled, known.kind === 'known' ? planWith(known) : settled, { known, standing });
  };
  await tools.repair(landed, { writes, contests, plan: repairs });
  if (plan.cache.write !== undefined && writes.superseded.length === 0)
    await step('Cache', () => tools.exportCache(plan, asked, seen));
  await Promise.all([compared, checked, read]);
  return verdict;
}

function planTagPolicy({ latest, versions, versionPrefix, extraTags, protectedTags }: Inputs): TagPolicy {
  return { latest, versions, versionPrefix, extraTags, protectedTags };
}
