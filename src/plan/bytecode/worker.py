"""Compiles with the Python that runs it. `probe` says what that Python is; `compile JOB DONE` does a job.

Every batch is compiled in a process of its own, forked from one that has compiled nothing: what marshal writes depends on
what a process has seen before, and so the bytes depend on neither the number of processors nor the order of work.
"""

import sys

if not sys.flags.isolated:
    del sys.path[0]  # the script's own folder: nothing is imported from there

import importlib.util
import json
import marshal
import os
import stat
import warnings


def probe():
    import site
    import sysconfig

    folders = {sysconfig.get_path('stdlib'), sysconfig.get_path('platstdlib')}
    return {
        'version': '%d.%d.%d' % sys.version_info[:3],
        'cacheTag': sys.implementation.cache_tag,
        'magic': int.from_bytes(importlib.util.MAGIC_NUMBER[:2], 'little'),
        'optimize': sys.flags.optimize,
        'stdlib': sorted(path for path in folders if os.path.isdir(path)),
        'sites': sorted(path for path in site.getsitepackages() if os.path.isdir(path)),
    }


def compile_one(source, target, level, job):
    """The result's size is 0 where the image has these very bytes already."""
    with open(source, 'rb') as file:
        text = file.read()
        status = os.fstat(file.fileno())
    code = compile(text, source, 'exec', dont_inherit=True, optimize=level)
    flags = 3 if job['checked'] else 1
    head = importlib.util.MAGIC_NUMBER + flags.to_bytes(4, 'little') + importlib.util.source_hash(text)
    data = head + marshal.dumps(code)
    if has_these(target, data):
        return 0
    path = job['out'] + target
    with open(path, 'wb') as file:
        file.write(data)
    os.chown(path, status.st_uid, status.st_gid)
    os.chmod(path, stat.S_IMODE(status.st_mode) & 0o666 | 0o200)
    os.utime(path, (job['time'], job['time']))
    return len(data)


def has_these(path, data):
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        with open(path, 'rb') as file:
            return file.read() == data
    except OSError:
        return False


def compile_batch(batch, job):
    for source, target, level, how in batch:
        result = {'source': source, 'target': target, 'how': how}
        try:
            result['size'] = compile_one(source, target, level, job)
        except (Exception, RecursionError) as error:
            line = getattr(error, 'lineno', None)
            result['line'] = line if isinstance(line, int) and line > 0 else 0
            result['message'] = ('%s: %s' % (type(error).__name__, getattr(error, 'msg', None) or error))[:500]
        yield result


def start(batch, job):
    """The process that compiles a batch, and where it says what came of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading, batch
    os.close(reading)
    status = 1
    try:
        with os.fdopen(writing, 'w', encoding='ascii') as file:
            json.dump(list(compile_batch(batch, job)), file)
        status = 0
    finally:
        os._exit(status)


def finish(running):
    """What came of a batch; None where its process died."""
    child, reading, _ = running
    with os.fdopen(reading, encoding='ascii') as file:
        said = file.read()
    return json.loads(said) if os.waitpid(child, 0)[1] == 0 else None


def compile_all(job):
    waiting = list(reversed(job['batches']))
    running = []
    results = []
    while waiting or running:
        while waiting and len(running) < len(os.sched_getaffinity(0)):
            running.append(start(waiting.pop(), job))
        first = running.pop(0)
        done = finish(first)
        if done is not None:
            results.extend(done)
        elif len(first[2]) > 1:
            waiting.extend([one] for one in first[2])
        else:
            source, target, _, how = first[2][0]
            message = 'the interpreter ended while compiling it'
            results.append({'source': source, 'target': target, 'how': how, 'line': 0, 'message': message})
    return results


def main():
    if sys.argv[1] == 'probe':
        print(json.dumps(probe()))
        return
    warnings.simplefilter('ignore')
    with open(sys.argv[2], encoding='ascii') as file:
        job = json.load(file)
    results = compile_all(job)
    with open(sys.argv[3], 'w', encoding='ascii') as file:
        json.dump(results, file)


main()
