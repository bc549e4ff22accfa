/** Not even where `test-env` names them: what belongs to this step alone. */
const ours = /^(?:INPUT_|STATE_|GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)$)/i;
const withheld = /^(?:ACTIONS_|GITHUB_TOKEN$|GH_TOKEN$|GH_ENTERPRISE_TOKEN$)/i;

/** The environment of code under test on the runner: what a `run:` step has, less the action's inputs, the runner's tokens, the
 * command files and the variables that hold `secrets` of the build. `RUNNER_TRACKING_ID` stays: by it the runner ends what a test leaves running. */
export function planTestEnvironment(
  all: Readonly<Record<string, string>>,
  passed: readonly string[],
  secrets: readonly string[] = [],
): Record<string, string> {
  const isWithheld = (name: string): boolean => secrets.includes(name) || withheld.test(name);
  const isPassed = (name: string): boolean => !ours.test(name) && (passed.includes(name) || !isWithheld(name));
  return Object.fromEntries(Object.entries(all).filter(([name]) => isPassed(name)));
}

/** The variables of a container under test: those that `test-env` names and nothing else. */
export function planContainerEnvironment(
  all: Readonly<Record<string, string>>,
  passed: readonly string[],
): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => passed.includes(name) && !ours.test(name)));
}

/** The variables of a container that the checks start.
 * @param asked undefined: as this step has it, none where it has none. */
export function planCheckEnvironment(
  all: Readonly<Record<string, string>>,
  asked: ReadonlyMap<string, string | undefined>,
): Record<string, string> {
  const passed = [...asked].flatMap(([name, value]) => (value === undefined ? [name] : []));
  const given = [...asked].flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return { ...planContainerEnvironment(all, passed), ...Object.fromEntries(given) };
}
