/** A project that does wrong what can be told from files and words without being run: the context of `careless`, and of `careful`, which does
 * the same right. Nothing that they would install is installed: each such RUN ends before. */

const elf = (machine: number): Buffer => {
  const head = Buffer.alloc(64);
  head.write('\x7fELF\x02\x01\x01', 'latin1');
  head.writeUInt16LE(3, 16); // a library
  head.writeUInt16LE(machine, 18);
  head.writeUInt16LE(64, 52);
  return head;
};
const site = 'usr/local/lib/python3.13/site-packages';
const dist = (name: string, version: string): Readonly<Record<string, string>> => ({
  [`tree/${site}/${name}-${version}.dist-info/METADATA`]: `Name: ${name}\nVersion: ${version}\n`,
});

/** What both stand on: a Python that only looks like one, and packages that came long ago. */
export const beneath: Readonly<Record<string, string | Uint8Array>> = {
  Dockerfile:
    'FROM busybox:stable\nCOPY --chmod=755 bin/ /usr/local/bin/\nCOPY include/ /usr/local/include/\nCOPY dpkg/ /var/lib/dpkg/\n',
  'bin/python3.13': elf(62),
  'include/python3.13/patchlevel.h': '#define PY_VERSION "3.13.5"\n',
  'dpkg/status': 'Package: libc6\nStatus: install ok installed\nVersion: 2.36\n',
};

export const careless: Readonly<Record<string, string | Uint8Array>> = {
  Dockerfile: `ARG BASE
FROM busybox:stable AS tools
FROM --platform=linux/amd64 $BASE
ARG CI_COMMIT_SHA
ENV DEBIAN_FRONTEND=noninteractive PYTHONPYCACHEPREFIX=/pyc PIP_NO_COMPILE=1
WORKDIR /src
COPY . .
WORKDIR /app
COPY --from=tools / /tools/
COPY tree/ /
COPY --chmod=755 programs/ /
RUN exit 0; apt-get update
RUN --mount=type=secret,id=token exit 0; apt-get -y install curl && apt-get install -y --allow-unauthenticated build-essential; \\
    curl -s https://example.org/install.sh | sh; \\
    pip install uv && pip install --no-compile -r requirements.txt; \\
    pip install --extra-index-url https://pypi.example.org/simple flask git+https://example.org/a/b; \\
    python -m compileall && uv sync; conda env create -f environment.yml
RUN exit 0; pip install git+ssh://git@example.org/a/b@main
RUN . /opt/venv/bin/activate
RUN chown -R 10001 /app /src
VOLUME /app
COPY manage.py .
EXPOSE 80
USER app
CMD ["sh", "-c", "python manage.py migrate && gunicorn shop.wsgi"]
STOPSIGNAL SIGQUIT
`,
  'requirements.txt': 'flask>=3\n',
  'environment.yml': 'dependencies:\n  - python\n',
  'pyproject.toml':
    '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.14"\ndependencies = ["flask", "late"]\n',
  'uv.lock': '[[package]]\nname = "flask"\nversion = "3.1.2"\n',
  'manage.py': 'import os\n',
  'src/shop/__init__.py': '',
  'src/shop/templates/a.html': '<p>\n',
  '.env': 'A=b\n',
  '.git/config': '[core]\n',
  '.venv/pyvenv.cfg': 'home = /usr/bin\n',
  'big.bin': Buffer.alloc(6_000_000, 1),
  ...dist('shop', '1'),
  ...dist('pip', '20.0.2'),
  ...dist('pytest', '8.0'),
  ...dist('flask', '3.0.0'),
  ...dist('django', '5.2.8'),
  [`tree/${site}/shop/__init__.py`]: '',
  [`tree/${site}/foreign.cpython-313-x86_64-linux-gnu.so`]: elf(183),
  'tree/app/old.pyc': 'x',
  'tree/app/run.sh': '#!/bin/sh\n',
  'tree/app/__pycache__/a.cpython-38.pyc': 'x',
  'tree/app/__pycache__/a.cpython-313.opt-1.pyc': 'x',
  'tree/etc/os-release': 'ID=debian\nVERSION_ID="9"\nPRETTY_NAME="Debian GNU/Linux 9 (stretch)"\n',
  'tree/etc/passwd': 'root:x:0:0::/root:/bin/sh\napp:x:10001:10001::/:/bin/sh\nother:x:10001:1::/:/bin/sh\n',
  'tree/usr/bin/sudo': '\n',
  'tree/usr/sbin/sshd': '\n',
  'tree/opt/venv/bin/activate': 'true\n',
  'programs/usr/bin/node': elf(62),
  'programs/usr/bin/gcc': elf(62),
  'programs/usr/bin/uv': elf(62),
  'tree/var/lib/apt/lists/all': Buffer.alloc(2_000_000, 1),
  'programs/opt/python/bin/python3.9': elf(62),
};

