import type { Instruction } from 'dockerfile-ast';
import { readWords } from './dockerfile-words.ts';

/** Why a Dockerfile's sources cannot be told. */
export class UnknownSource extends Error {}

const platformArguments = /^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)$/;

/** Adds what an ARG before the first stage sets; what the build is given wins over its default.
 * @throws UnknownSource see `expandVariables`. */
export function readArguments(
  instruction: Instruction,
  args: ReadonlyMap<string, string>,
  known: Map<string, string>,
): void {
  for (const word of readWords(instruction)) {
    const [name = '', value = ''] = word.split(/=(.*)/s);
    known.set(name, args.get(name) ?? expandVariables(value.replace(/^(["'])(.*)\1$/s, '$2'), known));
  }
}

/** Replaces variables as the Dockerfile frontend does before the first stage.
 * @throws UnknownSource for what is not replaced: it is not known before the build. */
export function expandVariables(text: string, known: ReadonlyMap<string, string>): string {
  const variable = /\$(?:(\w+)|\{(\w+)(?::([-+])([^${}]*))?\}|)|\\/g;
  return text.replace(variable, (_, plain?: string, braced?: string, how?: string, word = '') => {
    const name = plain ?? braced;
    if (name === undefined || platformArguments.test(name))
      throw new UnknownSource(`what ${text} names is not known before the build`);
    const value = known.get(name) ?? '';
    if (how === '+') return value === '' ? '' : word;
    return value === '' && how === '-' ? word : value;
  });
}
