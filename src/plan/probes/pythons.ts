import type { ImageConfig } from '../../model/image-config.ts';

/** How the image may call its Python, where no running process tells. */
export function pythonsOf({ entrypoint, cmd }: Pick<ImageConfig, 'entrypoint' | 'cmd'>): readonly string[] {
  const words = [...entrypoint, ...cmd].filter((word) => /(?:^|\/)python(?:3(?:\.\d+)?)?$/.test(word));
  return [...new Set([...words.slice(0, 1), 'python', 'python3'])];
}
