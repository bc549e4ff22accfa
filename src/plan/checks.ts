import type { ChecksInputs } from '../inputs.ts';

/** When an image is checked, and what of it holds the run. */
export type ChecksPlan =
  | { readonly kind: 'off' }
  /** It is read beside what follows, and holds nothing. */
  | { readonly kind: 'beside' }
  /** It is read and run before anything is public; undefined: whatever is found, it ships. */
  | { readonly kind: 'before'; readonly holdAt: 'high' | 'medium' | 'low' | undefined };

/** What the input `checks` asks for. */
export function planChecks({ mode }: Pick<ChecksInputs, 'mode'>): ChecksPlan {
  switch (mode) {
    case 'off':
      return { kind: 'off' };
    case 'report':
      return { kind: 'beside' };
    case 'full':
      return { kind: 'before', holdAt: undefined };
    case 'high':
    case 'medium':
    case 'low':
      return { kind: 'before', holdAt: mode };
  }
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
