import { type Digest, digestOf, isDigest } from '../../src/model/digest.ts';
import type { Repository, RepositoryName } from '../../src/model/image-ref.ts';
import { type ManifestBytes, parseManifest } from '../../src/model/manifest.ts';
import { type PushRight, type Registry, RegistryError, type RegistryFailure } from '../../src/model/registry.ts';
import type { Tag } from '../../src/model/tag.ts';

/** One write that was carried out. */
export interface MemoryWrite {
  readonly repository: RepositoryName;
  readonly tag: Tag;
  readonly digest: Digest;
}

/** Registries in memory that keep the rules of real ones: what a manifest names must be there before it. */
export interface MemoryRegistries {
  open(repository: Repository): Registry;
  /** Uploads a config or layer, as the builder does. */
  addBlob(repository: Repository, bytes: Uint8Array): Digest;
  /** Uploads a manifest without a tag, such as a child of an index. */
  addManifest(repository: Repository, manifest: ManifestBytes): void;
  /** Says what the login may do from now on; at first it may push everywhere. */
  allow(repository: Repository, right: PushRight): void;
  /** Every tag that was written, oldest first. */
  readonly writes: readonly MemoryWrite[];
}

interface Shelf {
  readonly blobs: Map<Digest, Uint8Array>;
  readonly manifests: Map<Digest, ManifestBytes>;
  readonly tags: Map<Tag, Digest>;
  right: PushRight;
}

/** Makes empty registries. */
export function createMemoryRegistries(): MemoryRegistries {
  const shelves = new Map<RepositoryName, Shelf>();
  const writes: MemoryWrite[] = [];
  const shelfOf = ({ name }: Repository): Shelf => {
    const shelf = shelves.get(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map(), right: 'yes' };
    shelves.set(name, shelf);
    return shelf;
  };
  return {
    open: (repository) =>
      openShelf(repository, shelfOf(repository), {
        onWrite: (write) => writes.push(write),
        shelfAt: ({ name }) => shelves.get(name),
      }),
    addBlob: (repository, bytes) => {
      const digest = digestOf(bytes);
      shelfOf(repository).blobs.set(digest, Uint8Array.from(bytes));
      return digest;
    },
    addManifest: (repository, manifest) => store(repository, shelfOf(repository), { at: manifest.digest, manifest }),
    allow: (repository, right) => {
      shelfOf(repository).right = right;
    },
    writes,
  };
}

function openShelf(
  repository: Repository,
  shelf: Shelf,
  { onWrite, shelfAt }: { onWrite: (write: MemoryWrite) => void; shelfAt: (other: Repository) => Shelf | undefined },
): Registry {
  const resolve = (at: Tag | Digest): ManifestBytes | undefined => {
    const digest = isDigest(at) ? at : shelf.tags.get(at);
    return digest === undefined ? undefined : shelf.manifests.get(digest);
  };
  return {
    repository,
    head: async (at) => resolve(at)?.digest,
    manifest: async (at) => {
      const found = resolve(at);
      return found === undefined ? undefined : { ...found, bytes: Uint8Array.from(found.bytes) };
    },
    blob: async (digest, limit) => {
      const bytes = shelf.blobs.get(digest);
      const asked = { repository, request: `GET v2/${repository.path}/blobs/${digest}` };
      if (bytes === undefined) throw failure('rejected', 404, asked);
      if (bytes.byteLength > limit) throw failure('invalid-reply', 200, asked);
      return Uint8Array.from(bytes);
    },
    hasBlob: async (digest) => shelf.blobs.has(digest),
    mount: async (digest, from) => {
      const bytes = shelfAt(from)?.blobs.get(digest);
      if (shelf.right !== 'yes' || from.registry !== repository.registry || bytes === undefined) return false;
      shelf.blobs.set(digest, bytes);
      return true;
    },
    send: async ({ digest, open }) => {
      if (shelf.blobs.has(digest)) return false;
      const request = `POST v2/${repository.path}/blobs/uploads/`;
      checkRight(repository, shelf.right, request);
      const chunks: Uint8Array[] = [];
      for await (const chunk of await open()) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      if (digestOf(bytes) !== digest) throw failure('rejected', 400, { repository, request });
      shelf.blobs.set(digest, bytes);
      return true;
    },
    put: async (at, manifest) => {
      checkRight(repository, shelf.right, `PUT v2/${repository.path}/manifests/${at}`);
      store(repository, shelf, { at, manifest });
      if (isDigest(at)) return;
      shelf.tags.set(at, manifest.digest);
      onWrite({ repository: repository.name, tag: at, digest: manifest.digest });
    },
    tags: async () => [...shelf.tags.keys()],
    mayPush: async () => shelf.right,
  };
}

function store(
  repository: Repository,
  shelf: Shelf,
  { at, manifest }: { readonly at: Tag | Digest; readonly manifest: ManifestBytes },
): void {
  const asked = { repository, request: `PUT v2/${repository.path}/manifests/${at}` };
  const parsed = parseManifest(manifest);
  const missing =
    parsed.kind === 'index'
      ? parsed.manifests.filter(({ digest }) => !shelf.manifests.has(digest))
      : [parsed.config, ...parsed.layers].filter(({ digest }) => !shelf.blobs.has(digest));
  if (missing.length > 0 || digestOf(manifest.bytes) !== manifest.digest) throw failure('rejected', 400, asked);
  shelf.manifests.set(manifest.digest, { ...manifest, bytes: Uint8Array.from(manifest.bytes) });
}

function checkRight(repository: Repository, right: PushRight, request: string): void {
  const asked = { repository, request };
  switch (right) {
    case 'yes':
      return;
    case 'anonymous':
    case 'unauthorized':
      throw failure('unauthorized', 401, asked);
    case 'forbidden':
      throw failure('forbidden', 403, asked);
    case 'absent':
      throw failure('rejected', 404, asked);
  }
}

function failure(
  kind: RegistryFailure,
  status: number,
  { repository, request }: { readonly repository: Repository; readonly request: string },
): RegistryError {
  return new RegistryError(kind, `status ${status}`, {
    registry: repository.registry,
    request,
    status,
    cause: undefined,
  });
}
