/** What a probe found out, or why it could not. */
export type Probed<T> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'unknown'; readonly because: string };

export function known<T>(value: T): Probed<T> {
  return { kind: 'known', value };
}

export function unprobed(because: string): Probed<never> {
  return { kind: 'unknown', because };
}
