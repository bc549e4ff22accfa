import type { BuildStep } from './build-progress-step.ts';

/** What is told of a step. */
type Step = Pick<BuildStep, 'name' | 'cached' | 'targets' | 'ms'>;

/** Whether a bake target is of a kind, the image or the test stage, say: of several nodes each platform has its own, `test-linux-arm64`. */
export function isTargetFor(kind: 'image' | 'test' | 'app' | 'bytecode' | 'report', target: string): boolean {
  return target === kind || target.startsWith(`${kind}-`);
}

/** How many of a build's steps were cached, of those of a Dockerfile that the build came to: what is below a cached one is not needed. */
export function countSteps(steps: readonly Step[]): { readonly cached: number; readonly total: number } {
  const real = steps.filter((step) => isReal(step) && (step.cached || ran(step)));
  return { cached: real.filter(({ cached }) => cached).length, total: real.length };
}

/** Whether a step ran: one that nothing needed, because what is made from it was cached, did not, nor did it come from a cache. */
export function ran({ cached, ms }: Pick<Step, 'cached' | 'ms'>): boolean {
  return !cached && ms !== undefined;
}

/** Tells whether a step of the image itself ran. Those of a test stage always do, and a base image is fetched, not made. */
export function hasChanged(steps: readonly Step[]): boolean {
  const own = steps.filter(
    ({ targets }) => targets.length === 0 || targets.some((target) => !isTargetFor('test', target)),
  );
  return own.filter(isReal).some((step) => ran(step) && !/^\[[^\]]*\] FROM /.test(step.name));
}

function isReal({ name }: Step): boolean {
  return !/\binternal\]|^(?:\[auth\]|importing|exporting|resolve|docker-image:)/.test(name);
}
