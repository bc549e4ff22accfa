// What a command says of options that it does not have.

import { parseArgs } from 'node:util';

/**
 * Reads the command line; an Error that shows the usage where it has an option that is not there.
 * @template {import('node:util').ParseArgsConfig} T
 * @param {T} config @param {string} usage
 * @returns {ReturnType<typeof parseArgs<T>>}
 */
export function readArguments(config, usage) {
  try {
    return parseArgs(config);
  } catch (error) {
    const [said] = /** @type {Error} */ (error).message.split('. '); // Node goes on about `--`
    throw new Error(`${said}.\n${usage}`);
  }
}
