import type { Instruction } from 'dockerfile-ast';

/** The flags of an instruction, by name and value as they are written; a name may come more than once. */
export function readFlags(instruction: Instruction): readonly (readonly [string, string])[] {
  if (!('getFlags' in instruction) || typeof instruction.getFlags !== 'function') return [];
  const flags = instruction.getFlags() as { getName(): string; getValue(): string | null }[];
  return flags.map((flag) => [flag.getName(), flag.getValue() ?? ''] as const);
}

/** The words after the flags; the JSON form is JSON. */
export function readWords(instruction: Instruction): readonly string[] {
  const all = instruction.getArguments();
  const document = all.find((argument) => argument.getValue().startsWith('<<'));
  const line = document?.getRange().start.line;
  // what follows a here-document's own line is its text
  const own = line === undefined ? all : all.filter((argument) => argument.getRange().start.line <= line);
  const words = own.map((argument) => argument.getValue());
  if (!words[0]?.startsWith('[')) return words;
  try {
    const parsed: unknown = JSON.parse((instruction.getRawArgumentsContent() ?? '').replace(/^(?:\s*--\S+)*/, ''));
    if (Array.isArray(parsed)) return parsed.filter((word) => typeof word === 'string');
  } catch {
    // not JSON: BuildKit takes it for words as well
  }
  return words;
}
