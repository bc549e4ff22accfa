import { ActionError } from '../../errors.ts';
import type { Facts, TagRecord, TestResult } from '../facts.ts';
import { cell, code } from '../markdown.ts';
import { commitPages, prose, upperFirst } from './commit-pages.ts';
import { firstLine } from './tests.ts';

/** What a reader can do about it, one step for each thing that did not go as asked; empty where there is nothing to do. */
export function renderNextSteps(facts: Facts): string {
  const steps = [
    ...afterError(facts),
    ...afterTests(facts),
    ...afterDoubt(facts.tags),
    ...(facts.error === undefined ? [...afterVerdict(facts), ...afterTags(facts), ...afterComment(facts)] : []),
  ];
  return steps.length === 0
    ? ''
    : ['**What to do next**', steps.map((step) => `- ${upperFirst(step)}`).join('\n')].join('\n\n');
}

function afterError({ error, git }: Facts): readonly string[] {
  return error instanceof ActionError ? [prose(error.hint, commitPages({ git }))] : [];
}

function afterTests({ tests, reports }: Facts): readonly string[] {
  const failed = tests.filter(({ passed }) => !passed);
  const first = reports?.counts.failures.find(({ place }) => place !== undefined);
  const at = first?.place === undefined ? '' : `; begin at ${code(`${first.place.file}:${first.place.line}`)}`;
  return failed.map((test) => `${repeatTest(test)}${at}`);
}

/** How to see a failure again where one works. */
function repeatTest({ kind, command }: TestResult): string {
  const shown = code(firstLine(command));
  switch (kind) {
    case 'test':
      return `run ${shown} where you work`;
    case 'test-target':
      return `run ${code(`docker buildx build --target ${command} .`)} where you work`;
    case 'test-image':
      return `build the image where you work and run ${shown} in a container of it`;
    case 'verify':
      return `build the image where you work, put its name into ${code('SLIPWAY_IMAGE')} and run ${shown}`;
  }
}

/** A tag whose write was sent and never answered is looked at by a person, or settled by a second run. */
function afterDoubt(tags: readonly TagRecord[]): readonly string[] {
  const doubtful = tags.filter(({ outcome }) => outcome === 'unknown');
  return doubtful.slice(0, mostLooks).map(({ repository, tag }) => {
    const look = code(`docker buildx imagetools inspect ${repository}:${tag}`);
    return `see with ${look} what it holds, and run this again: what is written stays, what is missing is added`;
  });
}

const mostLooks = 5;

function afterVerdict({ verdict, rights, inputs, git, wanted }: Facts): readonly string[] {
  const prefix = inputs?.versionPrefix;
  if (verdict?.kind === 'ship' && wanted?.tags.length === 0 && prefix !== undefined)
    return [`to publish it, push a git tag that begins with ${code(prefix)}`];
  if (verdict?.kind !== 'test-only' || rights === undefined) return [];
  const production = code(rights.productionBranch);
  switch (rights.role) {
    case 'untrusted':
      return git?.event.kind === 'pull-request' && git.event.pull.sameRepository
        ? [
            `to have an image of it before it is merged, push the branch again yourself: what a person pushes may publish`,
          ]
        : [
            `to have an image of it before it is merged, somebody who may write here pushes it to a branch of this repository`,
          ];
    case 'test-only':
      return git?.event.kind === 'merge-group' || git?.event.kind === 'push'
        ? [`nothing: the push to ${production} publishes it once it is merged`]
        : [`to publish, let the workflow run on ${['push', 'workflow_dispatch', 'release'].map(code).join(', ')}`];
    case 'main':
    case 'release':
    case 'branch':
    case 'pull-request':
      return inputs?.push === 'protected'
        ? [`to publish it, merge it into ${production}, or set ${code('push: auto')}`]
        : [`to publish it, take ${code('push: false')} out of the workflow`];
  }
}

function afterTags({ tags, wanted, rights, inputs }: Facts): readonly string[] {
  const left = tags.filter(({ outcome }) => outcome === 'superseded');
  const extra = wanted?.refused.filter(({ tag }) => inputs?.extraTags.includes(tag)) ?? [];
  const others = wanted?.refused.filter((one) => !extra.includes(one)) ?? [];
  return [
    ...(left.length === 0
      ? []
      : [
          `nothing for ${names(left.map(({ tag }) => tag))}: the run of what is newer publishes ${left.length === 1 ? 'it' : 'them'}; look at that run if it does not`,
        ]),
    ...(extra.length === 0 ? [] : [afterExtra(names(extra.map(({ tag }) => tag)), rights)]),
    ...(others.length === 0 ? [] : [afterRefusal(names(others.map(({ tag }) => tag)), rights)]),
  ];
}

function afterExtra(tags: string, rights: Facts['rights']): string {
  if (rights?.role === 'release') return `nothing for ${tags}: the next version that is no pre-release moves it`;
  return `to write ${tags}, merge into ${code(rights?.productionBranch ?? '')} or release a version`;
}

/** Main and releases are refused a tag only while it is unknown which version is the highest. */
function afterRefusal(tags: string, rights: Facts['rights']): string {
  return rights?.role === 'main' || rights?.role === 'release'
    ? `for ${tags}, run it again once the remote's git tags can be read: let actions/checkout keep its credentials, or give ${code('github-token')}`
    : `for ${tags}, give the branch another name`;
}

function afterComment({ comment, rights }: Facts): readonly string[] {
  if (comment?.kind !== 'none' || rights?.role !== 'pull-request') return [];
  return /not accessible|HTTP 40[13]|github-token/.test(comment.reason)
    ? [`for a comment on the pull request, give the job ${code('permissions: pull-requests: write')}`]
    : [];
}

function names(tags: readonly string[]): string {
  const shown = [...new Set(tags)].slice(0, 5).map(code);
  const more = new Set(tags).size - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${cell(String(more))} more` : ''}`;
}
