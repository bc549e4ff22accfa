import type { ChecksInputs } from '../inputs.ts';
import type { Adoption } from './adoption.ts';

/** When an image is checked, and what of it holds the run. */
export type ChecksPlan =
  | { readonly kind: 'off' }
  /** It is read beside what follows, and holds nothing. */
  | { readonly kind: 'beside' }
  /** It is read and run before anything is public; undefined: whatever is found, it ships. */
  | { readonly kind: 'before'; readonly holdAt: 'high' | 'medium' | 'low' | undefined }
  /** It was, by the run that published it. */
  | { readonly kind: 'done'; readonly because: string };

/** What the input `checks` asks for of this run's image. */
export function planChecks({ mode }: Pick<ChecksInputs, 'mode'>, adoption: Adoption): ChecksPlan {
  switch (mode) {
    case 'off':
      return { kind: 'off' };
    case 'report':
      return { kind: 'beside' };
    case 'full':
    case 'high':
    case 'medium':
    case 'low':
      if (adoption.kind === 'adopt' && adoption.testsKnown) return { kind: 'done', because: alreadyChecked };
      return { kind: 'before', holdAt: mode === 'full' ? undefined : mode };
  }
}

const alreadyChecked = 'the run that published it asked the same of it';

/** Whether an image is run for its checks. */
export function runsChecks({ mode }: Pick<ChecksInputs, 'mode'>): boolean {
  return mode !== 'off' && mode !== 'report';
}

/** Of all rules with their severities: another one where an image that passed may not pass any more. A test compares it with them. */
export const rulesDigest = 'e1cd3879e653';

/** What is asked of an image before it is public, for the label `io.slipway.tests`; undefined where that is nothing. Values of variables
 * may be secret, and are left out. */
export function checksAsked({ mode, ignore, command, env }: ChecksInputs): readonly unknown[] | undefined {
  if (!runsChecks({ mode })) return undefined;
  return [rulesDigest, mode, ignore, command, [...env.keys()].sort()];
}

/** What the log says of an image that is not looked at. */
export function tellUnchecked(because: string): string {
  return `the image is not checked: ${because}`;
}

/** Why an image need not be read for a report alone; undefined where it is. What it would show was shown by the run that made it. */
export function whyKnown({
  reused,
  changed,
}: {
  readonly reused: boolean;
  readonly changed: boolean;
}): string | undefined {
  if (reused) return 'the image was there already: its findings are those of the run that built it';
  if (!changed) return 'no step of the Dockerfile ran: the findings are those of the run that built the layers';
  return undefined;
}
