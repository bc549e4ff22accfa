import { readFileSync, readlinkSync } from 'node:fs';

/** This process as others on the same machine can tell whether it still runs: boot, process namespace, number and start. Empty where the
 * system does not say (no Linux). */
export function describeHolder(): string {
  try {
    return [...placeOfProcesses(), process.pid, startOf(process.pid)].join(' ');
  } catch {
    return ''; // no /proc
  }
}

/** Whether a process is known to have ended; false where nobody here can tell. */
export function hasEnded(holder: string): boolean {
  const [boot, namespace, pid, start] = holder.split(' ');
  if (boot === undefined || namespace === undefined || pid === undefined || start === undefined) return false;
  try {
    const [ourBoot, ourNamespace] = placeOfProcesses();
    return boot === ourBoot && namespace === ourNamespace && startOf(Number(pid)) !== start;
  } catch {
    return false;
  }
}

function placeOfProcesses(): readonly string[] {
  return [readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), readlinkSync('/proc/self/ns/pid')];
}

/** In clock ticks since boot; empty where there is no such process. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
