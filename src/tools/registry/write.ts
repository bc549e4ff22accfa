import type { Digest } from '../../model/digest.ts';
import { formatReference, type Repository } from '../../model/image-ref.ts';
import type { ManifestBytes } from '../../model/manifest.ts';
import { type PushRight, RegistryError } from '../../model/registry.ts';
import type { Tag } from '../../model/tag.ts';
import { contradiction } from './exchange.ts';
import { type Answer, ask, readLocation } from './follow.ts';
import { headOnce } from './read.ts';
import { PassingFault, type Patience, persist } from './retry.ts';
import type { Session } from './session.ts';

/** What to write, and over what. */
export interface Writing {
  readonly at: Tag | Digest;
  readonly manifest: ManifestBytes;
  /** What the tag held when the caller decided. */
  readonly seen: Digest | undefined;
}

/** Points a tag at a manifest; see `Registry.put`. */
export function putManifest(session: Session, patience: Patience, { at, manifest, seen }: Writing): Promise<void> {
  let began = false;
  return persist(patience, async (until) => {
    if (began) {
      // A fault does not tell whether the write was done, and the pause after it is long enough for somebody else's.
      const held = await headOnce(session, at, until);
      if (held === manifest.digest) return;
      if (held !== seen) throw overtaken(session, at, held);
    }
    began = true;
    await putOnce(session, { at, manifest }, until);
  });
}

async function putOnce(session: Session, { at, manifest }: Omit<Writing, 'seen'>, until: number): Promise<void> {
  const headers = { 'content-type': manifest.mediaType };
  const put = { ...ask('PUT', `manifests/${at}`, 'pull,push'), headers, body: manifest.bytes };
  const answer = await session.send(put, until);
  if (answer.status >= 200 && answer.status < 300) return checkStored(answer, manifest);
  const error = await session.refusal(answer);
  // What was there a moment ago: GHCR says so while another run creates the repository.
  if (answer.status === 404) throw absentNow(answer, error);
  // Registries with immutable tags refuse even the digest that the tag holds (Amazon ECR does).
  if (error.kind === 'rejected' && (await headOnce(session, at, until)) === manifest.digest) return;
  throw error;
}

function absentNow({ name, status }: Answer, cause: RegistryError): PassingFault {
  return new PassingFault('rejected', 'status 404', { at: { ...name, status, cause }, wait: 0, tries: 3 });
}

function checkStored(answer: Answer, { digest }: ManifestBytes): void {
  const stored = answer.headers.get('docker-content-digest');
  if (stored !== undefined && stored !== digest)
    throw contradiction(`it stored ${JSON.stringify(stored)} in place of ${digest}`, answer);
}

function overtaken({ repository }: Session, at: Tag | Digest, held: Digest | undefined): RegistryError {
  const reason = `a write had to be repeated, and ${formatReference(repository, at)} holds ${held ?? 'nothing'} meanwhile`;
  const request = `PUT v2/${repository.path}/manifests/${at}`;
  return new RegistryError('overtaken', reason, {
    registry: repository.registry,
    request,
    status: undefined,
    cause: undefined,
  });
}

/** Asks for a blob of another repository (OCI distribution spec, "Mounting a blob from another repository"). Whatever refuses is
 * an answer: the blob can be sent instead. */
export async function mountOnce(
  session: Session,
  { digest, from }: { readonly digest: Digest; readonly from: Repository },
  until: number,
): Promise<boolean> {
  const query = new URLSearchParams({ mount: digest, from: from.path });
  const asked = { ...ask('POST', `blobs/uploads/?${query}`, 'pull,push'), body: new Uint8Array(0) };
  try {
    const answer = await session.send(asked, until);
    if (answer.status === 202) void dropUpload(session, answer, until);
    return answer.status === 201;
  } catch (error) {
    // No token for both repositories at once is no reason to fail.
    if (error instanceof RegistryError && (error.kind === 'unauthorized' || error.kind === 'forbidden')) return false;
    throw error;
  }
}

/** Whether an upload may be opened; it is dropped again, and nobody waits for that. */
export async function mayPushOnce(session: Session, until: number): Promise<PushRight> {
  try {
    const answer = await session.send(
      { ...ask('POST', 'blobs/uploads/', 'pull,push'), body: new Uint8Array(0) },
      until,
    );
    if (answer.status === 404) return 'absent';
    if (answer.status === 405) return 'forbidden'; // a mirror: it takes no uploads from anybody
    if (answer.status !== 201 && answer.status !== 202) throw await session.refusal(answer);
    void dropUpload(session, answer, until);
    return 'yes';
  } catch (error) {
    if (!(error instanceof RegistryError) || (error.kind !== 'unauthorized' && error.kind !== 'forbidden')) throw error;
    return (await session.hasLogin()) ? error.kind : 'anonymous';
  }
}

/** Never fails: an upload that is left open is the registry's to clear away. */
async function dropUpload(session: Session, opened: Answer, until: number): Promise<void> {
  const location = opened.headers.get('location');
  if (location === undefined) return;
  try {
    const upload = readLocation(location, opened.url, opened.name);
    await session.send({ ...ask('DELETE', '', 'pull,push'), path: upload }, until);
  } catch {
    return; // the registry's answer to this, or that there is none, changes nothing
  }
}
