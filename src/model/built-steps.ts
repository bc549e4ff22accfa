import type { BuildStep } from './build-progress-steps.ts';

type Step = Pick<BuildStep, 'name' | 'cached' | 'targets' | 'ms'>;

/** How many of a build's steps were cached, of those of a Dockerfile that the build came to: what is below a cached one is not needed. */
export function countSteps(steps: readonly Step[]): { readonly cached: number; readonly total: number } {
  const real = steps.filter((step) => isReal(step) && (step.cached || step.ms !== undefined));
  return { cached: real.filter(({ cached }) => cached).length, total: real.length };
}

/** Tells whether a step of the image itself ran. Those of a test stage always do, and a base image is fetched, not made. */
export function hasRun(steps: readonly Step[]): boolean {
  const own = steps.filter(({ targets }) => targets.length === 0 || targets.some((target) => target !== 'test'));
  return own.filter(isReal).some(({ name, cached }) => !cached && !/^\[[^\]]*\] FROM /.test(name));
}

function isReal({ name }: Step): boolean {
  return !/\binternal\]|^(?:importing|exporting|resolve|docker-image:)/.test(name);
}
