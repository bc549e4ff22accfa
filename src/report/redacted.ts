import { ActionError } from '../errors.ts';
import { plainText } from '../model/plain-text.ts';
import type { Facts } from './facts.ts';

/** What a run knows, as people may be told it: every text plain and without secrets. This comes before a text is escaped, cut or put
 * together, after which nobody would find a secret in it. */
export function redactFacts(facts: Facts, redact: (text: string) => string): Facts {
  const tell = (text: string): string => redact(plainText(text));
  return tellAll(facts, tell) as Facts;
}

function tellAll(value: unknown, tell: (text: string) => string): unknown {
  if (typeof value === 'string') return tell(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => tellAll(one, tell));
  if (value instanceof Map)
    return new Map([...value].map((pair) => pair.map((one: unknown) => tellAll(one, tell)) as [unknown, unknown]));
  if (value instanceof ActionError)
    return new ActionError(value.code, tell(value.message), { hint: tell(value.hint), place: value.place });
  if (value instanceof Error) return new Error(tell(value.message));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value; // a Secret keeps itself
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, tellAll(one, tell)]));
}
