import { getOctokit } from '@actions/github';
import type { Secret } from '../model/secret.ts';
import type { PullComment } from '../report/comment.ts';
import type { CommentOutcome } from '../report/facts.ts';
import { knownSecrets } from './known-secrets.ts';

/** Where a comment goes, and as whom. */
export interface CommentPlace {
  /** GITHUB_API_URL. */
  readonly url: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: Secret;
  readonly pull: number;
}

const within = 15_000;
const mostPages = 50;

interface Found {
  readonly pullId: string;
  readonly comment: { readonly id: string; readonly body: string } | undefined;
}

/** Keeps one comment of ours on a pull request up to date: written once, changed in place, left alone where it says the same.
 * Ours is what the token's own user wrote and what begins with the marker: somebody else's comment with the marker is theirs.
 * Never throws: whether people read it there is not worth a red run. */
export async function writeComment(
  place: CommentPlace,
  wanted: PullComment,
  cancel: AbortSignal,
): Promise<CommentOutcome> {
  const deadline = AbortSignal.timeout(within);
  const request = { signal: AbortSignal.any([deadline, cancel]) };
  const { graphql } = getOctokit(place.token.reveal(), { baseUrl: place.url, request });
  try {
    const { pullId, comment } = await find(graphql, place, wanted.marker);
    if (comment === undefined) {
      await graphql(addition, { pull: pullId, body: wanted.body });
      return { kind: 'written', reason: '' };
    }
    if (comment.body.includes(wanted.fingerprint)) return { kind: 'unchanged', reason: '' };
    await graphql(change, { comment: comment.id, body: wanted.body });
    return { kind: 'updated', reason: '' };
  } catch (error) {
    return { kind: 'none', reason: deadline.aborted ? `no answer within ${within / 1_000} s` : reasonOf(error) };
  }
}

const listing = `query($owner: String!, $name: String!, $pull: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $pull) { id
    comments(first: 100, after: $after) { nodes { id body viewerDidAuthor } pageInfo { hasNextPage endCursor } } } } }`;
const addition = `mutation($pull: ID!, $body: String!) { addComment(input: { subjectId: $pull, body: $body }) { clientMutationId } }`;
const change = `mutation($comment: ID!, $body: String!) { updateIssueComment(input: { id: $comment, body: $body }) { clientMutationId } }`;

interface Listing {
  readonly repository: {
    readonly pullRequest: {
      readonly id: string;
      readonly comments: {
        readonly nodes: readonly { readonly id: string; readonly body: string; readonly viewerDidAuthor: boolean }[];
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
      };
    };
  };
}

async function find(
  graphql: ReturnType<typeof getOctokit>['graphql'],
  { repository, pull }: CommentPlace,
  marker: string,
): Promise<Found> {
  const [owner = '', name = ''] = repository.split('/');
  let after: string | null = null;
  for (let page = 0; ; page++) {
    const answer: Listing = await graphql<Listing>(listing, { owner, name, pull, after });
    const { id, comments } = answer.repository.pullRequest;
    const comment = comments.nodes.find(({ viewerDidAuthor, body }) => viewerDidAuthor && body.startsWith(marker));
    if (comment !== undefined || !comments.pageInfo.hasNextPage) return { pullId: id, comment };
    if (page + 1 === mostPages) throw new Error(`there are more than ${mostPages * 100} comments`);
    after = comments.pageInfo.endCursor;
  }
}

/** GraphQL answers 200 and an error beside it, which octokit hands on under a headline of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const errors: unknown = 'errors' in error ? error.errors : undefined;
  const [first]: readonly unknown[] = Array.isArray(errors) ? errors : [];
  const said =
    typeof first === 'object' && first !== null && 'message' in first ? String(first.message) : error.message;
  const status = 'status' in error ? `HTTP ${String(error.status)}: ` : '';
  const line = said.split('\n').find((one) => one.trim() !== '') ?? '';
  return `${status}${knownSecrets.redact(line).slice(0, 300)}`;
}
