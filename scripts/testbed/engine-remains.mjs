// What a killed engine leaves behind: live helpers, sockets, pid files, mounts. Nothing of it may stop the next start.

import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { run, signalProcess, startTime, stopProcess } from './process.mjs';

/** @typedef {{ programs: string, runtime: string, socket: string, pidFile: string }} Places */

/**
 * Makes the runtime folder safe to start in. Helpers that survived their dockerd are left for the next one to take
 * over, unless asked to end them; where none lives the whole runtime folder and all mounts go, as on a fresh boot.
 * @param {Places} places
 * @param {{ evenIfAlive?: boolean }} [options]
 */
export async function sweepRuntime(places, { evenIfAlive = false } = {}) {
  rmSync(places.socket, { force: true });
  rmSync(places.pidFile, { force: true });
  if (evenIfAlive) await endHelpers(places);
  if (processesOf(places.programs).length > 0) {
    dropForeignPidFile(places);
    return;
  }
  for (const mount of mountsBelow(dirname(places.socket)).reverse()) await run(['umount', '-l', mount]);
  rmSync(places.runtime, { recursive: true, force: true });
}

/** Ends containerd, its shims and port proxies: all that run a program of ours. @param {Places} places */
async function endHelpers({ programs }) {
  const helpers = processesOf(programs).map((pid) => ({ pid, started: startTime(pid) ?? '' }));
  for (const { pid } of helpers) signalProcess(pid, 'SIGTERM');
  await Promise.all(helpers.map((helper) => stopProcess(helper, { graceMs: 3_000 })));
}

/** A new dockerd trusts containerd's pid file, even where that number now belongs to another program. @param {Places} places */
function dropForeignPidFile({ programs, runtime }) {
  const file = join(runtime, 'containerd', 'containerd.pid');
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (!programOf(pid)?.startsWith(join(programs, 'usr', 'bin', 'containerd'))) rmSync(file);
  } catch {
    // there is no pid file: nothing to drop
  }
}

/** The processes whose program lies in this folder. @param {string} folder */
function processesOf(folder) {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && programOf(pid)?.startsWith(folder + sep) && startTime(pid) !== undefined);
}

/** @param {number} pid */
function programOf(pid) {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined; // a kernel thread, somebody else's, or gone
  }
}

/** Mount points below a folder, outer ones first. @param {string} folder */
function mountsBelow(folder) {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .trim()
    .split('\n')
    .map((line) =>
      line.split(' ')[4].replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
  return points.filter((point) => point.startsWith(folder + sep));
}
