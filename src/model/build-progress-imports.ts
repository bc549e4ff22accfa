import type { VertexRecord } from './build-progress-records.ts';
import { printable } from './printable.ts';

/** Watches which caches a builder reads, and which of them it cannot. */
export interface ImportWatch {
  vertex(record: Pick<VertexRecord, 'name' | 'error' | 'started' | 'completed'>, now: number): void;
  /** The cache that has been read for longest, and since when; undefined while none is being read. */
  importing(): { readonly ref: string; readonly since: number } | undefined;
  /** Those that could not be read, with BuildKit's reason. */
  failures(): readonly { readonly ref: string; readonly reason: string }[];
}

const cacheImport = /^importing cache manifest from (.+)$/;

/** Starts with none. */
export function watchImports(): ImportWatch {
  const failed = new Map<string, string>();
  const under = new Map<string, number>();
  return {
    vertex: ({ name, error, started, completed }, now) => {
      const ref = cacheImport.exec(name)?.[1];
      if (ref === undefined) return;
      if (error !== '') failed.set(ref, printable(error));
      if (completed !== undefined) under.delete(ref);
      else if (started !== undefined && !under.has(ref)) under.set(ref, now);
    },
    importing: () => {
      const [first] = under;
      return first === undefined ? undefined : { ref: first[0], since: first[1] };
    },
    failures: () => [...failed].map(([ref, reason]) => ({ ref, reason })),
  };
}
