import type { Answer } from '../../../src/audit/finding.ts';
import type { MadeImage } from '../made-image.ts';

/** Id of a rule, what it should answer, of which image, and what it should say. */
export type AuditCase = readonly [
  rule: string,
  answer: Answer['kind'],
  name: string,
  image: MadeImage,
  detail?: RegExp,
];
