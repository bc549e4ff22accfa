import type { Place } from '../model/place.ts';
import type { Sighting } from './finding.ts';
import type { Rule } from './rule.ts';

/** What readers are told of a rule, or of a check of BuildKit's. */
export interface Check extends Omit<Rule, 'judge'> {
  readonly by: 'slipway' | 'buildkit';
  /** Address of its page where that is not ours; empty: docs/checks has it. */
  readonly page: string;
}

/** A sighting, and the line of the Dockerfile to be changed for it. */
export interface Spot extends Sighting {
  /** By the path within the work tree; undefined where there is no Dockerfile. */
  readonly place: Place | undefined;
  /** What it is about in words that stay the same while lines and layers move: an instruction's text, a path, a name. */
  readonly key: string;
}

/** What one check came to, after what somebody chose to ignore. */
export interface Result {
  readonly check: Check;
  readonly state: 'passed' | 'open' | 'ignored' | 'unknown' | 'not-applicable';
  /** Why it is ignored, unknown or not applicable; empty otherwise. */
  readonly because: string;
  /** At least one where it is open, none otherwise. */
  readonly spots: readonly Spot[];
  /** How many of its sightings are ignored. */
  readonly ignored: number;
}

/** What is said of an image. */
export interface Assessment {
  readonly results: readonly Result[];
  /** What is to be said of `checks-ignore` and of comments in the Dockerfile, a sentence each. */
  readonly notices: readonly string[];
}
