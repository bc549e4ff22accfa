import { type Digest, isDigest } from '../../model/digest.ts';
import { formatReference, type Repository } from '../../model/image-ref.ts';
import { stallLimit } from '../../model/limits.ts';
import type { Tag } from '../../model/tag.ts';
import type { Credentials } from '../registry/credentials.ts';
import { serverName } from '../registry/docker-config.ts';
import { type Engine, streamEngine } from './call.ts';
import { explainTransfer, followTransfer, judgeTransfer, parseRecord, TransferError } from './transfer.ts';

export interface PushRequest {
  readonly repository: Repository;
  readonly tag: Tag;
  /** Value of X-Registry-Auth: see `registryAuth`. */
  readonly auth: string;
  readonly onProgress: (line: string) => void;
  /** Milliseconds without progress after which it is ended, where those are not the usual ones. */
  readonly stall?: number;
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
 * @throws ActionError `login-missing`, `publish-failed`, `timeout` where it stalls, `engine-missing`, `cancelled`. */
export async function pushImage(engine: Engine, request: PushRequest, cancel: AbortSignal): Promise<Digest> {
  const reference = formatReference(request.repository, request.tag);
  const { digest, failure, read } = followPush(request);
  const watch = { cancel, stall: request.stall ?? stallLimit, onLine: read };
  const status = await followTransfer(`the push of ${reference}`, watch, (ending) =>
    streamEngine(engine, {
      method: 'POST',
      path: ['images', request.repository.name, 'push'],
      query: { tag: request.tag },
      headers: { 'x-registry-auth': request.auth },
      deadline: watch.stall,
      cancel: ending,
    }),
  );
  const reason = failure() ?? (status === 200 ? 'the engine ended it without naming a digest' : `status ${status}`);
  const pushed = digest();
  if (failure() === undefined && pushed !== undefined && status === 200) return pushed;
  throw explainPush(reference, reason);
}

const again = 'run it again once the registry answers; what has arrived is not sent twice';
function explainPush(reference: string, reason: string): TransferError {
  const fault = judgeTransfer(reason);
  if (fault === 'denied')
    return new TransferError(fault, 'login-missing', `push of ${reference} was refused: ${reason}`, {
      hint: 'log in with docker/login-action before this step or give `username` and `password`; on ghcr.io the job needs `permissions: packages: write`',
    });
  return explainTransfer('publish-failed', `push of ${reference} failed`, { reason, hint: again });
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
