import { expect } from '@jest/globals';
import { bench } from './project.ts';

/** What runs look like on an engine, as far as its image store decides that: the one place of the tests that tells stores apart. */
export interface ImageStore {
  readonly kind: 'containerd' | 'classic';
  /** Matches what the receipt says of the cache that main wrote in a registry. */
  readonly cacheWritten: unknown;
  /** Matches what the receipt says of a cache that needed no writing. */
  readonly cacheKept: unknown;
  /** Matches what the receipt says of a cache that was not written for this reason. */
  readonly cacheRefused: (reason: string) => unknown;
  /** Main's cache, in lists of tags. */
  readonly cacheTags: readonly string[];
  /** Matches output `digest` of an image that was not pushed. */
  readonly digestUnpushed: RegExp;
  /** Which output is the engine's own Id of the image. */
  readonly id: 'digest' | 'image-id';
  /** Whether there is a manifest before the push: annotations need one. */
  readonly hasManifests: boolean;
  /** Whether a push goes on where the registry answers 403 for what is not there. */
  readonly pushesUnseen: boolean;
}

const stores: Readonly<Record<ImageStore['kind'], Omit<ImageStore, 'kind'>>> = {
  containerd: {
    cacheWritten: expect.objectContaining({ ok: true, reason: '' }),
    cacheKept: expect.objectContaining({ ok: true, reason: 'no step ran, and it has every layer of the image' }),
    cacheRefused: (reason) => expect.objectContaining({ ok: false, reason: expect.stringContaining(reason) }),
    cacheTags: ['cache-main'],
    digestUnpushed: /^sha256:[0-9a-f]{64}$/,
    id: 'digest',
    hasManifests: true,
    pushesUnseen: false,
  },
  // it cannot write a registry's cache: there it is in the image
  classic: {
    cacheWritten: null,
    cacheKept: null,
    cacheRefused: () => null,
    cacheTags: [],
    digestUnpushed: /^$/,
    id: 'image-id',
    hasManifests: false,
    pushesUnseen: true,
  },
};

const kind = bench.engine.store;

/** The image store of the engine that these tests run on. */
export const imageStore: ImageStore = { kind, ...stores[kind] };
