# Runs in the image's own Python by `python -B -c`, with a JSON object as its argument, and prints a line of JSON: a field for each
# question, `{"value": ...}` or `{"error": "why not"}`.
import json, os, sys, time

ASKED = json.loads(sys.argv[1])
# of the question that is being answered
DEADLINE = 0.0


def writable(folder):
    """Why nothing can be written in a folder; empty where it can."""
    path = os.path.join(folder, ".slipway-%d" % os.getpid())
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        os.unlink(path)
        return ""
    except OSError as error:
        return error.strerror or str(error)


def user():
    import pwd, tempfile

    try:
        pwd.getpwuid(os.getuid())
        named = True
    except KeyError:
        named = False
    home = os.path.expanduser("~")
    try:
        temporary = writable(tempfile.gettempdir())
    except OSError as error:
        temporary = error.strerror or str(error)
    return {"uid": os.getuid(), "named": named, "home": home, "homeTrouble": writable(home), "temporaryTrouble": temporary}


def trust():
    import importlib.util, re, ssl

    paths = ssl.get_default_verify_paths()
    found = ssl.create_default_context().cert_store_stats()["x509_ca"] > 0
    # certificates in a folder are read when one is asked for
    for folder in (paths.capath or "").split(os.pathsep):
        if folder and os.path.isdir(folder):
            found = found or any(re.match(r"[0-9a-f]{8}\.\d+$", name) for name in os.listdir(folder))
    return {"certificates": found, "certifi": importlib.util.find_spec("certifi") is not None}


def zones():
    if sys.version_info < (3, 9):
        return None
    import zoneinfo

    try:
        zoneinfo.ZoneInfo("Europe/Berlin")
        return True
    except zoneinfo.ZoneInfoNotFoundError:
        return False


def encodings():
    return {"files": sys.getfilesystemencoding(), "output": sys.stdout.encoding}


def loses_output():
    import subprocess

    program = "import os; print('said'); os.kill(os.getpid(), 9)"
    done = subprocess.run([sys.executable, "-B", "-c", program], stdout=subprocess.PIPE, timeout=10)
    return b"said" not in done.stdout


def find_packaging():
    for prefix in ("packaging", "pip._vendor.packaging", "setuptools._vendor.packaging", "setuptools.extern.packaging"):
        try:
            __import__(prefix + ".requirements")
            return sys.modules[prefix + ".requirements"], sys.modules[prefix + ".utils"]
        except (ImportError, KeyError):
            continue
    raise RuntimeError("nothing in the image reads requirements (packaging, pip)")


DISTRIBUTIONS = {}


def distributions():
    """Version, requirements and all the rest of each by its name; read once, as that takes a while."""
    from importlib import metadata

    if not DISTRIBUTIONS:
        for dist in metadata.distributions():
            told = dist.metadata
            if told["Name"]:
                needs = told.get_all("Requires-Dist") or []
                DISTRIBUTIONS.setdefault(told["Name"], (told["Version"] or "", needs, dist))
    return DISTRIBUTIONS


def conflicts():
    if not any(needs for _, needs, _ in distributions().values()):
        return []
    requirements, utils = find_packaging()
    versions = {utils.canonicalize_name(name): version for name, (version, _, _) in distributions().items()}
    found = []
    for name, (version, needs, _) in sorted(distributions().items()):
        for text in needs:
            try:
                need = requirements.Requirement(text)
            except Exception:
                continue
            if need.marker is not None and not need.marker.evaluate({"extra": ""}):
                continue
            there = versions.get(utils.canonicalize_name(need.name))
            if there is None:
                found.append("%s %s needs %s, which is not installed" % (name, version, need.name))
            elif not need.specifier.contains(there, prereleases=True):
                found.append("%s %s needs %s%s, and %s is installed" % (name, version, need.name, need.specifier, there))
    return found[:50]


def programs():
    import shutil

    pip = shutil.which("pip") or ""
    runs = ""
    if pip:
        with open(pip, "rb") as file:
            first = file.readline(512)
        words = first[2:].split() if first.startswith(b"#!") else []
        # a shell's trick for long paths, or env, names it elsewhere
        runs = words[0].decode() if words and os.path.basename(words[0]).startswith(b"python") else ""
    return {
        "python": shutil.which("python") or "",
        "python3": shutil.which("python3") or "",
        "pip": pip,
        "pipPython": runs,
        "virtualEnv": os.environ.get("VIRTUAL_ENV", ""),
    }


