import { ActionError } from '../../errors.ts';
import { type Digest, isDigest } from '../../model/digest.ts';
import { formatReference, type Repository } from '../../model/image-ref.ts';
import type { Tag } from '../../model/tag.ts';
import { HttpError } from '../http/exchange.ts';
import { lineSplitter } from '../line-splitter.ts';
import type { Credentials } from '../registry/credentials.ts';
import { serverName } from '../registry/docker-config.ts';
import { type Engine, streamEngine } from './call.ts';

export interface PushRequest {
  readonly repository: Repository;
  readonly tag: Tag;
  /** Value of X-Registry-Auth: see `registryAuth`. */
  readonly auth: string;
  readonly onProgress: (line: string) => void;
}

/** A login as the engine takes it for one push; nothing of it goes to disk. `none` says so: the engine knows no logins of its own. */
export function registryAuth(credentials: Credentials, registry: string): string {
  const serveraddress = serverName(registry);
  // URL-safe and padded: unpadded, which is what node's own base64url is, counts as anonymous without a word
  const encode = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  switch (credentials.kind) {
    case 'none':
      return encode({});
    case 'basic':
      return encode({ username: credentials.username, password: credentials.password, serveraddress });
    case 'identity':
      return encode({ identitytoken: credentials.token, serveraddress });
    case 'registry-token':
      return encode({ registrytoken: credentials.token, serveraddress });
  }
}

/** Pushes one tag and resolves with the digest that the registry now has under it, as the engine says. The HTTP status is 200 in every
 * failed push too: an error in the stream is a failure, and so is a stream that names no digest.
 * @throws ActionError `login-missing`, `publish-failed`, `timeout` after three silent minutes, `engine-missing`, `cancelled`. */
export async function pushImage(engine: Engine, request: PushRequest, cancel: AbortSignal): Promise<Digest> {
  const reference = formatReference(request.repository, request.tag);
  const stream = await streamEngine(engine, {
    method: 'POST',
    path: ['images', request.repository.name, 'push'],
    query: { tag: request.tag },
    headers: { 'x-registry-auth': request.auth },
    cancel,
  });
  const said = followPush(request);
  const lines = lineSplitter(said.read);
  try {
    for await (const chunk of stream.chunks) lines.write(Buffer.from(chunk));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const code = error.kind === 'timeout' ? 'timeout' : 'publish-failed';
    throw new ActionError(code, `push of ${reference}: the engine fell silent: ${error.message}`, {
      hint: again,
      cause: error,
    });
  }
  lines.end();
  const { digest, failure } = said;
  const reason =
    failure() ?? (stream.status === 200 ? 'the engine ended it without naming a digest' : `status ${stream.status}`);
  const pushed = digest();
  if (failure() === undefined && pushed !== undefined && stream.status === 200) return pushed;
  throw explainPush(reference, reason);
}

const again = 'run it again once the registry answers; what has arrived is not sent twice';
const denied = /no basic auth credentials|denied|unauthorized|authentication required|authorization failed|\b40[13]\b/i;

function explainPush(reference: string, reason: string): ActionError {
  if (denied.test(reason))
    return new ActionError('login-missing', `push of ${reference} was refused: ${reason}`, {
      hint: 'log in with docker/login-action before this step or give `username` and `password`; on ghcr.io the job needs `permissions: packages: write`',
    });
  return new ActionError('publish-failed', `push of ${reference} failed: ${reason}`, { hint: again });
}

/** Reads the push's stream: JSON objects, one a line. */
function followPush({ tag, onProgress }: PushRequest) {
  let digest: Digest | undefined;
  let failure: string | undefined;
  const shown = new Set<string>();
  const read = (line: string): void => {
    const record = parseRecord(line);
    const detail = record['errorDetail'];
    const said =
      typeof detail === 'object' && detail !== null && 'message' in detail ? detail.message : record['error'];
    if (typeof said === 'string') failure ??= said;
    if (typeof record['message'] === 'string') failure ??= record['message']; // a refused call's body
    if (typeof record['status'] !== 'string') return;
    const status = record['status'];
    const [, name, named] = /^(\S+): digest: (sha256:[0-9a-f]{64}) size: \d+$/.exec(status) ?? [];
    if (name === tag && named !== undefined && isDigest(named)) digest = named;
    const text = typeof record['id'] === 'string' ? `${record['id']}: ${status}` : status;
    if (shown.has(text)) return; // progress bars repeat their status
    shown.add(text);
    onProgress(text);
  };
  return { read, digest: () => digest, failure: () => failure };
}

function parseRecord(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {}; // an empty line, or no Docker engine at all: then no digest is named
    throw error;
  }
}
