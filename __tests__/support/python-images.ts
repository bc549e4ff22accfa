import { spawnSync } from 'node:child_process';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import { docker, engineKind, type Project, type Run } from './project.ts';

await ensureTestbed({
  log: (line) => process.stderr.write(`${line}\n`),
  want: new Set(['python', 'python-3.13'] as const),
  engine: engineKind,
});

type Registry = Project['registry'];

/** A file or folder of a layer, as tar lists it. */
export interface LayerEntry {
  readonly path: string;
  /** `drwxr-s---`. */
  readonly mode: string;
  /** `1234/1234`. */
  readonly owner: string;
  readonly size: number;
  readonly time: string;
}

/** A published image as the registry has it: its configuration, layers and the last of them. */
export async function readPublished(registry: Registry, run: Run) {
  const read = async (path: string) => {
    const reply = await fetch(`${registry.url}/v2/acme/app/${path}`, { headers: { accept } });
    if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
    return Buffer.from(await reply.arrayBuffer());
  };
  const manifest = JSON.parse((await read(`manifests/${run.outputs['digest']}`)).toString()) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  const { config, rootfs } = JSON.parse((await read(`blobs/${manifest.config.digest}`)).toString()) as {
    config: Readonly<Record<string, unknown>>;
    rootfs: { diff_ids: string[] };
  };
  const last = manifest.layers.at(-1)?.digest ?? '';
  return { config, layers: rootfs.diff_ids, entries: listLayer(await read(`blobs/${last}`)) };
}

function listLayer(blob: Buffer): readonly LayerEntry[] {
  const args = ['--list', '--gzip', '--verbose', '--numeric-owner', '--full-time', '--quoting-style=escape', '--utc'];
  const { status, stdout, stderr } = spawnSync('tar', [...args, '--file=-'], { input: blob, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, mode = '', owner = '', size = '', day, time, path = ''] =
        /^(\S+) (\S+) +(\d+) (\S+) (\S+) (.*)$/.exec(line) ?? [];
      return { path, mode, owner, size: Number(size), time: `${day} ${time}` };
    });
}

/** What a Python program prints in a container of an image, without network and on a read-only root. */
export function runPython(reference: string, program: string, ...options: readonly string[]): string {
  const sandbox = ['--rm', '--pull=always', '--network=none', '--read-only', ...options];
  return docker('run', ...sandbox, '--entrypoint=python3', reference, '-c', program);
}

const accept =
  'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/octet-stream';