def own_distributions():
    found = []
    for name, (version, _, dist) in sorted(distributions().items()):
        text = dist.read_text("direct_url.json")
        if text and str(json.loads(text).get("url", "")).startswith("file:"):
            found.append((name, version, dist))
    return found


def own():
    return [{"name": name, "version": version} for name, version, _ in own_distributions()]


def modules():
    names = list(ASKED["modules"])
    for _, _, dist in own_distributions():
        for line in (dist.read_text("top_level.txt") or "").split():
            names.append(line)
        for entry in dist.entry_points:
            if entry.group in ("console_scripts", "gui_scripts"):
                names.append(entry.value.split(":")[0].strip())
    plain = [name for name in names if all(part.isidentifier() for part in name.split("."))]
    return list(dict.fromkeys(plain))[:20]


def import_one(name):
    """Imports a module in this process and says what came of it. What of the standard library is compiled is told elsewhere."""
    import sysconfig

    compiled = []
    own, sites = sysconfig.get_path("stdlib") + os.sep, ("site-packages", "dist-packages")

    def hook(event, args):
        # asking for the frame is an event itself
        if event != "compile":
            return
        try:
            by = sys._getframe(1).f_code.co_filename
            path = os.path.abspath(args[1])
            standard = path.startswith(own) and not path[len(own):].startswith(sites)
            if by.startswith("<frozen importlib.") and path.endswith(".py") and not standard:
                compiled.append(path)
        except Exception:
            pass

    if hasattr(sys, "addaudithook"):
        sys.addaudithook(hook)
    failure = message = ""
    try:
        __import__(name)
    except SystemExit as error:
        failure, message = "ended", "exit status %s" % error.code
    except BaseException as error:
        failure, message = type(error).__name__, str(error)[:300]
        if isinstance(error, (ImportError, SyntaxError)):
            failure = "SyntaxError" if isinstance(error, SyntaxError) else "ImportError"
    unique = list(dict.fromkeys(compiled))
    return {"failure": failure, "message": message, "compiled": unique[:20], "compiledCount": len(unique)}


def apart(work):
    """Does a piece of work in a process of its own, which may end, hang or print as it likes: its result, `late` or `ended`."""
    import select, signal

    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(ours)
            null = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            os.setsid()
            os.write(theirs, json.dumps([work()]).encode() + b"\n")
        finally:
            os._exit(0)
    os.close(theirs)
    limit = min(DEADLINE, time.time() + 6)
    data = b""
    while not data.endswith(b"\n"):
        ready, _, _ = select.select([ours], [], [], max(0, limit - time.time()))
        chunk = os.read(ours, 65536) if ready else b""
        if not chunk:
            break
        data += chunk
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ours)
    if data.endswith(b"\n"):
        return json.loads(data.decode())[0]
    return "late" if time.time() >= limit else "ended"


def import_apart(name):
    done = apart(lambda: import_one(name))
    if isinstance(done, str):
        done = {"failure": done, "message": "", "compiled": [], "compiledCount": 0}
    return dict(done, module=name)


def imports():
    return [import_apart(name) for name in modules()]


# an image's installers come with its base, and nothing but a build runs them
INSTALLERS = {"pip", "setuptools", "pkg_resources", "wheel", "_distutils_hack"}
SKIPPED = {"__pycache__", ".git", "node_modules", "test", "tests", "idle_test", "lib2to3"}


def roots():
    import site, sysconfig

    found = []
    stdlib = os.path.realpath(sysconfig.get_path("stdlib"))
    sites = [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]
    sites = [os.path.realpath(path) for path in sites if os.path.isdir(path)]
    here = os.path.realpath(os.getcwd())
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    apps = [os.path.realpath(path) for path in [here] + [path for path in paths if path] if os.path.isdir(path)]
    others = [path for path in sys.path if path and os.path.isdir(path)]
    others = [os.path.realpath(path) for path in others]
    for path in others:
        if path not in sites and path != stdlib and not path.startswith(stdlib + os.sep) and path not in apps:
            apps.append(path)
    found += [("site", path) for path in sites]
    found += [("app", path) for path in apps if path not in sites and path != stdlib and path != "/"]
    found.append(("stdlib", stdlib))
    return list(dict.fromkeys(found))


