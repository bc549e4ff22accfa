import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import { type BuilderChoice, runsInEngine } from './builder.ts';
import { runsChecks } from './checks.ts';

/** Holds where a run can do without an engine: none builds, and nothing that is asked for runs the image in one.
 * @param missing why there is none
 * @throws ActionError `engine-missing` with the first that needs one; `builder-missing` where the builder hands out no layout. */
export function requireNoEngine(
  builder: BuilderChoice,
  inputs: Pick<Inputs, 'tests' | 'bytecode' | 'checks'>,
  missing: ActionError,
): void {
  if (builder.kind === 'engine' || runsInEngine(builder)) throw missing;
  const [need] = listNeeds(inputs);
  if (need !== undefined)
    throw new ActionError('engine-missing', `${missing.message}, and ${need} runs the image in one`, {
      hint: 'give this runner Docker, or leave that out: the build, `test` and `test-target` need no engine',
      cause: missing,
    });
  if (!builder.exportsLayouts)
    throw new ActionError(
      'builder-missing',
      `the builder ${JSON.stringify(builder.name)} (driver ${builder.driver}) cannot hand out an OCI layout, and ${missing.message}`,
      { hint: 'give this runner Docker, or choose another builder', cause: missing },
    );
}

function listNeeds({ tests, bytecode, checks }: Parameters<typeof requireNoEngine>[1]): readonly string[] {
  return [
    ...(tests.image.length > 0 ? ['`test-image`'] : []),
    ...(tests.verify === undefined ? [] : ['`verify`']),
    ...(bytecode?.mode === 'require' ? ['`bytecode: require`'] : []),
    ...(runsChecks(checks) ? [`\`checks: ${checks.mode}\``] : []),
  ];
}

/** What a run without an engine goes without. */
export function planNoEngineNotices({ bytecode }: Pick<Inputs, 'bytecode'>): readonly string[] {
  return bytecode === undefined
    ? []
    : ['there is no Docker engine on this runner: that Python takes the bytecode is not proved by starting the image'];
}
