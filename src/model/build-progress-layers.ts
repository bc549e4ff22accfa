import type { StatusRecord } from './build-progress-records.ts';

/** Watches which layers a builder fetches and unpacks because a step runs on top of them: what goes into an image alone is not unpacked so. */
export interface LayerWatch {
  status(record: Pick<StatusRecord, 'id' | 'total'>): void;
  /** Bytes of them as a registry keeps them. */
  unpacked(): number;
}

const mostLayers = 5_000;

/** Starts with none; past 5000 further ones are left out. */
export function watchLayers(): LayerWatch {
  const sizes = new Map<string, number>();
  const needed = new Set<string>();
  return {
    status: ({ id, total }) => {
      const [, extracting, digest] = /^(extracting )?(sha256:[0-9a-f]{64})$/.exec(id) ?? [];
      if (digest === undefined || sizes.size + needed.size >= mostLayers) return;
      if (extracting !== undefined) needed.add(digest);
      else if (total !== undefined) sizes.set(digest, total);
    },
    unpacked: () => [...needed].reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0),
  };
}
