// The action's log as the demo shows it: its story and the steps of the build, or every line.

import { styleText } from 'node:util';
import { annotationOf, parseCommand } from '../testbed/workflow-commands.mjs';

const INDENT = '    ';
const WIDTH = 76;
const STAGE = /^build │ #(\d+) (\[(?!internal)[^\]]+\] .*)$/;
/** How the action lets the runner read commands again after a child's lines. */
const RESUMED = /^::[0-9a-f]{32}::$/;
const ENDED = /^build │ #(\d+) (CACHED|DONE [\d.]+s)$/;

/**
 * @param {{ verbose: boolean, output?: NodeJS.WriteStream }} options
 * @returns {{ line: (line: string) => void, end: () => void }}
 */
export function openLogView({ verbose, output = process.stdout }) {
  const isLive = output.isTTY === true && !verbose;
  const clear = () => {
    if (isLive) output.write('\r\u001b[K');
  };
  const print = (/** @type {string} */ text) => {
    clear();
    output.write(`${dim(INDENT + text, output)}\n`);
  };
  /** What is under way stands in the last line, until something is said. */
  const live = (/** @type {string} */ text) => {
    if (!isLive) return;
    clear();
    output.write(dim((INDENT + plain(text)).slice(0, (output.columns ?? 80) - 1), output));
  };
  const readBuild = buildReader();
  return {
    end: clear,
    line: (line) => {
      if (RESUMED.test(line)) return;
      const command = parseCommand(line);
      const annotation = command === undefined ? undefined : annotationOf(command);
      if (annotation !== undefined) {
        for (const text of annotation.message.split('\n')) print(`${annotation.level}: ${text}`);
      } else if (command !== undefined) {
        if (command.command === 'group') (verbose ? print : live)(`▸ ${command.data}`);
      } else if (verbose || !line.includes(' │ ')) {
        print(line);
      } else {
        live(line);
        const ended = readBuild(line);
        if (ended !== undefined) print(ended);
      }
    },
  };
}

/** Tells of each step of the build once, when it has ended. */
function buildReader() {
  /** @type {Map<string, string>} */
  const stages = new Map();
  /** @type {Set<string>} */
  const told = new Set();
  return (/** @type {string} */ line) => {
    const stage = STAGE.exec(line);
    if (stage !== null) stages.set(stage[1], plain(stage[2]).replaceAll(/\s+/g, ' '));
    const [, number = '', how = ''] = ENDED.exec(line) ?? [];
    const name = stages.get(number);
    if (name === undefined || told.has(name)) return undefined;
    told.add(name);
    return `  ${name.length > WIDTH ? `${name.slice(0, WIDTH - 1)}…` : name.padEnd(WIDTH)}  ${how.replace('DONE ', '').toLowerCase()}`;
  };
}

/** @param {string} text @param {NodeJS.WriteStream} output */
export function dim(text, output = process.stdout) {
  return output.isTTY === true && process.env.NO_COLOR === undefined ? styleText('dim', text) : text;
}

/** @param {string} text */
export function bold(text, output = process.stdout) {
  return output.isTTY === true && process.env.NO_COLOR === undefined ? styleText('bold', text) : text;
}

/** Without what moves the cursor. @param {string} text */
function plain(text) {
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replaceAll(/[\u0000-\u001f\u007f]/g, ' ');
}
