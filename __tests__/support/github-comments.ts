import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A comment as the server keeps it. */
export interface KeptComment {
  readonly id: string;
  body: string;
  readonly author: string;
}

/** GitHub's GraphQL API as far as comments on one pull request go: three operations, pages of a hundred. `fault` answers in its place,
 * `faultAt` only to one of them. */
export async function startGitHubComments(viewer = 'github-actions') {
  const comments: KeptComment[] = [];
  const asked: string[] = [];
  type Fault = (response: ServerResponse) => void;
  const state: { fault: Fault | undefined; faultAt: { operation: string; fault: Fault } | undefined } = {
    fault: undefined,
    faultAt: undefined,
  };
  const answer = ({ query, variables }: { query: string; variables: Record<string, string> }): unknown => {
    const operation = /addComment|updateIssueComment/.exec(query)?.[0] ?? 'list';
    asked.push(operation);
    const { body = '' } = variables;
    if (operation === 'addComment') comments.push({ id: `c${comments.length}`, body, author: viewer });
    const changed = comments.find(({ id }) => id === variables['comment']);
    if (operation === 'updateIssueComment' && changed !== undefined) changed.body = body;
    if (operation !== 'list') return { clientMutationId: null };
    const from = Number(variables['after'] ?? '0');
    const nodes = comments
      .slice(from, from + 100)
      .map((one) => ({ id: one.id, body: one.body, viewerDidAuthor: one.author === viewer }));
    const pageInfo = { hasNextPage: from + 100 < comments.length, endCursor: String(from + 100) };
    return { repository: { pullRequest: { id: 'pull', comments: { nodes, pageInfo } } } };
  };
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      if (state.fault !== undefined) return state.fault(response);
      if (state.faultAt !== undefined && text.includes(state.faultAt.operation)) return state.faultAt.fault(response);
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ data: answer(JSON.parse(text)) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api/v3`,
    comments,
    asked,
    state,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
