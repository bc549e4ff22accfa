# Runs in a container beside the image's own command, by `python -c`, and tells what the kernel says of it: of `processes`, or of `all`.
import os, sys, time


def read(path):
    with open(path, "rb") as file:
        return file.read(65536)


def orphan():
    """The state of a process whose parent has ended, once it has ended itself; `gone` where PID 1 took its status."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            os.close(ours)
            os.write(theirs, b"%d\n" % os.getpid())
            time.sleep(0.2)
            os._exit(0)
        os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    pid = int(os.read(ours, 32))
    state = "?"
    until = time.time() + 6
    zombie_since = None
    while time.time() < until:
        try:
            state = read("/proc/%d/stat" % pid).rsplit(b")", 1)[1].split()[0].decode()
        except OSError:
            return "gone"
        if state == "Z":
            zombie_since = zombie_since or time.time()
            if time.time() - zombie_since > 0.7:
                break
        time.sleep(0.02)
    return state


def is_python(words):
    name = os.path.basename(words[0]) if words else b""
    return name.startswith(b"python")


def unbuffered(pid, words):
    """`yes` or `no` of a Python; empty for others, and for what another user runs."""
    if not is_python(words):
        return ""
    for word in words[1:]:
        if not word.startswith(b"-") or word in (b"-c", b"-m"):
            break
        if not word.startswith(b"--") and b"u" in word[1:]:
            return "yes"
        if word in (b"-W", b"-X"):
            break
    isolated = any(word[:1] == b"-" and word[1:2] != b"-" and (b"E" in word or b"I" in word) for word in words[1:3])
    try:
        variables = read("/proc/%d/environ" % pid).split(b"\0")
    except OSError:
        return ""
    given = any(one.startswith(b"PYTHONUNBUFFERED=") and len(one) > 17 for one in variables)
    return "yes" if given and not isolated else "no"


def main():
    out = []
    for name in ("tcp", "tcp6"):
        try:
            out.append("@%s\n%s" % (name, read("/proc/net/" + name).decode("ascii", "replace")))
        except OSError:
            pass
    me = os.getpid()
    for entry in sorted((one for one in os.listdir("/proc") if one.isdigit()), key=int)[:200]:
        pid = int(entry)
        if pid == me:
            continue
        try:
            words = [word for word in read("/proc/%d/cmdline" % pid).split(b"\0") if word]
            status = read("/proc/%d/status" % pid).decode("utf-8", "replace")
        except OSError:
            continue
        path = words[0].decode("utf-8", "replace") if is_python(words) else ""
        out.append("@process %d\nPython:\t%s\nUnbuffered:\t%s\n%s" % (pid, path, unbuffered(pid, words), status))
    if sys.argv[1:] == ["all"]:
        out.append("@orphan\n%s\n" % orphan())
    sys.stdout.write("\n".join(out))


main()
