"""Finds what is to be compiled in this image, has every Python of it compile its own part, and writes the report.

Runs as `python3 -I -S`: nothing of the user's is imported. Everything goes below HOME, in a stage that is thrown away;
what is to be in the image lies under OUT, at its own path.
"""

import ast
import json
import os
import re
import stat
import subprocess
import sys

HOME = '/.slipway-bytecode'
OUT = HOME + '/out'
WORKER = HOME + '/worker.py'
FIXED_TIME = 315532801  # 1980-01-01 00:00:01 UTC, the first second that zip knows: the same files, the same layer
BATCH = 32
STDLIB_TESTS = {'test', 'tests', 'idle_test'}
OWN_KINDS = {'app', 'given'}

settings = json.loads(sys.argv[1])
excluded = re.compile('|'.join('(?:%s)' % one for one in settings['exclude']) or '(?!)', re.DOTALL)
workdir = os.path.realpath(os.getcwd())
environ = {key: value for key, value in os.environ.items() if not key.startswith('PYTHON')}
environ.update(PYTHONHASHSEED='0', PYTHONUTF8='1')
if os.environ.get('PYTHONOPTIMIZE'):
    environ['PYTHONOPTIMIZE'] = os.environ['PYTHONOPTIMIZE']
prefix = os.environ.get('PYTHONPYCACHEPREFIX') or None
if prefix is not None:
    prefix = os.path.realpath(os.path.join(workdir, prefix))

skipped = {}
failed = {}
removed = {}


def skip(path, reason):
    skipped.setdefault(path, reason)


def is_folder(path):
    return stat.S_ISDIR(mode_of(path))


def mode_of(path):
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def is_below(path, folder):
    return path == folder or path.startswith(folder.rstrip('/') + '/')


def look_round():
    """Every program that may be a Python, every virtual environment and every folder of packages, wherever they are."""
    programs, venvs, sites = {}, [], []
    device = os.lstat('/').st_dev
    folders = ['/']
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda one: one.name)
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name == 'node_modules' or entry.path in ('/proc', '/sys', '/dev', HOME):
                    continue
                if entry.name in ('site-packages', 'dist-packages'):
                    sites.append(entry.path)
                if entry.stat(follow_symlinks=False).st_dev == device:
                    folders.append(entry.path)
            elif entry.name == 'pyvenv.cfg':
                venvs.append(folder)
            elif re.fullmatch(r'python(3(\.\d+)?t?)?', entry.name) and is_program(entry.path):
                status = entry.stat(follow_symlinks=False)
                programs.setdefault((status.st_dev, status.st_ino), entry.path)
    of_venvs = {os.path.join(one, 'bin') for one in venvs}
    found = [one for one in programs.values() if os.path.dirname(one) not in of_venvs]
    return sorted(found), sorted(venvs), sorted(sites)


def is_program(path):
    try:
        with open(path, 'rb') as file:
            return os.access(path, os.X_OK) and file.read(4) == b'\x7fELF'
    except OSError:
        return False


def ask(program):
    """What an interpreter says of itself; None where it cannot run the worker."""
    argv = [program, '-s', '-S', '-B', WORKER, 'probe']
    try:
        done = subprocess.run(argv, cwd='/', env=environ, capture_output=True, timeout=60)
        if done.returncode == 0:
            return dict(json.loads(done.stdout.decode()), path=program)
        said = done.stderr.decode('utf-8', 'replace').strip().splitlines()
        reason = said[-1] if said else 'exit status %d' % done.returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    skip(program, 'this Python cannot compile (3.8 or newer is needed): ' + reason)
    return None


def interpreter_of_venv(venv, interpreters):
    """The one its `python` leads to, else one of its version where it says it came from, else one of its version."""
    target = os.path.realpath(os.path.join(venv, 'bin', 'python'))
    home = version = ''
    with open(os.path.join(venv, 'pyvenv.cfg'), encoding='utf-8', errors='replace') as file:
        for line in file:
            key, _, value = line.partition('=')
            if key.strip() == 'home':
                home = value.strip()
            elif key.strip() in ('version', 'version_info'):
                version = '.'.join(value.strip().split('.')[:2])
    for one in interpreters:
        if one['path'] == target:
            return one
    same = [one for one in interpreters if minor(one) == version]
    return next((one for one in same if os.path.dirname(one['path']) == os.path.realpath(home)), (same or [None])[0])


def minor(interpreter):
    return '.'.join(interpreter['version'].split('.')[:2])


