/** An object's fields; none where it is something else. */
export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** @throws Error where it is something else, as all below. */
export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('no list');
  return value;
}

export function plain(value: unknown): string {
  if (typeof value !== 'string') throw new Error('no text');
  return value;
}

export function truth(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error('neither true nor false');
  return value;
}

export function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Error('no count');
  return value;
}
