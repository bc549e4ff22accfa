import { findPlatform, type Platform } from './platform.ts';

/** A builder as `docker-buildx inspect` describes it. That has no JSON; `ls`, which has, asks every other builder too, for 20 s where
 * one of them is silent. */
export interface Builder {
  readonly name: string;
  /** `docker`, `docker-container`, `remote`, `kubernetes`, `cloud`, …; empty where buildx cannot say, and then there is an error. */
  readonly driver: string;
  /** Why buildx cannot say what nodes there are; undefined where it can. */
  readonly error: string | undefined;
  readonly nodes: readonly BuilderNode[];
}

export interface BuilderNode {
  readonly name: string;
  /** `tcp://…`, `unix://…`; with the driver `docker` the name of a docker context. */
  readonly endpoint: string;
  readonly options: ReadonlyMap<string, string>;
  /** `running`, `stopped`, `inactive` (never booted, or out of reach), `error`; empty where it is not said. */
  readonly status: string;
  /** What the node can run, emulated or not; empty where it does not say. */
  readonly platforms: readonly Platform[];
  /** Undefined where there is none. */
  readonly error: string | undefined;
  /** BuildKit's, as it says itself (`v0.30.0`); empty where the node is not running or does not say. */
  readonly version: string;
  /** What the node can do, as buildx spells it (`Cache export`, `Docker exporter`); empty where it does not say. */
  readonly features: ReadonlyMap<string, boolean>;
}

/** Reads what `docker-buildx inspect` prints; with `DEBUG` set it prints features too.
 * @throws Error where it names no driver. */
export function parseBuilder(text: string): Builder {
  const [head = '', ...rest] = text.split(/^Nodes:$/m);
  const fields = readFields(head);
  const error = fields.get('Error');
  const driver = fields.get('Driver') ?? '';
  if (driver === '' && error === undefined) throw new Error('it names no driver');
  const nodes = rest
    .join('')
    .split(/^(?=Name:)/m)
    .filter((part) => part.startsWith('Name:'));
  return { name: fields.get('Name') ?? '', driver, error, nodes: nodes.map(parseNode) };
}

function parseNode(text: string): BuilderNode {
  const fields = readFields(text);
  const features = /^Features:\n((?: .*\n?)*)/m.exec(text)?.[1] ?? '';
  return {
    name: fields.get('Name') ?? '',
    endpoint: fields.get('Endpoint') ?? '',
    options: new Map(
      [...(fields.get('Driver Options') ?? '').matchAll(/(\S+?)="((?:[^"\\]|\\.)*)"/g)].map(
        ([, name = '', value = '']) => [name, value.replace(/\\(["\\])/g, '$1')],
      ),
    ),
    status: fields.get('Status') ?? '',
    // a star marks what the node was made for
    platforms: (fields.get('Platforms') ?? '').split(',').flatMap((one) => findPlatform(one.replace('*', '')) ?? []),
    error: fields.get('Error'),
    version: fields.get('BuildKit version') ?? '',
    features: new Map(
      [...features.matchAll(/^ (.+?): +(true|false)$/gm)].map(([, name = '', value]) => [name, value === 'true']),
    ),
  };
}

/** Lines `Name: value` that are not indented. */
function readFields(text: string): ReadonlyMap<string, string> {
  const lines = [...text.matchAll(/^([A-Z][\w ]*):[ \t]+(\S.*)$/gm)];
  return new Map(lines.map(([, name = '', value = '']) => [name, value.trim()]));
}
