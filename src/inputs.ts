import { type BuildInputs, readBuildInputs } from './inputs/build.ts';
import { readBytecodeInputs } from './inputs/bytecode.ts';
import { type ChecksInputs, readChecksInputs } from './inputs/checks.ts';
import { type LoginInput, readLogin } from './inputs/login.ts';
import { InputReader } from './inputs/reader.ts';
import { readRepositories, requireRepositories } from './inputs/repositories.ts';
import { readTagInputs, type TagInputs } from './inputs/tags.ts';
import { readTestInputs, type TestInputs } from './inputs/tests.ts';
import type { BytecodePlan } from './model/bytecode.ts';
import type { Repository } from './model/image-ref.ts';
import { findForeignInputs } from './model/input-names.ts';
import { Secret } from './model/secret.ts';

export type { BuildInputs } from './inputs/build.ts';
export type { ChecksInputs } from './inputs/checks.ts';
export type { LoginInput } from './inputs/login.ts';
export type { SecretInput, SshInput } from './inputs/secrets.ts';
export type { TagInputs } from './inputs/tags.ts';
export type { TestInputs } from './inputs/tests.ts';

/** What the workflow asks for, true by type: every value was checked, nothing is a raw text that still needs reading. */
export interface Inputs extends TagInputs {
  readonly repositories: readonly Repository[];
  /** Where main and release write instead; empty: there is no such place. */
  readonly protectedRepositories: readonly Repository[];
  readonly build: BuildInputs;
  readonly tests: TestInputs;
  /** Undefined: off. */
  readonly bytecode: BytecodePlan | undefined;
  readonly checks: ChecksInputs;
  readonly push: 'auto' | 'protected' | 'true' | 'false';
  readonly cache: 'auto' | 'registry' | 'inline' | 'none';
  readonly reuse: 'auto' | 'off';
  /** For the registry of all repositories; `none`: the runner's own login. */
  readonly login: LoginInput;
  /** Asks GitHub's API; logs in to ghcr.io where nobody has. */
  readonly githubToken: Secret | undefined;
  /** Whether the job's summary is written. */
  readonly summary: boolean;
  /** Whether the comment on the pull request is written. */
  readonly comment: 'auto' | 'true' | 'false';
  readonly notices: readonly string[];
}

/** Names of the variables that hold secrets of the build. */
function secretVariables({ secrets }: BuildInputs): readonly string[] {
  return secrets.flatMap(({ source }) => (source.kind === 'variable' ? [source.variable] : []));
}

/** Reads the inputs of action.yml from the runner's INPUT_ variables.
 * @throws ActionError `invalid-input` with all problems together, each with the input's name, what came and what is allowed. */
export function parseInputs(raw: ReadonlyMap<string, string>): Inputs {
  const read = new InputReader(raw);
  const foreign = findForeignInputs(read.given());
  for (const { name, rule } of foreign.problems) read.problem(name, undefined, rule);
  for (const { name, rule } of foreign.notices) read.notice(name, rule);
  const repositories = requireRepositories(read, 'image');
  const protectedRepositories = readRepositories(read, 'protected-image');
  const build = readBuildInputs(read);
  const bytecode = readBytecodeInputs(read);
  const inputs: Inputs = {
    repositories,
    protectedRepositories,
    login: readLogin(read, [...repositories, ...protectedRepositories]),
    build,
    tests: readTestInputs(read, secretVariables(build)),
    bytecode,
    checks: readChecksInputs(read),
    ...readTagInputs(read),
    push: read.choice('push', ['auto', 'protected', 'true', 'false']),
    cache: read.choice('cache', ['auto', 'registry', 'inline', 'none']),
    reuse: read.choice('reuse', ['auto', 'off']),
    githubToken: read.parsed('github-token', (token) => new Secret(token)),
    summary: read.boolean('summary') ?? true,
    comment: read.choice('comment', ['auto', 'true', 'false']),
    notices: read.notices,
  };
  read.finish();
  return inputs;
}
