import { isNear } from './near-miss.ts';

/** The inputs of action.yml; a test compares the two. */
export const inputNames: readonly string[] = [
  'image',
  'protected-image',
  'username',
  'password',
  'github-token',
  'context',
  'file',
  'target',
  'build-args',
  'build-contexts',
  'secrets',
  'secret-envs',
  'secret-files',
  'ssh',
  'labels',
  'annotations',
  'network',
  'add-hosts',
  'shm-size',
  'ulimit',
  'allow',
  'platforms',
  'provenance',
  'sbom',
  'builder',
  'pull',
  'no-cache',
  'no-cache-filters',
  'build-timeout',
  'test',
  'test-target',
  'test-image',
  'verify',
  'test-env',
  'test-reports',
  'test-timeout',
  'production-branch',
  'latest',
  'versions',
  'version-prefix',
  'extra-tags',
  'protected-tags',
  'bytecode',
  'bytecode-paths',
  'bytecode-exclude',
  'bytecode-mode',
  'checks',
  'checks-ignore',
  'checks-command',
  'checks-env',
  'stale',
  'push',
  'cache',
  'reuse',
  'summary',
  'comment',
];

/** Inputs that people bring along from Docker's actions, each with its way out. */
const refused: Readonly<Record<string, string>> = {
  tags: 'tags follow from the git ref; name the repository in `image`',
  images: 'name the repository in `image`',
  flavor: 'tags follow from the git ref; `latest` decides about latest',
  registry: 'the registry is part of `image`; log in with docker/login-action before this step',
  outputs: 'the image goes to the engine, is tested there and pushed to `image`',
  load: 'the image is always in the engine before it is pushed; `verify` and `test-image` run it',
  'cache-from': 'the cache is main’s own; see `cache`',
  'cache-to': 'the cache is main’s own; see `cache`',
  attests: 'see `provenance` and `sbom`',
  'cgroup-parent':
    'docker-buildx bake, which builds image and test stage in one solve, cannot set it; give it to the builder: docker/setup-buildx-action with `driver-opts: cgroup-parent=…`',
  call: 'run `docker buildx build --call` in a step of its own',
};

/** An input that is not ours, and what is to be said of it. */
export interface ForeignInput {
  readonly name: string;
  readonly rule: string;
}

/** Tells which INPUT_ names are not ours: those with a hint and near misses are problems, others (a job may set such a variable
 * itself) are notices. Names are as the runner spells them: upper case, without the prefix. */
export function findForeignInputs(names: readonly string[]): {
  readonly problems: readonly ForeignInput[];
  readonly notices: readonly ForeignInput[];
} {
  const problems: ForeignInput[] = [];
  const notices: ForeignInput[] = [];
  for (const upper of names) {
    const name = upper.toLowerCase();
    if (inputNames.includes(name)) continue;
    const hint = Object.hasOwn(refused, name) ? refused[name] : name.startsWith('tag-') ? refused['tags'] : undefined;
    const near = inputNames.find((one) => isNear(one, name));
    if (hint !== undefined) problems.push({ name, rule: `there is no such input: ${hint}` });
    else if (near !== undefined) problems.push({ name, rule: `there is no such input: did you mean ${near}?` });
    else notices.push({ name, rule: 'there is no such input; it is ignored' });
  }
  return { problems, notices };
}
