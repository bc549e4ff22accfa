import { formatThrown } from '../../errors.ts';
import { type Digest, digestOf, isDigest } from '../../model/digest.ts';
import { acceptedManifests, type ManifestBytes, takeManifest } from '../../model/manifest.ts';
import type { Tag } from '../../model/tag.ts';
import { contradiction } from './exchange.ts';
import { ask } from './follow.ts';
import type { Session } from './session.ts';

// The distribution spec lets registries refuse manifests above 4 MiB, so no readable one is longer.
const longestManifest = 4 * 1024 * 1024;

/** The digest at a tag, or of the digest itself; undefined on 404. Where the registry does not name it, the bytes do. */
export async function headOnce(session: Session, at: Tag | Digest, until: number): Promise<Digest | undefined> {
  const asked = { ...ask('HEAD', `manifests/${at}`, 'pull'), headers: { accept: acceptedManifests } };
  const answer = await session.send(asked, until);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw await session.refusal(answer);
  const named = answer.headers.get('docker-content-digest') ?? '';
  if (!isDigest(named)) return (await manifestOnce(session, at, until))?.digest;
  if (isDigest(at) && named !== at) throw contradiction(`it answers ${named}`, answer);
  return named;
}

/** The manifest, its bytes hashed and compared with all that names them. */
export async function manifestOnce(
  session: Session,
  at: Tag | Digest,
  until: number,
): Promise<ManifestBytes | undefined> {
  const asked = {
    ...ask('GET', `manifests/${at}`, 'pull'),
    headers: { accept: acceptedManifests },
    limit: longestManifest,
  };
  const answer = await session.send(asked, until);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw await session.refusal(answer);
  const digest = digestOf(answer.bytes);
  if (isDigest(at) && digest !== at) throw contradiction(`its bytes are those of ${digest}`, answer);
  const named = answer.headers.get('docker-content-digest');
  if (named !== undefined && named !== digest)
    throw contradiction(`it calls ${JSON.stringify(named)} what is ${digest}`, answer);
  try {
    return takeManifest(answer.bytes, answer.headers.get('content-type'));
  } catch (error) {
    throw contradiction(formatThrown(error), answer);
  }
}

/** A blob of `limit` bytes at most, verified. */
export async function blobOnce(
  session: Session,
  { digest, limit }: { digest: Digest; limit: number },
  until: number,
): Promise<Uint8Array> {
  const answer = await session.send({ ...ask('GET', `blobs/${digest}`, 'pull'), limit }, until);
  if (answer.status !== 200) throw await session.refusal(answer);
  const is = digestOf(answer.bytes);
  if (is !== digest) throw contradiction(`its bytes are those of ${is}`, answer);
  return answer.bytes;
}

/** Whether a blob is there. */
export async function hasBlobOnce(session: Session, digest: Digest, until: number): Promise<boolean> {
  const answer = await session.send(ask('HEAD', `blobs/${digest}`, 'pull'), until);
  if (answer.status === 200 || answer.status === 404) return answer.status === 200;
  throw await session.refusal(answer);
}