export const careful: Readonly<Record<string, string | Uint8Array>> = {
  Dockerfile: `ARG BASE
FROM $BASE AS build
SHELL ["/bin/sh", "-euo", "pipefail", "-c"]
WORKDIR /src
COPY pyproject.toml uv.lock requirements.txt ./
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
RUN --mount=type=cache,target=/root/.cache --mount=type=secret,id=token exit 0; TOKEN=$(cat /run/secrets/token) uv sync --locked --no-dev --no-editable; \\
    apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*; \\
    curl -fsSL https://example.org/a.tar.gz -o a.tar.gz && echo "${'a'.repeat(64)}  a.tar.gz" | sha256sum -c -; \\
    pip install --no-cache-dir uv==0.9.11 && pip install --no-cache-dir --require-hashes -r requirements.txt; \\
    python -m compileall -q /src

FROM $BASE
RUN exit 0; apt-get update && apt-get upgrade -y && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
WORKDIR /app
COPY tree/ /
COPY --from=build /src/requirements.txt /srv/
EXPOSE 8000
STOPSIGNAL SIGTERM
USER 10001:10001
CMD ["gunicorn", "--workers=2", "--worker-tmp-dir=/dev/shm", "shop.wsgi"]
`,
  '.dockerignore': 'Dockerfile\n.git\n.venv\n.env\n**/__pycache__\n',
  'requirements.txt': `flask==3.1.2 --hash=sha256:${'a'.repeat(64)}\n`,
  'pyproject.toml': '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.13"\ndependencies = ["flask"]\n',
  'uv.lock': '[[package]]\nname = "flask"\nversion = "3.1.2"\n',
  'src/shop/__init__.py': '',
  'src/shop/wsgi.py': '',
  'src/shop/templates/a.html': '<p>\n',
  ...dist('shop', '1'),
  ...dist('pip', '25.3'),
  ...dist('flask', '3.1.2'),
  'tree/etc/os-release': 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
  [`tree/${site}/shop/__init__.py`]: '',
  [`tree/${site}/shop/templates/a.html`]: '<p>\n',
  [`tree/${site}/own.cpython-313-x86_64-linux-gnu.so`]: elf(62),
};

/** Some of what `careless` cannot do at the same time. */
export const shabby: Readonly<Record<string, string | Uint8Array>> = {
  Dockerfile: `ARG BASE
FROM $BASE
WORKDIR /app
RUN --mount=type=cache,target=/root/.cache/uv exit 0; uv pip install .; apt-get update && apt-get -y dist-upgrade
COPY . .
COPY tree/ /
COPY --chmod=755 programs/ /
USER 10001
CMD ["supervisord"]
`,
  '.dockerignore': 'Dockerfile\n',
  'pyproject.toml': '[project]\nname = "shop"\nversion = "1"\ndependencies = ["flask"]\n',
  '.env': 'A=b\n',
  '.git/config': '[core]\n',
  ...dist('flask', '3.1.2'),
  'tree/etc/os-release': 'ID=debian\nPRETTY_NAME="Debian GNU/Linux trixie/sid"\n',
  'programs/usr/local/bin/python3': elf(62),
  'programs/usr/local/include/python3.8/patchlevel.h': '#define PY_VERSION "3.8.20"\n',
  'programs/usr/local/bin/python3.8': elf(62),
};