def read_paths(site):
    """Folders that the .pth files of a folder of packages name, and those of editable installs; nothing is executed."""
    for name in list_folder(site):
        path = os.path.join(site, name)
        if name.endswith('.pth'):
            for line in read_text(path).splitlines():
                if line.strip() and not line.startswith(('#', 'import ', 'import\t')):
                    yield os.path.join(site, line.rstrip())
        elif name.startswith('__editable__') and name.endswith('_finder.py'):
            found = re.search(r'(?ms)^MAPPING(?:\s*:[^=\n]*)?\s*=\s*(\{.*?\})\s*$', read_text(path))
            try:
                yield from ast.literal_eval(found.group(1)).values() if found else ()
            except (ValueError, SyntaxError, AttributeError):
                skip(path, 'what this editable install maps cannot be read')


def list_folder(path):
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


def read_text(path):
    try:
        with open(path, encoding='utf-8', errors='surrogateescape') as file:
            return file.read()
    except OSError:
        return ''


class Roots:
    """The folders to compile, each for the interpreters that load from it."""

    def __init__(self):
        self.all = {}

    def add(self, path, kind, interpreters):
        path = os.path.realpath(path)
        if not is_folder(path):
            return False
        if kind in OWN_KINDS and self.is_installed(path):
            return True
        known, tags = self.all.setdefault(path, (kind, {}))
        for one in interpreters:
            tags.setdefault(one['cacheTag'], one)
        return True

    def is_installed(self, path):
        return any(kind not in OWN_KINDS and is_below(path, root) for root, (kind, _) in self.all.items())


def find_roots(programs, venvs, sites):
    interpreters = [one for one in map(ask, programs) if one is not None]
    roots = Roots()
    runners = {}
    packages = []  # folders whose .pth files count, with the interpreter that reads them
    for venv in venvs:
        one = interpreter_of_venv(venv, interpreters)
        if one is None:
            skip(venv, 'no Python of this image belongs to this virtual environment')
            continue
        runners.setdefault(one['cacheTag'], one)
        for path in sites:
            if is_below(path, venv) and re.fullmatch(r'/lib\w*/python%s/site-packages' % minor(one), path[len(venv) :]):
                packages.append((path, 'venv', one))
    for one in interpreters:
        for path in one['stdlib']:
            roots.add(path, 'stdlib', [one])
        packages.extend((path, 'site', one) for path in one['sites'])
    known = {os.path.realpath(path) for path, _, _ in packages}
    for path in sites:
        version = path.split('/')[-2]
        if path in known or not re.fullmatch(r'python3\.\d+', version) or any(is_below(path, venv) for venv in skipped):
            continue
        users = [one for one in interpreters if 'python' + minor(one) == version]
        packages.extend((path, 'site', one) for one in users)
        if not users:
            skip(path, 'there is no Python %s in this image' % version[len('python'):])
    for path, kind, one in packages:
        roots.add(path, kind, [one])
    first = first_on_path(interpreters, venvs)
    if first is not None:
        runners.setdefault(first['cacheTag'], first)
    find_own(roots, packages, list(runners.values()) or interpreters)
    return interpreters, roots.all


def first_on_path(interpreters, venvs):
    for folder in environ.get('PATH', '').split(':'):
        for name in ('python3', 'python'):
            path = os.path.join(folder, name)
            if not folder.startswith('/') or not os.access(path, os.X_OK):
                continue
            if os.path.dirname(folder) in venvs:
                return interpreter_of_venv(os.path.dirname(folder), interpreters)
            return next((one for one in interpreters if one['path'] == os.path.realpath(path)), None)
    return None


def find_own(roots, packages, runners):
    for given in settings['paths']:
        path = os.path.join(workdir, given)
        if not roots.add(path, 'given', runners):
            message = 'bytecode-paths names a folder that the image does not have'
            failed[path] = {'path': path, 'own': True, 'line': 0, 'message': message}
    roots.add(workdir, 'app', runners)
    for entry in filter(None, os.environ.get('PYTHONPATH', '').split(':')):
        path = os.path.join(workdir, entry)
        if os.path.isfile(path):
            skip(path, 'PYTHONPATH names a file, and modules in archives have no bytecode of their own')
        else:
            roots.add(path, kind_of(path), runners)
    for site, _, one in packages:
        for path in read_paths(site):
            if isinstance(path, str) and not os.path.isdir(path):
                path = os.path.dirname(path)
            if isinstance(path, str) and path != '/':
                roots.add(path, kind_of(path), [one])


def kind_of(path):
    """What an installer filled (`pip install --target`) is not the user's own."""
    return 'site' if any(name.endswith('.dist-info') for name in list_folder(path)) else 'app'


