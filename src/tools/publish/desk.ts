import type { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { formatReference } from '../../model/image-ref.ts';
import type { ManifestBytes } from '../../model/manifest.ts';
import type { Registry } from '../../model/registry.ts';
import type { Tag } from '../../model/tag.ts';
import { accepted, underWay } from '../../plan/settle.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { TagRecord } from '../../report/facts.ts';
import type { Contest, TagTools } from './move-everywhere.ts';
import type { Landed } from './publish.ts';
import type { Recorder } from './recorder.ts';
import { mismatch, point } from './tag-state.ts';

/** A tag that held something else than this run had written, and what was written over since. */
interface OpenContest {
  readonly error: ActionError;
  readonly over: Digest | undefined;
}

/** An image that was found under a fixed tag. */
export interface Found {
  readonly name: Tag;
  readonly manifest: ManifestBytes;
}

/** One repository while its tags are settled. */
export class Desk {
  readonly registry: Registry;
  readonly manifest: ManifestBytes;
  readonly first: Tag;
  readonly tools: TagTools & { readonly told: Set<string> };
  readonly #put: Set<Digest>;
  readonly #contests: Map<Tag, OpenContest>;
  readonly #found = new Map<string, Promise<Found | undefined>>();
  readonly #closed = new Map<Tag, Digest | undefined>();
  #overtook: Digest | undefined;

  constructor(one: Landed, contests: readonly Contest[], tools: Desk['tools']) {
    const here = contests.filter(({ repository }) => repository === one.registry.repository.name);
    this.registry = one.registry;
    this.manifest = one.manifest;
    this.first = one.first;
    this.tools = tools;
    this.#put = new Set([one.manifest.digest]);
    this.#contests = new Map(here.map(({ tag, error }) => [tag, { error, over: undefined }]));
    this.#overtook = one.overtook;
  }

  /** Another image that the tag held while this run's was sent to it. */
  overtaken({ name }: WantedTag): Digest | undefined {
    return name === this.first ? this.#overtook : undefined;
  }

  contestOf({ name }: WantedTag): OpenContest | undefined {
    return this.#contests.get(name);
  }

  /** What is still contested. */
  get contests(): readonly ActionError[] {
    return [...this.#contests.values()].map(({ error }) => error);
  }

  /** The image of the first of these tags that is there; asked once until `lookAnew`. */
  findFirst(names: readonly Tag[]): Promise<Found | undefined> {
    const key = names.join(' ');
    const known = this.#found.get(key) ?? this.#search(names);
    this.#found.set(key, known);
    return known;
  }

  lookAnew(): void {
    this.#found.clear();
  }

  hasPut(digest: Digest | undefined): boolean {
    return digest !== undefined && this.#put.has(digest);
  }

  /** What a tag that this run has written holds; where that is none of what may be expected, the bytes are read: a header may be wrong.
   * @throws ActionError `digest-mismatch` where there is no such tag any more. */
  async read(tag: WantedTag, expected: Digest): Promise<Digest> {
    const named = await this.registry.head(tag.name);
    if (named === expected || (named !== undefined && this.hasPut(named))) return named;
    const found = await this.registry.manifest(tag.name);
    if (found !== undefined) return found.digest;
    this.#recorder(tag, undefined)('unknown', undefined, accepted);
    throw mismatch(this.registry, tag.name, this.manifest.digest, undefined);
  }

  /** @returns what the tag holds when it is read back.
   * @throws ActionError `digest-mismatch` where the registry takes the write and goes on showing what was there before. */
  async put(tag: WantedTag, manifest: ManifestBytes, before: Digest | undefined): Promise<Digest | undefined> {
    const { name } = tag;
    const contest = this.#contests.get(name);
    if (contest !== undefined) this.#contests.set(name, { ...contest, over: before });
    const record = this.#recorder(tag, before);
    record('unknown', undefined, underWay);
    const back = await point(this.registry, name, { manifest, before, record });
    if (back === undefined || (back === before && back !== manifest.digest))
      throw mismatch(this.registry, name, manifest.digest, back);
    this.#put.add(manifest.digest);
    return back;
  }

  #recorder({ name, kind }: WantedTag, before: Digest | undefined): Recorder {
    const repository = this.registry.repository.name;
    this.#closed.delete(name);
    return (outcome, after, reason) =>
      this.tools.record({ repository, tag: name, kind, before, after, outcome, reason });
  }

  /** Notes what became of a tag; one that is closed at the same digest keeps its record. */
  close(tag: WantedTag, end: Pick<TagRecord, 'outcome' | 'before' | 'after' | 'reason'>): void {
    this.#contests.delete(tag.name);
    if (tag.name === this.first) this.#overtook = undefined;
    if (this.#closed.has(tag.name) && this.#closed.get(tag.name) === end.after) return;
    this.#closed.set(tag.name, end.after);
    const { name } = this.registry.repository;
    this.tools.record({ repository: name, tag: tag.name, kind: tag.kind, ...end });
  }

  async #search(names: readonly Tag[]): Promise<Found | undefined> {
    for (const name of names) {
      const manifest = await this.registry.manifest(name);
      if (manifest !== undefined) return { name, manifest };
    }
    return undefined;
  }

  tell(tag: WantedTag, text: string): void {
    this.tools.told.add(`${formatReference(this.registry.repository, tag.name)} ${text}`);
  }
}
