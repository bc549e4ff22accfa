/** One record of a vertex (a step of BuildKit's graph); a vertex has many, and the same one comes once per target that needs it. */
export interface VertexRecord {
  readonly digest: string;
  readonly name: string;
  /** Milliseconds since 1970, with a fraction. */
  readonly started: number | undefined;
  readonly completed: number | undefined;
  readonly cached: boolean;
  readonly error: string;
}

/** A part of a vertex's work, e.g. `transferring context:`. */
export interface StatusRecord {
  readonly vertex: string;
  readonly id: string;
  /** Of what is counted, bytes mostly; undefined where that is not known. */
  readonly total: number | undefined;
  readonly completed: number | undefined;
}

export interface LogRecord {
  readonly vertex: string;
  readonly timestamp: string;
  readonly data: Uint8Array;
}

export interface WarningRecord {
  readonly text: string;
  /** Of the Dockerfile. */
  readonly line: number | undefined;
  /** A page about it, empty where there is none. */
  readonly url: string;
}

export interface ProgressRecords {
  readonly vertexes: readonly VertexRecord[];
  readonly statuses: readonly StatusRecord[];
  readonly logs: readonly LogRecord[];
  readonly warnings: readonly WarningRecord[];
}

/** Reads one line of `--progress=rawjson`; `undefined` where it is no JSON object (plain text, or a piece of a line). Fields that
 * are missing or of another type count as empty: a newer BuildKit may say more, and progress never fails a build. */
export function parseProgressLine(line: string): ProgressRecords | undefined {
  if (!line.startsWith('{')) return undefined;
  const root = fields(parseJson(line));
  if (root === undefined) return undefined;
  return {
    vertexes: list(root['vertexes']).map(vertex),
    statuses: list(root['statuses']).map(status),
    logs: list(root['logs']).map(log),
    warnings: list(root['warnings']).map(warning),
  };
}

/** A time as Go prints it, in milliseconds since 1970 with what lies below a millisecond as a fraction; `undefined` where there is none. */
export function parseTimestamp(value: unknown): number | undefined {
  const parts = typeof value === 'string' ? /^(\d{4}-[^.]*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(value) : null;
  if (parts === null) return undefined;
  const whole = Date.parse(`${parts[1]}${parts[3]}`);
  if (Number.isNaN(whole)) return undefined;
  return whole + Number(`0.${parts[2] ?? '0'}`) * 1_000;
}

type Fields = Readonly<Record<string, unknown>>;

function vertex(record: Fields): VertexRecord {
  return {
    digest: text(record['digest']),
    name: text(record['name']),
    started: parseTimestamp(record['started']),
    completed: parseTimestamp(record['completed']),
    cached: record['cached'] === true,
    error: text(record['error']),
  };
}

function status(record: Fields): StatusRecord {
  const total = record['total'];
  return {
    vertex: text(record['vertex']),
    id: text(record['id']),
    total: typeof total === 'number' ? total : undefined,
    completed: parseTimestamp(record['completed']),
  };
}

function log(record: Fields): LogRecord {
  const data = Uint8Array.from(Buffer.from(text(record['data']), 'base64'));
  return { vertex: text(record['vertex']), timestamp: text(record['timestamp']), data };
}

function warning(record: Fields): WarningRecord {
  const [range] = list(record['range']);
  const line = fields(range?.['start'])?.['line'];
  const short = Buffer.from(text(record['short']), 'base64').toString('utf8');
  return { text: short, line: typeof line === 'number' ? line : undefined, url: text(record['url']) };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // plain text may begin with a brace as well
    throw error;
  }
}

function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields).filter((one) => one !== undefined) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
