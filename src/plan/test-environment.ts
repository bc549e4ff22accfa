const withheld = [
  /^INPUT_/i,
  /^STATE_/i,
  /^ACTIONS_/i,
  /^GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY|TOKEN)$/i,
  /^GH_(?:TOKEN|ENTERPRISE_TOKEN)$/i,
];

/** The environment of code under test on the runner: what a `run:` step has, less the action's inputs, the runner's tokens, the
 * command files and the variables that hold `secrets` of the build. `RUNNER_TRACKING_ID` stays: by it the runner ends what a test leaves running. */
export function planTestEnvironment(
  all: Readonly<Record<string, string>>,
  passed: readonly string[],
  secrets: readonly string[] = [],
): Record<string, string> {
  const isWithheld = (name: string): boolean =>
    secrets.includes(name) || withheld.some((pattern) => pattern.test(name));
  return Object.fromEntries(Object.entries(all).filter(([name]) => passed.includes(name) || !isWithheld(name)));
}

/** The variables of a container under test: those that `test-env` names and nothing else. */
export function planContainerEnvironment(
  all: Readonly<Record<string, string>>,
  passed: readonly string[],
): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => passed.includes(name)));
}
