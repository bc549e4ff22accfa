import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import type { Platform } from '../model/platform.ts';
import { type BuilderChoice, runsInEngine } from './builder.ts';
import { runsChecks } from './checks.ts';
import { type Delivery, planDelivery } from './delivery.ts';
import { runsImage } from './runs-image.ts';

/** Whether each platform is solved by itself, since several machines of the builder share them. Pods of one deployment are one. */
export function solvesPerPlatform(builder: BuilderChoice, platforms: readonly Platform[]): boolean {
  return builder.kind === 'apart' && platforms.length > 1 && countMachines(builder) > 1;
}

/** Whether what is built on another machine has to run on this one all the same, so that this one is asked before the build what it can. */
export function runsElsewhereBuilt(builder: BuilderChoice, inputs: Inputs): boolean {
  if (planDelivery(builder, inputs, true) !== 'by-engine') return false;
  const { tests, checks, bytecode, build } = inputs;
  const mustRun = runsImage(tests) || runsChecks(checks) || bytecode?.mode === 'require';
  return solvesPerPlatform(builder, build.platforms) || (mustRun && !runsInEngine(builder));
}

/** How many machines a builder has. */
export function countMachines({ nodes }: Pick<Extract<BuilderChoice, { kind: 'apart' }>, 'nodes'>): number {
  return new Set(nodes.map(({ endpoint }) => endpoint)).size;
}

/** Holds where what is asked for can be made of several solves.
 * @throws ActionError `builder-missing`, `invalid-input`. */
export function requirePerPlatform(
  builder: BuilderChoice,
  { build }: { readonly build: Pick<Inputs['build'], 'annotations'> },
  delivery: Delivery,
): void {
  if (builder.kind === 'engine') return;
  const who = `the builder ${JSON.stringify(builder.name)} (driver ${builder.driver}) has ${countMachines(builder)} machines that share the \`platforms\``;
  const hint = 'use a builder with one node, and docker/setup-qemu-action for the platforms that are not its own';
  const refuse = (need: string): ActionError => new ActionError('invalid-input', `${need}: ${who}`, { hint });
  const ofIndex = build.annotations.find((one) => /^[^=:]*(?:index|descriptor)[^=:]*:/.test(one));
  if (ofIndex !== undefined)
    throw refuse(`annotations: ${ofIndex}: an index that Slipway makes has none, and neither have its entries`);
  if (delivery !== 'by-builder' && !builder.exportsLayouts)
    throw new ActionError('builder-missing', `${who}, and it cannot hand out an OCI layout of each`, { hint });
}
