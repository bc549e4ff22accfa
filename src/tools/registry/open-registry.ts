import type { Repository } from '../../model/image-ref.ts';
import type { Registry } from '../../model/registry.ts';
import { openDoor } from './door.ts';
import type { RegistryOptions } from './follow.ts';
import { blobOnce, hasBlobOnce, headOnce, manifestOnce } from './read.ts';
import { persist } from './retry.ts';
import { sendBlob } from './send-blob.ts';
import { openSession } from './session.ts';
import { readTags } from './tags.ts';
import { mayPushOnce, mountOnce, putManifest } from './write.ts';

export type { RegistryOptions } from './follow.ts';
export { accountingPace, type Clock, type Pace, probingPace, publishingPace, systemClock } from './retry.ts';

/** A client of one repository over HTTP (OCI distribution spec 1.1; distribution's token specification). Nothing is sent before
 * the first call, and each call has the pace's budget for itself. */
export function openRegistry(repository: Repository, options: RegistryOptions): Registry {
  const door = options.door ?? openDoor(repository, options);
  const session = openSession(repository, { ...options, door });
  const patiently = <T>(attempt: (until: number) => Promise<T>): Promise<T> => persist(options, attempt);
  return {
    repository,
    head: (at) => patiently((until) => headOnce(session, at, until)),
    manifest: (at) => patiently((until) => manifestOnce(session, at, until)),
    blob: (digest, limit) => patiently((until) => blobOnce(session, { digest, limit }, until)),
    hasBlob: (digest) => patiently((until) => hasBlobOnce(session, digest, until)),
    mount: (digest, from) => patiently((until) => mountOnce(session, { digest, from }, until)),
    send: (blob) => sendBlob(session, { ...options, door }, blob),
    put: (at, manifest, seen) => putManifest(session, options, { at, manifest, seen }),
    tags: () => readTags(session, options),
    mayPush: () => patiently((until) => mayPushOnce(session, until)),
  };
}
