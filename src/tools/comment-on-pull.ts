import type { Journal } from '../journal.ts';
import { planComment } from '../plan/comment.ts';
import { renderComment } from '../report/comment.ts';
import { redactFacts } from '../report/redacted.ts';
import { redact } from './actions.ts';
import { remoteApi } from './checkout/remote.ts';
import type { RunnerEnvironment } from './environment.ts';

/** Tells people on the pull request what came of the run, where `comment` and the token let it. Never throws. */
export async function commentOnPull(
  journal: Journal,
  environment: RunnerEnvironment,
  cancel: AbortSignal,
): Promise<void> {
  const { facts } = journal;
  const { inputs, git, rights } = facts;
  if (inputs === undefined || git === undefined || rights === undefined) return;
  const { token, ...api } = remoteApi(environment, inputs);
  const question = { setting: inputs.comment, event: git.event, role: rights.role, hasToken: token !== undefined };
  const plan = planComment(question);
  if (plan.kind === 'none' || token === undefined) {
    if (plan.kind === 'none' && plan.because !== '') note(journal, plan.because);
    return;
  }
  const { all, serverUrl, repository, runId } = environment;
  const [workflow = ''] = (all['GITHUB_WORKFLOW_REF'] ?? all['GITHUB_WORKFLOW'] ?? '').split('@');
  const comment = renderComment(redactFacts(facts, redact), {
    workflow,
    runUrl: `${serverUrl}/${repository}/actions/runs/${runId}`,
  });
  const { writeComment } = await import('./pull-comment.ts'); // octokit takes time to load
  const outcome = await writeComment({ ...api, token, pull: plan.pull }, comment, cancel);
  if (outcome.kind === 'none') note(journal, outcome.reason);
  else journal.keep('comment', outcome);
}

/** `auto` asks for a comment where it can be had; who says `true` is told louder. */
function note(journal: Journal, reason: string): void {
  journal.keep('comment', { kind: 'none', reason });
  if (journal.facts.inputs?.comment === 'true') journal.notice(`the pull request has no comment: ${reason}`);
}
