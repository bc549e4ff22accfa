import { assembleFacts } from '../../src/audit/assemble-facts.ts';
import type { DockerfileFacts } from '../../src/audit/dockerfile-facts.ts';
import type { FileContent, ImageFacts } from '../../src/audit/image-facts.ts';
import { lookForAudit } from '../../src/audit/read-content.ts';
import { FileTree } from '../../src/model/file-tree.ts';
import type { ImageConfig } from '../../src/model/image-config.ts';
import type { FileEntry, LayerRecord } from '../../src/model/layer-record.ts';
import { digest } from './facts.ts';

/** A file of a made image: its text, or what else is to be said of it. */
export type MadeFile = string | (Partial<FileEntry<FileContent>> & { readonly text?: string });

/** An image made up for a rule; what is not said is as plain as it can be. */
export interface MadeImage {
  /** Files by path, the lowest layer first: that one is the base’s, the others are the Dockerfile’s. null takes a path away. */
  readonly layers?: readonly Readonly<Record<string, MadeFile | null>>[];
  readonly config?: Partial<ImageConfig>;
  readonly env?: Readonly<Record<string, string>>;
  /** What the history says, beside the layers. */
  readonly history?: readonly string[];
  readonly dockerfile?: string;
  readonly target?: string;
  readonly ignore?: string;
  /** Files of the build context. */
  readonly context?: Readonly<Record<string, string>>;
  readonly day?: string;
}

export const plainConfig: ImageConfig = {
  platform: 'linux/amd64',
  env: new Map(),
  user: '10001',
  workingDir: '/app',
  entrypoint: [],
  cmd: [],
  labels: new Map(),
  volumes: [],
  exposedPorts: [],
  healthcheck: undefined,
  stopSignal: '',
  shell: [],
  onBuild: [],
  author: '',
  created: '',
  diffIds: [],
  history: [],
};

/** The facts of a made image: read and put together as those of a real one. */
export function factsOf(made: MadeImage): ImageFacts {
  const layers = (made.layers ?? []).map((files) => Object.entries(files).map(([path, file]) => recordOf(path, file)));
  const history = [
    ...layers.map((_, at) => ({ createdBy: at === 0 ? '# debian.sh' : 'COPY . /app # buildkit', hasLayer: true })),
    ...(made.history ?? []).map((createdBy) => ({ createdBy, hasLayer: false })),
  ];
  const env = new Map(Object.entries(made.env ?? {}));
  const config = { ...plainConfig, env, history, diffIds: layers.map((_, at) => `sha256:${at}`), ...made.config };
  const contents = {
    day: made.day ?? '2026-11-21',
    configDigest: digest('c'),
    config,
    tree: new FileTree(layers),
    layers,
  };
  const facts = assembleFacts(contents, dockerfileOf(made), (text) => text);
  return {
    ...facts,
    layers: facts.layers.map((layer, at) => ({
      ...layer,
      from: at === 0 ? 'base' : 'line',
      line: at === 0 ? undefined : at,
    })),
  };
}

export function dockerfileOf({ dockerfile, target, ignore, context = {} }: MadeImage): DockerfileFacts | undefined {
  if (dockerfile === undefined) return undefined;
  const files = Object.keys(context);
  return {
    file: 'Dockerfile',
    text: dockerfile,
    target,
    ignore,
    contextFiles: files,
    contextTexts: new Map(Object.entries(context)),
  };
}

function recordOf(path: string, file: MadeFile | null): LayerRecord<FileContent> {
  if (file === null) return { change: 'whiteout', path };
  const { text, ...said } = typeof file === 'string' ? { text: file } : file;
  const entry: FileEntry<never> = {
    kind: said.target === undefined ? 'file' : 'symlink',
    mode: text?.startsWith('#!') === true ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size: text?.length ?? 1,
    mtime: 1_700_000_000,
    target: '',
    ...said,
    content: undefined,
  };
  const reader = text === undefined ? undefined : lookForAudit()(path, entry);
  reader?.write(Buffer.from(text ?? ''));
  return { change: 'entry', path, entry: { ...entry, content: said.content ?? reader?.end() } };
}

/** A program or library of x86-64, with what it needs. */
export function elf(needed: readonly string[] = [], machine = 62): Partial<FileEntry<FileContent>> {
  return {
    mode: 0o755,
    content: { kind: 'elf', machine, bits: 64, interpreter: '', needed, runPath: '', whole: true },
  };
}

/** An image like the official one of Python 3.13, as the lowest layer. */
export const python313: Readonly<Record<string, MadeFile>> = {
  '/etc/os-release':
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/usr/sbin/nologin\n',
  '/etc/shadow': 'root:*:20000::::::\nnobody:*:20000::::::\n',
  '/bin/sh': elf(['libc.so.6']),
  '/lib/x86_64-linux-gnu/libc.so.6': elf(),
  '/usr/local/bin/python3.13': elf(['libpython3.13.so.1.0', 'libc.so.6']),
  '/usr/local/bin/python3': { target: 'python3.13', kind: 'symlink' },
  '/usr/local/bin/python': { target: 'python3', kind: 'symlink' },
  '/usr/local/lib/libpython3.13.so.1.0': elf(['libc.so.6']),
  '/usr/local/lib/python3.13/site-packages/pip-25.3.dist-info/METADATA': 'Name: pip\nVersion: 25.3\n',
};

/** What pip leaves of a package. */
export function installed(
  name: string,
  version: string,
  folder = '/usr/local/lib/python3.13/site-packages',
): Readonly<Record<string, MadeFile>> {
  return {
    [`${folder}/${name.replaceAll('-', '_')}-${version}.dist-info/METADATA`]: `Name: ${name}\nVersion: ${version}\n`,
  };
}
