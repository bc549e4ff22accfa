import { codeOf } from '../error-page.ts';
import { type Facts, isWritten, type TagRecord } from '../facts.ts';
import { commitPages, prose } from './commit-pages.ts';
import { renderError } from './error.ts';

/** What became of the run, in a line. */
export function renderHeadline(facts: Facts): string {
  const { mark, text } = facts.error === undefined ? tellEnd(facts) : tellFailure(facts, facts.error);
  return `## ${mark} Slipway: ${text}`;
}

/** Why it is so. */
export function renderWhy(facts: Facts): string {
  const { error, verdict, rights } = facts;
  const pages = commitPages(facts);
  if (error !== undefined) return renderError(error, facts);
  if (verdict !== undefined && verdict.kind !== 'ship') return prose(verdict.because, pages);
  return rights === undefined ? '' : prose(rights.because, pages);
}

interface Headline {
  readonly mark: string;
  readonly text: string;
}

function tellEnd(facts: Facts): Headline {
  const { verdict, image, tags } = facts;
  switch (verdict?.kind) {
    case 'ship': {
      const left = tags.filter(({ outcome }) => outcome === 'superseded').length;
      if (tags.length === 0) return { mark: '☑️', text: `${tellMade(facts)}, with no tag to write` };
      if (left === tags.length) return { mark: '☑️', text: `${tellMade(facts)}, its tags belong to something newer` };
      const reused = image?.reused === true ? ', reusing an image that exists' : '';
      return {
        mark: '✅',
        text: `published${reused}${left === 0 ? '' : `; ${counted(left)} left to something newer`}`,
      };
    }
    case 'test-only':
      return { mark: '☑️', text: `${tellMade(facts)}, not published` };
    case 'nothing':
      return { mark: '☑️', text: 'nothing to build' };
    case undefined:
      return { mark: '❌', text: 'stopped before the end' };
  }
}

function tellMade({ tests, plan }: Facts): string {
  const passedBefore = plan?.adoption.kind === 'adopt' && plan.adoption.testsKnown;
  return tests.length > 0 || passedBefore ? 'built and tested' : 'built';
}

/** Refused where nothing ran for it; held where the image is there and must not go out. */
function tellFailure({ image, tags }: Facts, error: Error): Headline {
  const written = tellWritten(tags);
  switch (codeOf(error)) {
    case 'invalid-input':
    case 'event-refused':
    case 'checkout-mismatch':
    case 'context-refused':
    case 'login-missing':
    case 'tag-conflict':
    case 'engine-missing':
    case 'builder-missing':
      return image === undefined && tags.length === 0
        ? { mark: '⛔', text: `refused, ${written}` }
        : { mark: '❌', text: `failed, ${written}` };
    case 'test-failed':
      return { mark: '❌', text: `held, a test failed and ${written}` };
    case 'checks-failed':
      return { mark: '❌', text: `held for what the checks found, and ${written}` };
    case 'superseded':
      return { mark: '❌', text: `held, a newer commit has overtaken it and ${written}` };
    case 'cancelled':
      return { mark: '⏹️', text: `cancelled, ${written}` };
    default:
      return { mark: '❌', text: `failed, ${written}` };
  }
}

function tellWritten(tags: readonly TagRecord[]): string {
  const written = tags.filter(({ outcome }) => isWritten(outcome)).length;
  const unknown = tags.filter(({ outcome }) => outcome === 'unknown').length;
  if (written + unknown === 0) return 'nothing was published';
  const doubt = unknown === 0 ? '' : `, of ${unknown} it is unknown`;
  return `${written} of ${counted(tags.length)} ${written === 1 ? 'was' : 'were'} written${doubt}`;
}

function counted(tags: number): string {
  return tags === 1 ? '1 tag' : `${tags} tags`;
}
