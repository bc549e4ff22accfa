import { ActionError } from '../errors.ts';
import type { PullRequest, RunEvent } from './git-context.ts';
import { type GitRef, isCommitId, parseGitRef } from './git-ref.ts';

/** Where an event is read from: GITHUB_EVENT_NAME, GITHUB_REF, the parsed file of GITHUB_EVENT_PATH, GITHUB_ACTOR. */
export interface EventSource {
  readonly name: string;
  readonly ref: string;
  readonly payload: unknown;
  readonly actor: string;
}

/** Reads what happened. What decides the role must be there and well typed; what is merely compared may be missing, as on
 * Gitea (`push.ref`, `push.after`, `push.deleted`, repository ids: without ids a pull request counts as a fork's).
 * @throws ActionError event-refused naming the field, what came and what is allowed. */
export function parseEvent(source: EventSource): RunEvent {
  if (typeof source.payload !== 'object' || source.payload === null || Array.isArray(source.payload))
    refuse(source, '.', source.payload, 'a JSON object');
  const ref = parseGitRef(source.ref);
  switch (source.name) {
    case 'push':
      return readPush(source, ref);
    case 'pull_request':
      return { kind: 'pull-request', ref, pull: readPull(source, ref) };
    case 'workflow_dispatch':
      return { kind: 'workflow-dispatch', ref };
    case 'schedule':
      return { kind: 'schedule', ref };
    case 'merge_group':
      return { kind: 'merge-group', ref };
    case 'release':
      return {
        kind: 'release',
        ref,
        action: need(source, 'action', text),
        draft: need(source, 'release.draft', flag),
        prerelease: need(source, 'release.prerelease', flag),
        tagName: need(source, 'release.tag_name', text),
      };
    // Event names are GitHub's to add to: an unknown one is a kind of its own and is entitled to nothing.
    default:
      return { kind: 'other', name: source.name, ref };
  }
}

/** The default branch's name, undefined where the payload does not say. `schedule` payloads have no repository: they run
 * on the default branch by definition, so there it is the branch of GITHUB_REF.
 * @throws ActionError event-refused where the payload's is no text. */
export function defaultBranchOf(source: EventSource): string | undefined {
  if (source.name !== 'schedule') return field(source, 'repository.default_branch', text);
  const ref = parseGitRef(source.ref);
  return ref.kind === 'branch' ? ref.name : undefined;
}

function readPush(source: EventSource, ref: GitRef): RunEvent {
  const said = field(source, 'ref', text);
  if (said !== undefined && said !== ref.ref) refuse(source, 'ref', said, `GITHUB_REF, ${JSON.stringify(ref.ref)}`);
  const after = field(source, 'after', commit);
  // A deleted ref has no commit: forges that do not send `deleted` still send this.
  const gone = after !== undefined && /^0+$/.test(after);
  return {
    kind: 'push',
    ref,
    after: gone ? undefined : after,
    deleted: gone || field(source, 'deleted', flag) === true,
  };
}

function readPull(source: EventSource, ref: GitRef): PullRequest {
  const number = need(source, 'pull_request.number', id);
  if (ref.kind === 'pull' && !ref.name.startsWith(`${number}/`))
    refuse(source, 'pull_request.number', number, `that of GITHUB_REF, ${JSON.stringify(ref.ref)}`);
  const head = field(source, 'pull_request.head.repo.id', id);
  const base = field(source, 'pull_request.base.repo.id', id);
  const here = field(source, 'repository.id', id) ?? base;
  return {
    number,
    action: need(source, 'action', text),
    headRef: need(source, 'pull_request.head.ref', text),
    headSha: need(source, 'pull_request.head.sha', commit),
    sameRepository: head !== undefined && head === base && base === here,
  };
}

interface Shape<T> {
  readonly says: string;
  readonly accepts: (value: unknown) => value is T;
}

const text: Shape<string> = {
  says: 'a text that is not empty',
  accepts: (value): value is string => typeof value === 'string' && value !== '',
};
const flag: Shape<boolean> = {
  says: 'true or false',
  accepts: (value): value is boolean => typeof value === 'boolean',
};
const id: Shape<number> = {
  says: 'a number above 0',
  accepts: (value): value is number => Number.isSafeInteger(value) && Number(value) > 0,
};
const commit: Shape<string> = {
  says: 'a full commit id',
  accepts: (value): value is string => typeof value === 'string' && isCommitId(value),
};

/** Null counts as missing: GitHub sends it for a head repository that was deleted. */
function field<T>(source: EventSource, path: string, shape: Shape<T>): T | undefined {
  const value = path.split('.').reduce(own, source.payload);
  if (value === undefined || value === null) return undefined;
  return shape.accepts(value) ? value : refuse(source, path, value, shape.says);
}

function need<T>(source: EventSource, path: string, shape: Shape<T>): T {
  return field(source, path, shape) ?? refuse(source, path, undefined, shape.says);
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

function refuse(source: EventSource, path: string, came: unknown, allowed: string): never {
  const where = `event ${JSON.stringify(source.name)} on ${JSON.stringify(source.ref)} by ${JSON.stringify(source.actor)}`;
  const value = came === undefined ? 'nothing' : (JSON.stringify(came) ?? typeof came).slice(0, 200);
  throw new ActionError('event-refused', `${where}: \`${path}\` of the payload is ${value}; allowed is ${allowed}`, {
    hint: 'nothing was run, because what this run may do is decided from that field; if the payload was changed on the way (act, a proxy, another forge), send the field as GitHub does',
  });
}
