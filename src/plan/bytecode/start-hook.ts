/** A moment of a start, as the hook in a Python process tells it. Seconds are those of the machine's CLOCK_BOOTTIME. */
export type StartEvent =
  /** A process has begun; `seconds` is when the kernel made it. */
  | { readonly kind: 'begun'; readonly seconds: number }
  /** An import compiled this source. */
  | { readonly kind: 'compiled'; readonly seconds: number; readonly path: string }
  /** A module was looked for, or its code ran, or an address was bound. */
  | { readonly kind: 'alive'; readonly seconds: number };

/** Reads a line of a start's stderr; undefined for one that is not the hook's. */
export function parseStartEvent(line: string, token: string): StartEvent | undefined {
  const [mark, kind, time = '', hex = ''] = line.split(' ');
  const seconds = Number(time);
  if (mark !== token || time === '' || !Number.isFinite(seconds)) return undefined;
  switch (kind) {
    case 'begun':
    case 'alive':
      return { kind, seconds };
    case 'compiled':
      return { kind, seconds, path: Buffer.from(hex, 'hex').toString('utf8') };
  }
  return undefined;
}

/** A `sitecustomize.py` that tells, on the process' stderr, which sources its imports compile; then the image's own one takes its place.
 * It must not import what the program might: only what every interpreter has loaded by then. Python 3.8 or later (PEP 578).
 * @param token what its lines begin with; nobody else knows it. */
export function renderStartHook(token: string): string {
  if (!/^[0-9a-f]+$/.test(token)) throw new Error('the token must be hexadecimal');
  return `import os, sys, time


def install():
    here = os.path.dirname(__file__)
    # the program may point its stderr elsewhere, or close it
    out = os.dup(2)
    mine = os.fstat(out)[1:3]
    now = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    last = [0.0]

    def tell(kind, seconds, rest=""):
        if os.fstat(out)[1:3] == mine:
            os.write(out, ("\\n${token} %s %.4f %s\\n" % (kind, seconds, rest)).encode())

    def is_import():
        # a program's own compile(), and the file that is run as __main__, are not cached by anyone
        return sys._getframe(3).f_code.co_filename == "<frozen importlib._bootstrap>"

    def watch(event, args):
        if event == "compile":
            name = args[1]
            if isinstance(name, str) and name.endswith(".py") and is_import():
                tell("compiled", now(), os.fsencode(name).hex())
        elif event in ("import", "exec", "socket.bind"):
            seconds = now()
            if seconds - last[0] > 0.004:
                last[0] = seconds
                tell("alive", seconds)

    def hook(event, args):
        try:
            watch(event, args)
        except Exception:
            pass

    try:
        with open("/proc/self/stat", "rb") as stat:
            ticks = int(stat.read().rsplit(b")", 1)[1].split()[19])
        # an emulator may not know when, and says 0
        tell("begun", ticks / os.sysconf("SC_CLK_TCK") or now())
    except OSError:
        tell("begun", now())
    sys.addaudithook(hook)
    sys.path[:] = [entry for entry in sys.path if entry != here]


install()
this = sys.modules.pop("sitecustomize")
try:
    import sitecustomize
except ImportError as error:
    if error.name != "sitecustomize":
        raise
finally:
    sys.modules.setdefault("sitecustomize", this)
`;
}
