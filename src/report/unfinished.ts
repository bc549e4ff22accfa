import { type Digest, isDigest } from '../model/digest.ts';
import { settleDoubt } from '../plan/settle.ts';
import type { TagOutcome } from './facts.ts';

/** A tag as a receipt on disk tells of it. */
export interface ToldTag {
  readonly repository: string;
  readonly tag: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly outcome: TagOutcome;
  readonly reason: string;
}

/** A receipt on disk, as far as post needs it. */
export interface ToldReceipt {
  readonly whole: Readonly<Record<string, unknown>>;
  /** True where main did not come to its end. */
  readonly unfinished: boolean;
  readonly tags: readonly ToldTag[];
  /** The image of the run; undefined where that is not known. */
  readonly digest: Digest | undefined;
  readonly configDigest: Digest | undefined;
}

/** What a registry says of a tag after the run. */
export type Look =
  | { readonly kind: 'read'; readonly held: Digest | undefined; readonly isImage: boolean }
  | { readonly kind: 'unread'; readonly reason: string };

/** Reads a receipt that main wrote. @throws Error where it is none. */
export function parseReceipt(text: string): ToldReceipt {
  const whole = fieldsOf(JSON.parse(text));
  const tags: readonly unknown[] = Array.isArray(whole['tags']) ? whole['tags'] : [];
  if (whole['format'] !== 1 || !tags.every(isToldTag)) throw new Error('it is no receipt of Slipway');
  const { digest, config } = fieldsOf(whole['image']);
  return {
    whole,
    unfinished: whole['result'] === 'unfinished',
    tags,
    digest: asDigest(digest),
    configDigest: asDigest(config),
  };
}

/** The tags that somebody must look at again: all of a run that was ended, else those whose write was under way. */
export function openTags({ tags, unfinished }: ToldReceipt): readonly ToldTag[] {
  return unfinished ? tags : tags.filter(({ outcome }) => outcome === 'unknown');
}

/** What is known of a tag after a look at it. A write is told as under way before it starts, so what is not was never sent. */
export function settleTag(tag: ToldTag, look: Look): ToldTag {
  if (look.kind === 'unread')
    return { ...tag, reason: join(tag.reason, `afterwards it could not be read: ${look.reason}`) };
  const after = look.held ?? null;
  switch (tag.outcome) {
    case 'unknown':
      return { ...tag, after, ...settleDoubt({ ...tag, before: tag.before ?? undefined }, look) };
    case 'not-written':
      return { ...tag, after };
    case 'new':
    case 'moved':
    case 'kept':
      return after === tag.after ? tag : { ...tag, reason: `it holds ${look.held ?? 'nothing'} since` };
    case 'superseded':
      return tag;
  }
}

/** The receipt with what post found out. */
export function renderFinished({ whole, unfinished }: ToldReceipt, tags: readonly ToldTag[]): string {
  const error = {
    code: 'cancelled',
    message: 'the step was ended from outside before its end; its tags were looked at afterwards',
    hint: 'run it again: what was written stays, what is missing is added',
  };
  return `${JSON.stringify({ ...whole, ...(unfinished ? { result: 'failed', error } : {}), tags }, null, 2)}\n`;
}

const outcomes: readonly unknown[] = ['new', 'moved', 'kept', 'superseded', 'not-written', 'unknown'];

function isToldTag(value: unknown): value is ToldTag {
  const { repository, tag, before, after, outcome, reason } = fieldsOf(value);
  const texts = [repository, tag, reason, before ?? '', after ?? ''];
  return texts.every((one) => typeof one === 'string') && outcomes.includes(outcome);
}

function asDigest(value: unknown): Digest | undefined {
  return typeof value === 'string' && isDigest(value) ? value : undefined;
}

function join(...reasons: readonly string[]): string {
  return reasons.filter((reason) => reason !== '').join('; ');
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
