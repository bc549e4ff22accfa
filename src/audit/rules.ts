import type { Rule } from './rule.ts';
import { userRules } from './rules/user.ts';

/** Every rule, each id once. */
export const rules: readonly Rule[] = [...userRules];
