/** The absolute path that an entry of a layer stands for; nothing leads out of the image. */
export function plainPath(name: string): string {
  const kept: string[] = [];
  for (const part of pathParts(name)) {
    if (part === '..') kept.pop();
    else if (part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}`;
}

/** The folder of a plain path, and the name in it. */
export function splitPath(path: string): { readonly parent: string; readonly name: string } {
  const cut = path.lastIndexOf('/');
  return { parent: cut <= 0 ? '/' : path.slice(0, cut), name: path.slice(cut + 1) };
}

/** The names that a path is made of. */
export function pathParts(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}
