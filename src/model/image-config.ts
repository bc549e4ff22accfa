/** An image's configuration (OCI image spec, "Image Configuration"), as far as a container of it is concerned. */
export interface ImageConfig {
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  readonly env: ReadonlyMap<string, string>;
  readonly user: string;
  /** Absolute. */
  readonly workingDir: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
  readonly volumes: readonly string[];
  /** As written: `8000/tcp`. */
  readonly exposedPorts: readonly string[];
  /** Undefined where the image has none; one that a Dockerfile switched off is `['NONE']`. */
  readonly healthcheck: Healthcheck | undefined;
  /** `SIGTERM`; empty where the engine's own is meant. */
  readonly stopSignal: string;
  /** Of SHELL; empty where the builder's own is meant. */
  readonly shell: readonly string[];
  readonly onBuild: readonly string[];
  readonly author: string;
  /** RFC 3339 as written; empty where the image does not say. */
  readonly created: string;
  /** One for each layer that is no history's alone, the lowest first. */
  readonly diffIds: readonly string[];
  readonly history: readonly HistoryEntry[];
}

/** How an engine finds out whether a container works (Docker's image specification 1.2). */
export interface Healthcheck {
  /** `['CMD', …]`, `['CMD-SHELL', command]` or `['NONE']`. */
  readonly test: readonly string[];
  /** Milliseconds, as all times here; 0 is the engine's default. */
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

/** What an instruction left in an image's history. */
export interface HistoryEntry {
  /** As the builder wrote it: `RUN /bin/sh -c make # buildkit`. */
  readonly createdBy: string;
  readonly hasLayer: boolean;
}

/** Reads a configuration; what an image leaves out is empty.
 * @throws Error where it is no configuration. */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const root = fields(JSON.parse(Buffer.from(bytes).toString('utf8')));
  const config = fields(root['config']);
  const diffIds = texts(fields(root['rootfs'])['diff_ids']);
  if (typeof root['os'] !== 'string' || typeof root['architecture'] !== 'string')
    throw new Error('the configuration names no os and architecture');
  const variant = typeof root['variant'] === 'string' && root['variant'] !== '' ? `/${root['variant']}` : '';
  return {
    platform: `${root['os']}/${root['architecture']}${variant}`,
    env: new Map(texts(config['Env']).map(splitVariable)),
    user: text(config['User']),
    workingDir: text(config['WorkingDir']) || '/',
    entrypoint: texts(config['Entrypoint']),
    cmd: texts(config['Cmd']),
    labels: new Map(Object.entries(fields(config['Labels'])).map(([name, value]) => [name, text(value)])),
    volumes: Object.keys(fields(config['Volumes'])),
    exposedPorts: Object.keys(fields(config['ExposedPorts'])),
    healthcheck: parseHealthcheck(config['Healthcheck']),
    stopSignal: text(config['StopSignal']),
    shell: texts(config['Shell']),
    onBuild: texts(config['OnBuild']),
    author: text(root['author']),
    created: text(root['created']),
    diffIds,
    history: list(root['history']).map((one) => {
      const { created_by: createdBy, empty_layer: isEmpty } = fields(one);
      return { createdBy: text(createdBy), hasLayer: isEmpty !== true };
    }),
  };
}

function parseHealthcheck(value: unknown): Healthcheck | undefined {
  const check = fields(value);
  const test = texts(check['Test']);
  if (test.length === 0) return undefined;
  const count = (field: string): number => (typeof check[field] === 'number' ? check[field] : 0);
  const time = (field: string): number => count(field) / 1e6; // written in nanoseconds
  return {
    test,
    interval: time('Interval'),
    timeout: time('Timeout'),
    startPeriod: time('StartPeriod'),
    startInterval: time('StartInterval'),
    retries: count('Retries'),
  };
}

function splitVariable(one: string): [string, string] {
  const cut = one.indexOf('=');
  return cut < 0 ? [one, ''] : [one.slice(0, cut), one.slice(cut + 1)];
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): readonly string[] {
  return list(value).filter((one) => typeof one === 'string');
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
