import type { Answer, Severity, Stride } from './finding.ts';
import type { ImageFacts } from './image-facts.ts';

/** One check: a pure function of what is known of an image, and what a reader needs to act on it. */
export interface Rule {
  /** Kebab-case, never changed and never used again for another rule: people write it into `checks-ignore`. */
  readonly id: string;
  readonly stride: Stride;
  readonly severity: Severity;
  /** One sentence without a full stop: what is wrong, said of the image. */
  readonly title: string;
  /** Why that matters, with the figure where there is one; a sentence or two. */
  readonly why: string;
  /** What to do, as text that can be pasted (Dockerfile lines, a workflow's input). */
  readonly remedy: string;
  /** When it is right to ignore it; a sentence. */
  readonly ignoreWhen: string;
  /** From what it is known: `probes` answers `unknown` or `not-applicable` where none ran, `dockerfile` where there is none. */
  readonly needs: 'image' | 'dockerfile' | 'probes';
  /** Never throws, whatever the facts. */
  readonly judge: (facts: ImageFacts) => Answer;
}
