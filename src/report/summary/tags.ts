import type { Digest } from '../../model/digest.ts';
import { type Facts, isWritten, type TagRecord } from '../facts.ts';
import { cell, code } from '../markdown.ts';
import { revisionOf } from '../revision.ts';
import { mostOpenRows, renderTable, shorten } from './blocks.ts';
import { commitPages, linkComparison, prose, showCommit } from './commit-pages.ts';

/** What became of each tag, a table per repository; then the tags that are not this run's to write. */
export function renderTags(facts: Facts): string {
  const repositories = [...new Set(facts.tags.map(({ repository }) => repository))];
  const tables = repositories.map((repository) => {
    const records = facts.tags.filter((record) => record.repository === repository);
    return [code(repository), ...renderRecords(records, facts)].join('\n\n');
  });
  const parts = [...tables, renderOthers(facts)].filter((part) => part !== '');
  return parts.length === 0 ? '' : ['### Tags', ...parts].join('\n\n');
}

/** Of many tags those stay open that did not go as asked. */
function renderRecords(records: readonly TagRecord[], facts: Facts): readonly string[] {
  const render = (some: readonly TagRecord[]): string => {
    const rows = some.map((record) => renderRow(record, facts));
    return renderTable(['tag', 'what happened', 'before', 'now'], rows, `tags: ${countOutcomes(some)}`);
  };
  if (records.length <= mostOpenRows) return [render(records)];
  const plain = records.filter(({ outcome }) => isWritten(outcome));
  return [render(records.filter((one) => !plain.includes(one))), render(plain)].filter((table) => table !== '');
}

function countOutcomes(records: readonly TagRecord[]): string {
  const outcomes = [...new Set(records.map(({ outcome }) => outcome))];
  return outcomes.map((one) => `${records.filter(({ outcome }) => outcome === one).length} ${one}`).join(', ');
}

function renderRow(record: TagRecord, facts: Facts): string {
  const { tag, before, after } = record;
  const now = before !== undefined && before === after ? 'the same' : showImage(after, facts);
  const cells = [code(tag), tellOutcome(record, facts), showImage(before, facts), now];
  return `| ${cells.join(' | ')} |`;
}

function tellOutcome(record: TagRecord, facts: Facts): string {
  const { outcome, reason } = record;
  const why = reason === '' ? '' : `: ${prose(shorten(reason, 500), commitPages(facts))}`;
  switch (outcome) {
    case 'new':
      return `new${why}`;
    case 'moved': {
      const changes = compare(record, facts);
      return `moved${why}${changes === '' ? '' : `, ${changes}`}`;
    }
    case 'kept':
      return `${isSource(record, facts) ? 'adopted: this run took its image' : 'kept'}${why}`;
    case 'superseded':
      return `superseded${why}`;
    case 'not-written':
      return `**not written**${why}`;
    case 'unknown':
      return `**unknown**${why}`;
  }
}

/** The tag under which the image was found that this run took instead of building one. */
function isSource({ repository, tag }: TagRecord, { plan }: Facts): boolean {
  if (plan?.adoption.kind !== 'adopt') return false;
  const { from } = plan.adoption;
  return from.repository === repository && from.tag === tag;
}

function compare({ before, after }: TagRecord, facts: Facts): string {
  const [from, to] = [before, after].map((digest) => (digest === undefined ? undefined : revisionOf(digest, facts)));
  return from === undefined || to === undefined ? '' : linkComparison(from, to, commitPages(facts));
}

/** A digest in short, and the commit that the image was built of where that is known. */
function showImage(digest: Digest | undefined, facts: Facts): string {
  if (digest === undefined) return '—';
  const revision = revisionOf(digest, facts);
  const commit = revision === undefined ? '' : `${showCommit(revision, commitPages(facts))}<br>`;
  return `${commit}${code(digest.slice(0, 'sha256:'.length + 12))}`;
}

function renderOthers(facts: Facts): string {
  const { wanted, plan } = facts;
  const pages = commitPages(facts);
  const kept = plan?.adoption.keep ?? [];
  const rows = [
    ...(wanted?.superseded ?? []).map(
      ({ tag, by }) => `| ${code(tag)} | superseded: ${code(by)} is a higher version |`,
    ),
    ...kept.map((tag) => `| ${code(tag)} | left alone: ${cell(whyLeft(facts))} |`),
    ...(wanted?.refused ?? []).map(({ tag, rule }) => `| ${code(tag)} | refused: ${prose(rule, pages)} |`),
  ];
  return renderTable(['not this run’s to write', 'why'], rows, 'tags that are not this run’s to write');
}

/** A fixed tag is written once, and never by a work tree that differs from its commit. */
function whyLeft({ git }: Facts): string {
  return git?.checkout.dirty === true
    ? 'the work tree differs from its commit'
    : 'it is written once and holds another image of this commit';
}
