import { ActionError } from '../../src/errors.ts';
import { type Inputs, parseInputs } from '../../src/inputs.ts';

/** The inputs of a workflow that gives these beside an image. */
export function parse(given: Readonly<Record<string, string>>): Inputs {
  const all = Object.entries({ image: 'ghcr.io/acme/app', ...given });
  return parseInputs(new Map(all.map(([name, value]) => [name.toUpperCase(), value])));
}

/** What the gate says of wrong inputs. */
export function problemsOf(given: Readonly<Record<string, string>>): string {
  try {
    parse(given);
  } catch (error) {
    if (error instanceof ActionError && error.code === 'invalid-input') return error.message;
    throw error;
  }
  throw new Error('no problem was found');
}
