import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A workflow as anybody would copy it from this repository. */
export interface Workflow {
  /** Where it stands: a file, or a document and the line of its fence. */
  readonly place: string;
  readonly on: Readonly<Record<string, Filters | null>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface Filters {
  readonly branches?: readonly string[];
  readonly tags?: readonly string[];
  readonly types?: readonly string[];
}

export interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Tells whether a step is ours. */
export function isSlipway({ uses }: Step): boolean {
  return uses !== undefined && /^[^/]+\/slipway@/.test(uses);
}

/** Every workflow of README.md, docs and examples that has a step of ours; printed steps stand in a job of their own. */
export function readExampleWorkflows(): readonly Workflow[] {
  const examples = readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const folders = ['examples/workflows', ...examples.map(({ name }) => `examples/${name}/.github/workflows`)];
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => /\.ya?ml$/.test(path));
  const documents = ['README.md', ...readdirSync('docs').map((name) => join('docs', name))].filter((path) =>
    path.endsWith('.md'),
  );
  return [
    ...files.map((path) => normalize(path, parse(readFileSync(path, 'utf8')) as Raw)),
    ...documents.flatMap(readSnippets),
  ].filter(({ jobs }) => Object.values(jobs).some(({ steps }) => steps.some(isSlipway)));
}

type Raw = Omit<Workflow, 'place' | 'on'> & { readonly on: string | readonly string[] | Workflow['on'] };

const checkout: Step = { uses: 'actions/checkout@v7' };
const ours: Step = { id: 'slipway', uses: 'OWNER/slipway@v0', with: { image: 'ghcr.io/acme/app' } };

/** What happens to steps that are printed without an `on:`. */
const printed: Filters = { branches: ['main'], tags: ['v*'] };

/** A printed step that is not ours goes behind one that is, since it shows what to do with our outputs. */
function readSnippets(path: string): readonly Workflow[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/^```ya?ml\n(.*?)^```$/gms)].map(({ 1: body = '', index }) => {
    const place = `${path}:${text.slice(0, index).split('\n').length}`;
    const value = parse(body) as Raw | readonly Step[];
    if (!Array.isArray(value)) return normalize(place, value as Raw);
    const steps = value as readonly Step[];
    const all = steps.some(isSlipway) ? [checkout, ...steps] : [checkout, ours, ...steps];
    return { place, on: { push: printed }, jobs: { snippet: { steps: all } } };
  });
}

function normalize(place: string, { on, jobs }: Raw): Workflow {
  if (typeof on === 'string') return { place, on: { [on]: null }, jobs };
  return {
    place,
    on: Array.isArray(on) ? Object.fromEntries(on.map((name) => [name, null])) : (on as Workflow['on']),
    jobs,
  };
}

/** Tells whether a workflow's filters let a push through, as GitHub reads them. */
export function isPushed(filters: Filters | null | undefined, ref: string): boolean {
  if (filters === undefined) return false;
  if (filters === null || (filters.branches === undefined && filters.tags === undefined)) return true;
  const isTag = ref.startsWith('refs/tags/');
  const name = ref.replace(/^refs\/(?:heads|tags)\//, '');
  return matches(isTag ? filters.tags : filters.branches, name);
}

/** The last pattern that matches counts; `*` stops at a slash and `**` does not. */
function matches(patterns: readonly string[] = [], name: string): boolean {
  return patterns.reduce((was, pattern) => {
    const not = pattern.startsWith('!');
    const source = (not ? pattern.slice(1) : pattern)
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'));
    return new RegExp(`^${source}$`, 's').test(name) ? !not : was;
  }, false);
}
