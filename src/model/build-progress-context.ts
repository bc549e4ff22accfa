import type { StatusRecord, VertexRecord } from './build-progress-records.ts';

/** How long no new vertex may have come where only shared ones have started: many times what one graph takes to load (< 5 ms). */
const quietMs = 500;

/** Vertices from before there is a graph: what the front end needs, and what buildx itself does (`booting buildkit`). */
const definition =
  /^(?:\[(?:\S+ )?internal\] (?!load build context)|\[[^\]]*\] load \.dockerignore|resolve image config for|docker-image:\/\/|importing cache manifest)/;
const local = /^(?:\[(?:\S+ )?internal\] load build context|\[(?:\S+ )?context [^\]]*\] load from client)/;

interface Graph {
  /** Vertices that this graph listed, with what is known of each from its own stream alone. */
  readonly listed: Map<string, { fresh: boolean; started: boolean }>;
  lastListing: number;
}

interface LocalSource {
  transferred: number | undefined;
  /** Its last completed record without an error. */
  completed: number | undefined;
}

/** Decides when BuildKit has read every local file that this build will ever read.
 *
 * A graph is known once a vertex has started that this graph's own job must have started: the whole graph is in its stream by then.
 * A vertex that another graph listed too may have been started for that one, while the rest of this graph was still unlisted; so may
 * one whose very first record here says `started` (a build elsewhere on the same builder). Where all are of that kind, a graph counts as known
 * when something has started and nothing was listed for a while. Then every local source needs its completed `transferring` status
 * and a completed record after it: the first completed record is only the cache key. */
export interface ContextWatch {
  vertex(graph: string, record: VertexRecord, now: number): void;
  status(record: StatusRecord): void;
  /** True once; asked after each line, and now and then where no line comes. */
  isRead(now: number): boolean;
}

/** Watches these graphs: a bake target each, `target platform` where a target has several platforms. */
export function watchContext(expected: readonly string[]): ContextWatch {
  const graphs = new Map<string, Graph>(expected.map((key) => [key, { listed: new Map(), lastListing: 0 }]));
  const sources = new Map<string, LocalSource>();
  let fired = false;

  const isOwn = (key: string, digest: string): boolean =>
    [...graphs].every(([other, graph]) => other === key || !graph.listed.has(digest));
  const isKnown = (key: string, graph: Graph, now: number): boolean => {
    let anyStarted = false;
    for (const [digest, seen] of graph.listed) {
      if (!seen.started) continue;
      if (seen.fresh && isOwn(key, digest)) return true;
      anyStarted = true;
    }
    return anyStarted && now - graph.lastListing >= quietMs;
  };

  return {
    vertex: (key, record, now) => {
      if (definition.test(record.name)) return;
      const graph = graphs.get(key);
      if (graph !== undefined) list(graph, record, now);
      if (local.test(record.name)) seeLocal(sources, record);
    },
    status: (record) => {
      const source = sources.get(record.vertex);
      if (source === undefined || record.completed === undefined || !record.id.startsWith('transferring ')) return;
      source.transferred ??= record.completed;
    },
    isRead: (now) => {
      if (fired || ![...sources.values()].every(isTransferred)) return false;
      fired = [...graphs].every(([key, graph]) => isKnown(key, graph, now));
      return fired;
    },
  };
}

function list(graph: Graph, record: VertexRecord, now: number): void {
  const started = record.started !== undefined;
  const seen = graph.listed.get(record.digest);
  if (seen !== undefined) {
    seen.started ||= started;
    return;
  }
  graph.listed.set(record.digest, { fresh: !started, started });
  graph.lastListing = now;
}

function seeLocal(sources: Map<string, LocalSource>, record: VertexRecord): void {
  const source = sources.get(record.digest) ?? { transferred: undefined, completed: undefined };
  sources.set(record.digest, source);
  if (record.completed !== undefined && record.error === '')
    source.completed = Math.max(source.completed ?? 0, record.completed);
}

/** By the builder's clock, not by the order of arrival: one line may hold the record and the status before it. */
function isTransferred({ transferred, completed }: LocalSource): boolean {
  return transferred !== undefined && completed !== undefined && completed >= transferred;
}
