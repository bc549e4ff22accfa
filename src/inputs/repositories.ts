import { parseRepository, type Repository } from '../model/image-ref.ts';
import type { InputReader } from './reader.ts';

/** Repositories, one a line, each once; upper case is lowered with a notice. */
export function readRepositories(read: InputReader, name: string): readonly Repository[] {
  const found = new Map<string, Repository>();
  for (const line of read.lines(name)) {
    const [one] = read.parsedAll(name, [line], parseRepository);
    if (one === undefined) continue;
    if (line !== line.toLowerCase())
      read.notice(name, `registries take lower case only: ${line} is written as ${one.name}`);
    if (!found.has(one.name)) found.set(one.name, one);
  }
  return [...found.values()];
}

/** As `readRepositories`; none is a problem. */
export function requireRepositories(read: InputReader, name: string): readonly Repository[] {
  if (read.lines(name).length === 0)
    read.problem(name, undefined, 'it is required: a repository without a tag, one a line, e.g. ghcr.io/acme/app');
  return readRepositories(read, name);
}
