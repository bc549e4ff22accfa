import type { ProcessFacts, Socket } from '../../audit/probe-facts.ts';

/** What a look at a running container showed; undefined for what it could not tell. */
export interface Look {
  readonly listening: readonly Socket[] | undefined;
  readonly processes: readonly ProcessFacts[];
  readonly orphan: 'reaped' | 'zombie' | undefined;
  /** The interpreter of the first process that is a Python, as it was called; empty where none is. */
  readonly python: string;
}

/** The same look by a shell and the usual small programs, where there is no Python; its first argument says of what. */
export const shellLook = `
for name in tcp tcp6; do [ -r /proc/net/$name ] && echo "@$name" && cat /proc/net/$name; done
for one in /proc/[0-9]*; do
  pid=\${one#/proc/}
  [ "$pid" = $$ ] || { echo "@process $pid"; cat "$one/status" 2>/dev/null; }
done
[ "$1" = all ] || exit 0
pid=$(sh -c '(sleep 0.2 >/dev/null 2>&1 & echo $!)')
sleep 1.5
echo @orphan
if [ -z "$pid" ]; then echo '?'; elif [ -e "/proc/$pid/status" ]; then cat "/proc/$pid/status"; else echo gone; fi
`;

/** Reads what `look.py` or the shell wrote; whatever else an image prints is passed over. */
export function parseLook(text: string): Look {
  const sections = text.split(/^@/m).slice(1);
  const bodies = (name: string): readonly string[] =>
    sections.filter((one) => one.startsWith(`${name}\n`)).map((one) => one.slice(name.length + 1));
  const tables = [...bodies('tcp'), ...bodies('tcp6')];
  const processes = withinContainer(sections.flatMap(readProcess));
  return {
    listening: tables.length === 0 ? undefined : tables.flatMap(readSockets),
    processes: processes.map(({ process }) => process).toSorted((a, b) => a.pid - b.pid),
    orphan: readOrphan(bodies('orphan').at(-1)?.trim() ?? ''),
    python: processes.find(({ python }) => python !== '')?.python ?? '',
  };
}

/** What PID 1 has brought forth: what looks comes from outside, and so do its children. */
function withinContainer<T extends { readonly process: ProcessFacts }>(all: readonly T[]): readonly T[] {
  const inside = new Set([1]);
  for (const { process } of all.toSorted((a, b) => a.process.pid - b.process.pid))
    if (inside.has(process.parent)) inside.add(process.pid);
  return all.filter(({ process }) => inside.has(process.pid));
}

function readOrphan(text: string): Look['orphan'] {
  if (text === 'gone') return 'reaped';
  return text === 'Z' || /^State:\s*Z/m.test(text) ? 'zombie' : undefined;
}

function readProcess(section: string): readonly { readonly process: ProcessFacts; readonly python: string }[] {
  const pid = Number(/^process (\d+)\n/.exec(section)?.[1] ?? Number.NaN);
  const field = (name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(section)?.[1]?.trim() ?? '';
  const parent = Number(field('PPid') || Number.NaN);
  if (!Number.isInteger(pid) || !Number.isInteger(parent)) return [];
  const unbuffered = field('Unbuffered');
  const process = {
    pid,
    parent,
    name: field('Name'),
    caught: readSignals(field('SigCgt')),
    blocked: readSignals(field('SigBlk')),
    unbuffered: unbuffered === '' ? undefined : unbuffered === 'yes',
  };
  return [{ process, python: field('Python') }];
}

/** A set of signals as the kernel prints it: the lowest bit is signal 1 (proc(5)). */
function readSignals(hex: string): readonly number[] {
  if (!/^[0-9a-f]{1,16}$/i.test(hex)) return [];
  const bits = BigInt(`0x${hex}`);
  return Array.from({ length: 64 }, (_, at) => at + 1).filter((signal) => ((bits >> BigInt(signal - 1)) & 1n) === 1n);
}

const listens = '0A';

/** Lines of /proc/net/tcp and tcp6 whose state is LISTEN (proc(5)). */
function readSockets(table: string): readonly Socket[] {
  return table.split('\n').flatMap((line) => {
    const [, address = '', , state] = line.trim().split(/\s+/);
    const [, host, port] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/i.exec(address) ?? [];
    if (state !== listens || host === undefined || port === undefined) return [];
    return [{ address: host.length === 8 ? readIpv4(host) : readIpv6(host), port: Number.parseInt(port, 16) }];
  });
}

/** Words of four bytes in the machine's order; all of ours are little-endian. */
function readIpv4(hex: string): string {
  return Buffer.from(hex, 'hex').reverse().join('.');
}

function readIpv6(hex: string): string {
  const words = [0, 8, 16, 24].map((at) => Buffer.from(hex.slice(at, at + 8), 'hex').reverse());
  const bytes = Buffer.concat(words);
  if (bytes.subarray(0, 12).toString('hex') === '00000000000000000000ffff') return bytes.subarray(12).join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  if (bytes.subarray(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1';
  return bytes.toString('hex').replace(/(.{4})(?=.)/g, '$1:');
}
