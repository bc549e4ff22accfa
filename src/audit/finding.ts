/** How bad a finding is; `info` never holds an image. */
export type Severity = 'high' | 'medium' | 'low' | 'info';

/** A step on the way to an image fit for production, in the order in which a team takes them: one may stop at any at a good point. */
export type Stride = 'working' | 'secure' | 'automated' | 'debuggable' | 'operable' | 'reproducible' | 'fast' | 'small';

/** What a finding is about. */
export type Subject =
  /** The image as a whole. */
  | { readonly kind: 'image' }
  /** A line of the Dockerfile, counted from 1. */
  | { readonly kind: 'line'; readonly line: number }
  /** A file of the image, or one that a layer holds and a later one hides. The layer is an index of `ImageFacts.layers`. */
  | { readonly kind: 'file'; readonly path: string; readonly layer: number }
  | { readonly kind: 'layer'; readonly layer: number }
  /** A field of the configuration as the OCI image spec spells it: `User`, `Entrypoint`. */
  | { readonly kind: 'config'; readonly field: string }
  /** An installed package by its name. */
  | { readonly kind: 'package'; readonly name: string };

/** What a rule saw: where, and what, in one sentence without a full stop that names the value. */
export interface Sighting {
  readonly subject: Subject;
  readonly detail: string;
}

/** What a rule says of an image. */
export type Answer =
  | { readonly kind: 'pass' }
  /** The question does not come up: `there is no Python in the image`. */
  | { readonly kind: 'not-applicable'; readonly because: string }
  /** It could not be found out, and is no pass. */
  | { readonly kind: 'unknown'; readonly because: string }
  | { readonly kind: 'found'; readonly sightings: readonly [Sighting, ...Sighting[]] };

/** No sighting is a pass. */
export function answerBy(sightings: readonly Sighting[]): Answer {
  const [first, ...others] = sightings;
  return first === undefined ? { kind: 'pass' } : { kind: 'found', sightings: [first, ...others] };
}

export function notApplicable(because: string): Answer {
  return { kind: 'not-applicable', because };
}

export function unknownBecause(because: string): Answer {
  return { kind: 'unknown', because };
}
