import { parse } from 'smol-toml';
import { covers, readContextCopies } from '../plan/context-refusal.ts';
import type { DockerfileFacts } from './dockerfile-facts.ts';
import { type DockerfileView, viewDockerfile } from './dockerfile-view.ts';

/** What pyproject.toml says of a project. */
export interface ProjectFile {
  /** Empty where it has none. */
  readonly name: string;
  /** What `requires-python` says, or Poetry's `python`; empty where nothing is said. */
  readonly requiresPython: string;
  /** What it needs to run, as written. */
  readonly dependencies: readonly string[];
}

/** The pyproject.toml at the root of the context, where the Dockerfile takes it in; undefined where there is none, or it cannot be read. */
export function readProjectFile(dockerfile: DockerfileFacts): ProjectFile | undefined {
  const text = dockerfile.contextTexts.get('pyproject.toml');
  if (text === undefined || !takesIn(dockerfile, 'pyproject.toml')) return undefined;
  return parseProjectFile(text);
}

/** Whether a COPY, an ADD or a mount brings a file of the context in. */
export function takesIn(dockerfile: DockerfileFacts, path: string): boolean {
  if (readContextCopies(dockerfile.text).some(({ sources }) => sources.some((source) => covers(source, path))))
    return true;
  return contextMounts(viewDockerfile(dockerfile)).some((source) => covers(source, path));
}

/** What RUN mounts of the build context. */
export function contextMounts({ stages }: DockerfileView): readonly string[] {
  return stages.flatMap(({ instructions }) =>
    instructions.flatMap(({ flags }) =>
      flags.flatMap(([name, value]) => {
        if (
          name !== 'mount' ||
          !/(?:^|,)type=bind(?:,|$)|^(?!.*(?:^|,)type=)/.test(value) ||
          /(?:^|,)from=/.test(value)
        )
          return [];
        return [/(?:^|,)(?:source|src)=([^,]+)/.exec(value)?.[1] ?? '.'];
      }),
    ),
  );
}

/** Undefined where it is no TOML. */
export function parseProjectFile(text: string): ProjectFile | undefined {
  const root = parseToml(text);
  if (root === undefined) return undefined;
  const project = table(root['project']);
  const poetry = table(table(root['tool'])['poetry']);
  const wanted = table(poetry['dependencies']);
  return {
    name: string(project['name']) || string(poetry['name']),
    requiresPython: string(project['requires-python']) || string(wanted['python']),
    dependencies: [...strings(project['dependencies']), ...Object.keys(wanted).filter((name) => name !== 'python')],
  };
}

/** A document as plain tables; undefined where it is no TOML. */
export function parseToml(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return table(parse(text));
  } catch {
    return undefined;
  }
}

export function table(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function strings(value: unknown): readonly string[] {
  return list(value).filter((one) => typeof one === 'string');
}
