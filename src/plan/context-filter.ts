import dockerignore from '@balena/dockerignore';

/** Tells whether a file of the context reaches the builder; paths are relative to the context, with `/`. */
export type ContextFilter = (path: string) => boolean;

/** The rule of a `.dockerignore` text; undefined: there is no such file and everything is sent. */
export function planContextFilter(ignoreFile: string | undefined): ContextFilter {
  if (ignoreFile === undefined) return () => true;
  return dockerignore.default({ ignorecase: false }).add(ignoreFile.split(/\r?\n/)).createFilter();
}
