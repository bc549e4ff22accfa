import { ActionError } from '../../src/errors.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import type { Facts } from '../../src/report/facts.ts';
import { result } from './checks.ts';
import { diff, facts, image, tagRecord } from './facts.ts';

/** A difference that is shown short and uncut: versions are cut at 60 characters, instructions at 100. */
function diffOf(text: string): Facts['diff'] {
  const [layer] = diff.layers;
  const [change] = diff.packages.changes;
  if (layer === undefined || change === undefined) return undefined;
  const at = { ...layer, from: 'line' as const, instruction: 'RUN x', place: { file: text, line: 7 } };
  const changes = [{ ...change, name: text, before: '1', after: '2' }];
  return {
    ...diff,
    against: { ...diff.against, reference: text },
    layers: [at],
    packages: { changes, more: 0, unread: [text] },
  };
}

/** Findings, and what was not looked at, with the text at every place that comes from an image or a builder. */
function auditOf(text: string): Facts['audit'] {
  const spots = [
    {
      subject: { kind: 'file' as const, path: text, layer: 0 },
      detail: text,
      place: { file: text, line: 3 },
      key: text,
    },
  ];
  const results = [
    result('open', { state: 'open', because: text, spots }),
    result('hint', {
      state: 'open',
      spots,
      check: { severity: 'info', by: 'buildkit', title: text, page: `https://docs.docker.com/${text}`, id: text },
    }),
    ...(['ignored', 'unknown', 'not-applicable'] as const).map((state) => result(state, { state, because: text })),
  ];
  return { results, notices: [text] };
}

/** A run with the text at every place that comes from outside. */
export function published(text: string): Facts {
  const failure = { name: text, ms: 200, outcome: 'failed' as const, message: text, place: { file: text, line: 3 } };
  const counts = { passed: 1, failed: 1, skipped: 0, failures: [failure], slowest: [failure] };
  const warnings = [{ text, url: text, place: { file: text, line: 1 } }];
  return facts({
    inputs: { repositories: [parseRepository('ghcr.io/acme/app')] } as unknown as Facts['inputs'],
    rights: { role: 'branch', because: text, productionBranch: text } as unknown as Facts['rights'],
    verdict: { kind: 'ship' },
    image: { ...image, warnings, uncached: { step: text, place: { file: text, line: 1 }, because: text } },
    tags: [tagRecord('main', { reason: text }), tagRecord('x', { outcome: 'superseded', reason: text })],
    tests: [{ kind: 'test', command: text, platform: undefined, passed: false, ms: 3 }],
    reports: { files: [text], counts },
    cacheExport: { reference: text, ok: false, reason: text },
    comment: { kind: 'none', reason: text },
    audit: auditOf(text),
    diff: diffOf(text),
    notices: [text, text],
  });
}

/** One that failed with it. */
export const failed = (text: string): Facts => ({
  ...published(text),
  home: 'https://github.com/acme/slipway/blob/v1',
  error: new ActionError('build-failed', text, { hint: text }),
});
/** One that was not to write anything because of it. */
export const held = (text: string): Facts => ({ ...published(text), verdict: { kind: 'test-only', because: text } });
