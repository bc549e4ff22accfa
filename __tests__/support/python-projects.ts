/** Makes, inside the image, what git cannot carry: odd names, owners, modes, links, and bytecode that must not stay. */
const prepare = `
import importlib.util, os, shutil, stat
def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    open(path, 'wb').write(text); os.chmod(path, mode)
write('sp ace/new\\nline.py', b'x = 1')
write(b'odd/caf\\xe9.py', b'x = 1')
write('odd/dotted.name.py', b'x = 1')
write('setgid/inside.py', b'x = 1', 0o640); os.chown('setgid', 1234, 4321); os.chown('setgid/inside.py', 1234, 4321)
os.chmod('setgid', 0o2750)
write('sticky/inside.py', b'x = 1'); os.chmod('sticky', 0o1777)
write('closed/inside.py', b'x = 1', 0o444); os.chmod('closed', 0o555)
os.symlink('/usr/lib/python3.11/this.py', 'leaves.py'); os.symlink('own.py', 'stays.py'); os.symlink('/usr', 'usr')
tag = 'cpython-311'
def pyc(path, code, source, flags=1):
    import marshal
    body = importlib.util.source_hash(source) if flags else (0).to_bytes(8, 'little')
    write(path, importlib.util.MAGIC_NUMBER + flags.to_bytes(4, 'little') + body + marshal.dumps(compile(code, 'x', 'exec')))
pyc('__pycache__/own.%s.pyc' % tag, 'NAME = "forged"', open('own.py', 'rb').read())
pyc('__pycache__/stays.%s.pyc' % tag, 'NAME = "stale"', b'', 0)
pyc('__pycache__/own.cpython-39.pyc', 'NAME = "foreign"', b'')
pyc('__pycache__/own.%s.opt-1.pyc' % tag, 'NAME = "other level"', b'')
pyc('__pycache__/gone.%s.pyc' % tag, 'NAME = "no source"', b'')
pyc('sourceless.pyc', 'NAME = "program"', b'')
`;

/** Modules that must not run where bytecode is made: named like ones of the standard library, and what \`site\` imports. */
const trap = 'import os\nif os.getuid() == 0: os._exit(9)\n';

/** A project with everything that is hard: a virtual environment copied between stages whose packages are read-only, an editable
 * install of either kind, a user, odd names, and bytecode of every wrong kind. */
export const hardProject: Readonly<Record<string, string>> = {
  Dockerfile: [
    'FROM python:3.11-slim AS build',
    'RUN python -m venv --without-pip /opt/venv',
    'COPY packages /opt/venv/lib/python3.11/site-packages',
    'FROM python:3.11-slim',
    'COPY --from=build /opt/venv /opt/venv',
    'RUN chmod -R a-w /opt/venv/lib/python3.11/site-packages',
    'COPY src /srv/src',
    'WORKDIR /srv/app',
    'COPY app .',
    'COPY prepare.py /tmp/',
    'RUN python -I /tmp/prepare.py && rm /tmp/prepare.py',
    'ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/srv/src/extra:relative',
    'LABEL maker=me',
    'VOLUME /srv/app/data',
    'EXPOSE 8000',
    'STOPSIGNAL SIGINT',
    'HEALTHCHECK --interval=9s CMD ["true"]',
    'SHELL ["/bin/sh", "-ec"]',
    'USER 1234:4321',
    'ENTRYPOINT ["python"]',
    'CMD ["own.py"]',
    '',
  ].join('\n'),
  '.dockerignore': '.git\n',
  'prepare.py': prepare,
  'app/own.py': 'NAME = "own"\nprint(NAME)\n',
  'app/data/kept.py': 'x = 1\n',
  'app/json.py': trap,
  'app/ast.py': trap,
  'app/sitecustomize.py': trap,
  'app/encodings/__init__.py': trap,
  'app/relative/mod.py': 'x = 1\n',
  'app/left/out.py': 'x = 1\n',
  'app/node_modules/gyp/main.py': 'x = 1\n',
  'src/extra/extra.py': 'x = 1\n',
  'src/editable/edited.py': 'x = 1\n',
  'src/mapped/mapped/__init__.py': 'x = 1\n',
  'packages/third/__init__.py': 'VALUE = 3\n',
  'packages/third/template.py': 'print "python 2"\n',
  'packages/sitecustomize.py': trap,
  'packages/editable.pth': '/srv/src/editable\nimport os; os.getuid() == 0 and os._exit(9)\n',
  'packages/__editable___mapped_finder.py': "MAPPING: dict[str, str] = {'mapped': '/srv/src/mapped/mapped'}\n",
};

/** What takes long and is looked at once. */
export const withoutLibrary = '/usr/lib/python3**\n/usr/local/**';

/** Two Pythons, no shell, and an optimisation level; 3.13 is the one that runs the code. */
export const twoPythons: Readonly<Record<string, string>> = {
  Dockerfile: [
    'FROM python:3.11-slim AS older',
    'FROM python:3.13-slim',
    'COPY --from=older /usr/bin/python3.11 /usr/bin/python3.11',
    'COPY --from=older /usr/lib/python3.11 /usr/lib/python3.11',
    'RUN python3.11 -B -m venv --without-pip /opt/older && mkdir -p /usr/lib/python3.13/test',
    'RUN touch /usr/lib/python3.13/test/case.py && rm /bin/sh /bin/bash /bin/dash',
    'WORKDIR /srv',
    'COPY main.py newer.py ./',
    'ENV PYTHONOPTIMIZE=1 PYTHONDONTWRITEBYTECODE=1',
    'CMD ["python3", "main.py"]',
    '',
  ].join('\n'),
  '.dockerignore': '.git\n',
  'main.py': 'import newer\n',
  'newer.py': 'type Pair = tuple[int, int]\nassert False\n',
};

/** An image without Python. */
export const noPython: Readonly<Record<string, string>> = {
  Dockerfile: 'FROM busybox:stable\nCOPY message /app/\nCMD ["cat", "/app/message"]\n',
  '.dockerignore': '.git\n',
  message: 'hello\n',
};

/** A module of the user's own that no Python takes, and the bytecode in a place of its own. */
export const brokenProject: Readonly<Record<string, string>> = {
  Dockerfile: [
    'FROM python:3.11-slim AS base',
    'ONBUILD RUN echo base > /triggered',
    'FROM base AS app',
    'WORKDIR /srv',
    'COPY *.py ./',
    'ENV PYTHONPYCACHEPREFIX=/var/cache/python',
    'USER 1000',
    'CMD ["python", "fine.py"]',
    'FROM app AS parent',
    'ONBUILD RUN echo own > /never',
    'FROM app AS taken',
    'USER root',
    'RUN mkdir /.slipway-bytecode && touch /.slipway-bytecode/json.py',
    'FROM app AS useless',
    'ENV PYTHONPYCACHEPREFIX=/dev/shm/python',
    '',
  ].join('\n'),
  '.dockerignore': '.git\n',
  'fine.py': 'x = 1\n',
  'broken.py': 'x = 1\ny = = 2\n',
};
