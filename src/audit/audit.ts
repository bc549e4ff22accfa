import { formatThrown } from '../errors.ts';
import type { Answer } from './finding.ts';
import type { ImageFacts } from './image-facts.ts';
import type { Rule } from './rule.ts';
import { rules } from './rules.ts';

/** What one rule said of an image. */
export interface Judged {
  readonly rule: Rule;
  readonly answer: Answer;
}

/** Asks every rule, in the order of the list. A rule that throws is a mistake of ours: its answer is unknown, never a pass. */
export function audit(facts: ImageFacts): readonly Judged[] {
  return rules.map((rule) => ({ rule, answer: ask(rule, facts) }));
}

function ask(rule: Rule, facts: ImageFacts): Answer {
  try {
    return rule.judge(facts);
  } catch (error) {
    const reason = formatThrown(error);
    return { kind: 'unknown', because: `the rule itself failed, which is a bug of Slipway: ${reason}` };
  }
}
