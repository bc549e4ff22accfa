import type { Inputs } from '../inputs.ts';

/** Whether a test runs the image, so that it has to be on this machine. */
export function runsImage({ image, verify }: Pick<Inputs['tests'], 'image' | 'verify'>): boolean {
  return image.length > 0 || verify !== undefined;
}
