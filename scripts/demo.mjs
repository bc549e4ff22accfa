// npm run demo [-- DIR] [--verbose]: the whole action on this machine, on a real engine and a real registry.

import { installPackages } from './install.mjs';
import { readArguments } from './usage.mjs';

const USAGE = `npm run demo                 examples/python-app through a push to main, a pull request and another push to main
npm run demo -- DIR          the same with a repository of yours: a git work tree with a Dockerfile in DIR
npm run demo -- --verbose    with every line of the action's own log`;

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/** @returns {{ dir: string | undefined, verbose: boolean }} */
function parseArguments() {
  const options = /** @type {const} */ ({
    verbose: { type: 'boolean', short: 'v' },
    help: { type: 'boolean', short: 'h' },
  });
  const { values, positionals } = readArguments({ allowPositionals: true, options }, USAGE);
  if (values.help) {
    say(USAGE);
    process.exit(0);
  }
  if (positionals.length > 1) throw new Error(`one folder at most, not ${positionals.length}.\n${USAGE}`);
  return { dir: positionals[0], verbose: values.verbose ?? false };
}

async function main() {
  const { dir, verbose } = parseArguments();
  installPackages({ log: say });
  const { findProject } = await import('./demo/project.mjs'); // needs the npm packages
  const project = await findProject(dir);
  const { tellStory } = await import('./demo/story.mjs');
  return tellStory(project, { verbose, say });
}

await main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    process.stderr.write(`${/** @type {Error} */ (error).message}\n`);
    process.exitCode = 1;
  },
);
