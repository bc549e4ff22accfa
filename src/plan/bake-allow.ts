import type { BuildRequest } from './build-request.ts';

/** What bake must be allowed to read outside its own folder: just what this request reads and writes, never `fs=*`. Buildx 0.29 asks for it with
 * every progress mode but rawjson, where it does not look; so a version that does look finds it said. */
export function planAllowances(
  request: Pick<
    BuildRequest,
    'context' | 'dockerfile' | 'contexts' | 'secrets' | 'ssh' | 'allow' | 'bytecode' | 'layout' | 'delivery'
  >,
): readonly string[] {
  const paths = new Set([request.context, request.dockerfile]);
  for (const value of request.contexts.values()) if (isLocalPath(value)) paths.add(value);
  for (const secret of request.secrets) if (secret.kind === 'file') paths.add(secret.path);
  let agent = false;
  for (const spec of request.ssh) {
    const at = spec.indexOf('=');
    if (at < 0) agent = true;
    else for (const path of spec.slice(at + 1).split(',')) paths.add(path);
  }
  const written = [
    request.bytecode?.reportFolder,
    request.delivery === 'by-folder' ? request.layout : undefined,
  ].filter((path) => path !== undefined);
  const writes = written.map((path) => `fs.write=${path}`);
  return [...[...paths].map((path) => `fs.read=${path}`), ...writes, ...(agent ? ['ssh'] : []), ...request.allow];
}

/** Tells whether a build context is a folder of this machine, and neither an image, another target nor a URL. */
export function isLocalPath(context: string): boolean {
  return context.startsWith('/');
}