def walk(root, kind, stops):
    """Each folder of a root with its entries; no hidden ones, no roots of their own, no virtual environments."""
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda one: one.name)
        except OSError as error:
            skip(folder, error.strerror or 'cannot be read')
            continue
        below = []
        for entry in entries:
            if root == '/' or not entry.is_dir():
                continue
            if entry.is_symlink():
                if not is_below(os.path.realpath(entry.path), root):
                    skip(entry.path, 'a link that leaves ' + root)
            elif entry.name in ('__pycache__', 'node_modules') or entry.name.startswith('.') or entry.path in stops:
                continue
            elif excluded.fullmatch(entry.path):
                skip(entry.path, 'bytecode-exclude')
            elif kind == 'stdlib' and entry.name in STDLIB_TESTS:
                skip(entry.path, 'tests of the standard library')
            else:
                below.append(entry.path)
        folders.extend(reversed(below))
        yield folder, entries


def sources_of(entries, root):
    """Names of the modules of a folder that are to be compiled."""
    names = {entry.name for entry in entries}
    for entry in entries:
        stem, ending = os.path.splitext(entry.name)
        if ending == '.pyc' and stem + '.py' not in names and entry.is_file():
            skip(entry.path, 'has no source: Python runs it as it is')
        if ending != '.py' or stem == '' or not entry.is_file():
            continue
        if entry.is_symlink() and not is_below(os.path.realpath(entry.path), root):
            skip(entry.path, 'a link that leaves ' + root)
        elif excluded.fullmatch(entry.path):
            skip(entry.path, 'bytecode-exclude')
        else:
            yield entry.name


def is_excluded(path):
    return path != '/' and (excluded.fullmatch(path) is not None or is_excluded(os.path.dirname(path)))


def cache_of(folder):
    return os.path.join(folder, '__pycache__') if prefix is None else prefix + folder.rstrip('/')


def name_of(source, interpreter):
    level = interpreter['optimize']
    return '%s.%s%s.pyc' % (os.path.splitext(source)[0], interpreter['cacheTag'], '.opt-%d' % level if level else '')


def plan_work(roots, venvs, interpreters):
    """What each interpreter compiles, by its path: the [source, target, level, how] of each folder."""
    work = {}
    stops = {*roots, *venvs}
    for root, (kind, tags) in sorted(roots.items()):
        if is_excluded(root):
            skip(root, 'bytecode-exclude')
            continue
        for folder, entries in walk(root, kind, stops):
            cache = cache_of(folder)
            sources = list(sources_of(entries, root))
            if prefix is None and mode_of(cache) and not is_folder(cache):
                skip(folder, 'its __pycache__ is no folder')
                continue
            expected = {}
            for tag in sorted(tags):
                for name in sources:
                    target = name_of(name, tags[tag])
                    if is_folder(os.path.join(cache, target)):
                        skip(os.path.join(folder, name), 'a folder takes the place of its bytecode')
                    else:
                        how = 'own' if kind in OWN_KINDS else 'installed'
                        expected[target] = (tags[tag], os.path.join(folder, name), tags[tag]['optimize'], how)
            add_present(cache, expected, folder, {one['cacheTag']: one for one in interpreters})
            for target, (one, source, level, how) in sorted(expected.items()):
                pairs = work.setdefault(one['path'], {}).setdefault(folder, [])
                pairs.append([source, os.path.join(cache, target), min(level, 2), how])
    return work


def add_present(cache, expected, folder, known):
    """Bytecode that is there and was not asked for is not trusted: what a Python of this image could load all the same
    (with -O, or where another runs the code) is made anew, and everything else removed."""
    for name in list_folder(cache):
        path = os.path.join(cache, name)
        is_bytecode = name.endswith('.pyc') and stat.S_ISREG(mode_of(path)) and os.path.getsize(path) > 0
        if name in expected or not is_bytecode:
            continue
        base, _, level = name[: -len('.pyc')].partition('.opt-')
        stem, _, tag = base.rpartition('.')
        source = os.path.join(folder, stem + '.py')
        if source in skipped:
            continue
        if not os.path.isfile(source):
            removed[path] = 'its source is gone'
        elif tag not in known or level not in ('', '1', '2'):
            removed[path] = 'of another Python'
        else:
            expected[name] = (known[tag], source, int(level or 0), 'present')