def judge(path, level):
    """`loaded`, `missing`, `other`, `stale` or `foreign`, as this interpreter takes the `.pyc` of a source."""
    import _imp, importlib.util

    cached = importlib.util.cache_from_source(path, optimization=level)
    try:
        with open(cached, "rb") as file:
            head = file.read(17)
    except OSError:
        for other in ("", "1", "2"):
            if other != level and os.path.exists(importlib.util.cache_from_source(path, optimization=other)):
                return "other"
        return "missing"
    flags = int.from_bytes(head[4:8], "little")
    if len(head) < 17 or head[:4] != importlib.util.MAGIC_NUMBER or flags > 3:
        return "stale"
    if flags & 1:
        with open(path, "rb") as file:
            same = importlib.util.source_hash(file.read()) == head[8:16]
        return "loaded" if same else ("stale" if flags & 2 else "foreign")
    stat = os.stat(path)
    fresh = head[8:12] == (int(stat.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little")
    return "loaded" if fresh and head[12:16] == (stat.st_size & 0xFFFFFFFF).to_bytes(4, "little") else "stale"


def bytecode():
    level = str(sys.flags.optimize) if sys.flags.optimize else ""
    all_roots = roots()
    taken = {path for _, path in all_roots}
    result = {}
    for kind, root in all_roots:
        count = result.setdefault(kind, {"kind": kind, "sources": 0, "loaded": 0, "missing": 0, "otherLevel": 0,
                                         "stale": [], "staleCount": 0, "foreign": [], "foreignCount": 0})
        for folder, folders, names in os.walk(root):
            if time.time() > DEADLINE:
                raise RuntimeError("there were more sources than could be looked at in time")
            folders[:] = [name for name in folders if name not in SKIPPED and os.path.join(folder, name) not in taken
                          and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))]
            if os.path.exists(os.path.join(folder, "pyvenv.cfg")):
                folders[:] = [name for name in folders if name != "bin"]  # programs, and none that is imported
            if kind == "site" and folder == root:
                folders[:] = [name for name in folders if name not in INSTALLERS]
            for name in names:
                if not name.endswith(".py") or not name[:-3].isidentifier():
                    continue
                path = os.path.join(folder, name)
                try:
                    verdict = judge(path, level)
                except (OSError, ValueError):
                    continue
                count["sources"] += 1
                if verdict in ("stale", "foreign"):
                    count[verdict + "Count"] += 1
                    if len(count[verdict]) < 20:
                        count[verdict].append(path)
                else:
                    count["otherLevel" if verdict == "other" else verdict] += 1
    return list(result.values())


def settings_module():
    import re

    name = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    if name or not os.path.exists("manage.py"):
        return name
    with open("manage.py", encoding="utf-8", errors="replace") as file:
        match = re.search(r"DJANGO_SETTINGS_MODULE['\"]\s*,\s*['\"]([\w.]+)['\"]", file.read(65536))
    return match.group(1) if match else ""


def read_static():
    from django.conf import settings

    root = str(getattr(settings, "STATIC_ROOT", None) or "")
    middleware = list(getattr(settings, "MIDDLEWARE", None) or [])
    storages = getattr(settings, "STORAGES", None) or {}
    storage = str((storages.get("staticfiles") or {}).get("BACKEND") or getattr(settings, "STATICFILES_STORAGE", ""))
    served = ""
    if any("whitenoise" in one.lower() for one in middleware):
        served = "whitenoise"
    elif "Manifest" in storage:
        served = storage
    files = 0
    for _, _, names in os.walk(root) if root else ():
        files += len(names)
    return {"root": root, "files": files, "servedBy": served}


def static_files():
    import importlib.util

    name = settings_module()
    if not name or importlib.util.find_spec("django") is None:
        return None
    os.environ["DJANGO_SETTINGS_MODULE"] = name
    done = apart(lambda: answer(read_static))
    if isinstance(done, str) or "error" in done:
        raise RuntimeError("the settings could not be read: %s" % (done if isinstance(done, str) else done["error"]))
    return done["value"]


def answer(question, seconds=5):
    global DEADLINE
    DEADLINE = time.time() + seconds
    try:
        return {"value": question()}
    except BaseException as error:
        return {"error": ("%s: %s" % (type(error).__name__, error))[:300]}


def main():
    report = {"version": {"value": "%d.%d.%d" % sys.version_info[:3]}, "executable": {"value": sys.executable or ""}}
    questions = [("user", user), ("zones", zones), ("encodings", encodings), ("trust", trust), ("programs", programs),
                 ("losesOutput", loses_output), ("own", own), ("conflicts", conflicts), ("imports", imports),
                 ("staticFiles", static_files), ("bytecode", bytecode)]
    for name, question in questions:
        report[name] = answer(question, ASKED["seconds"] if name in ("imports", "bytecode") else 5)
    sys.stdout.write("\n%s %s\n" % (ASKED["token"], json.dumps(report)))
    sys.stdout.flush()
    os._exit(0)


main()