def compile_all(interpreters, work):
    """Has each interpreter compile its part; what came of each target."""
    done = []
    for one in interpreters:
        folders = work.get(one['path'])
        if not folders:
            continue
        batches = [
            pairs[at : at + BATCH] for _, pairs in sorted(folders.items()) for at in range(0, len(pairs), BATCH)
        ]
        for batch in batches:
            os.makedirs(OUT + os.path.dirname(batch[0][1]), exist_ok=True)
        job = os.path.join(HOME, 'job.json')
        with open(job, 'w', encoding='ascii') as file:
            json.dump({'batches': batches, 'out': OUT, 'time': FIXED_TIME, 'checked': settings['checked']}, file)
        argv = [one['path'], '-s', '-S', '-B', WORKER, 'compile', job, job + '.done']
        subprocess.run(argv, cwd='/', env=environ, check=True)
        with open(job + '.done', encoding='ascii') as file:
            done.extend(json.load(file))
    return done


def judge(done):
    """Counts, and the sources that nobody could compile. Bytecode that is there for one of those is dead."""
    compiled = size = unchanged = 0
    good, bad = set(), {}
    for result in done:
        source, target = result['source'], result['target']
        if 'message' in result:
            if result['how'] != 'present':
                bad.setdefault(source, result)
            if stat.S_ISREG(mode_of(target)) and os.path.getsize(target) > 0:
                removed[target] = 'its source does not compile'
        else:
            if result['how'] != 'present':
                good.add(source)
            unchanged += result['size'] == 0
            compiled += result['size'] > 0
            size += result['size']
    for source, result in bad.items():
        if source in good:
            skip(source, 'not every Python of this image compiles it: ' + result['message'])
        else:
            own = result['how'] == 'own'
            failed[source] = {'path': source, 'own': own, 'message': result['message'], 'line': result['line']}
    return {'compiled': compiled, 'bytes': size, 'unchanged': unchanged}


def empty_dead():
    for path in removed:
        os.makedirs(OUT + os.path.dirname(path), exist_ok=True)
        with open(OUT + path, 'wb'):
            pass
        status = os.lstat(path)
        os.chown(OUT + path, status.st_uid, status.st_gid)
        os.chmod(OUT + path, stat.S_IMODE(status.st_mode))
        os.utime(OUT + path, (FIXED_TIME, FIXED_TIME))


def dress_folders():
    """Each folder under OUT gets owner and mode of the one it stands for; a new one what Python would give it."""
    for folder, _, _ in os.walk(OUT, topdown=False):
        if folder != OUT and not os.listdir(folder):
            os.rmdir(folder)
            continue
        path = there = folder[len(OUT) :] or '/'
        while not os.path.lexists(there):
            there = os.path.dirname(there)
        status = os.lstat(there)
        mode = stat.S_IMODE(status.st_mode)
        os.chown(folder, status.st_uid, status.st_gid)
        os.chmod(folder, mode if path == there else mode & 0o2755)
        os.utime(folder, (FIXED_TIME, FIXED_TIME))


def find_useless():
    if prefix is not None and any(is_below(prefix, folder) for folder in ('/dev', '/proc', '/sys')):
        return ['PYTHONPYCACHEPREFIX=%s names a folder that every container mounts anew' % prefix]
    return []


def main():
    if sorted(os.listdir(HOME)) != ['survey.py', 'worker.py'] or os.path.realpath(HOME) != HOME:
        sys.exit('the image has a %s of its own' % HOME)
    os.mkdir(OUT)
    programs, venvs, sites = look_round()
    interpreters, roots = find_roots(programs, venvs, sites)
    if not interpreters:
        sys.exit('no Python of this image can compile: ' + '; '.join(skipped.values()))
    counts = judge(compile_all(interpreters, plan_work(roots, venvs, interpreters)))
    empty_dead()
    dress_folders()
    report = {
        'format': 1,
        'interpreters': [
            {key: one[key] for key in ('path', 'version', 'cacheTag', 'magic', 'optimize')} for one in interpreters
        ],
        'roots': [
            {'path': path, 'kind': kind, 'interpreter': one['path'], 'own': kind in OWN_KINDS, 'deep': path != '/'}
            for path, (kind, tags) in sorted(roots.items())
            for _, one in sorted(tags.items())
        ],
        'pycachePrefix': prefix,
        'skipped': [{'path': path, 'reason': skipped[path]} for path in sorted(skipped)],
        'failed': [failed[path] for path in sorted(failed)],
        'removed': [{'path': path, 'reason': removed[path]} for path in sorted(removed)],
        'useless': find_useless(),
    }
    report.update(counts)
    with open(HOME + '/report.json', 'w', encoding='ascii') as file:
        json.dump(report, file)
    print('%(compiled)d modules compiled, %(bytes)d bytes; %(unchanged)d were there' % counts)


main()
