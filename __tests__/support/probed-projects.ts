const metadata = (version: string, needs: string): string =>
  `Metadata-Version: 2.1\nName: shop\nVersion: ${version}\nRequires-Dist: ${needs}\n`;
const installed = '{"url": "file:///src", "dir_info": {}}\n';

/** What images of the probes' tests are made from. */
export const files: Readonly<Record<string, string>> = {
  'good/server.py': `import http.server, signal, sys

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    http.server.test(http.server.SimpleHTTPRequestHandler, port=8000, bind="0.0.0.0")
`,
  'good/shop.py': 'import json\n',
  'good.dist-info/METADATA': metadata('1.2', 'pip'),
  'good.dist-info/direct_url.json': installed,
  'good.dist-info/top_level.txt': 'shop\n',
  'careless/server.py': `import http.server, subprocess

if __name__ == "__main__":
    subprocess.Popen(["sleep", "600"])
    try:
        open("/app/server.log", "w").write("started\\n")
    except OSError:
        pass
    http.server.test(http.server.SimpleHTTPRequestHandler, port=8000, bind="127.0.0.1")
`,
  'careless.dist-info/METADATA': metadata('0.0.0', 'nowhere'),
  'careless.dist-info/direct_url.json': installed,
  'broken/broken.py': 'import nowhere\n',
  'settings/settings.py': 'import os\nprint("at", os.environ["DATABASE_URL"])\n',
  'worn/first.py': 'import second\n',
  'worn/second.py': 'import colorsys\n',
  'worn/third.py': '',
  'worn/old.py': '',
  'worn/other.py': '',
  'worn/level.py': '',
  'package/__init__.py': '',
  'bomb.py': `import os, time
while True:
    try:
        if os.fork() == 0:
            time.sleep(600)
    except OSError:
        time.sleep(0.5)
`,
};

export const bases = `FROM python:3.11-slim AS python
WORKDIR /app
FROM python AS compiled
RUN python -m compileall -q /usr/lib/python3.11
`;

const check = `HEALTHCHECK --timeout=20s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000', timeout=2)"]`;
const site = '/usr/local/lib/python3.11/site-packages';
const loop = 'while :; do sleep 0.2; done';

/** Stages, each an image of its own. */
export const images = {
  good: `FROM compiled
COPY good .
COPY good.dist-info ${site}/shop-1.2.dist-info
RUN python -m compileall -q /app ${site} && mkdir bin && touch pyvenv.cfg bin/activate_this.py && useradd --create-home --uid 10001 app
USER 10001
ENV PYTHONUNBUFFERED=1 PYTHONFAULTHANDLER=1
EXPOSE 8000
${check}
CMD ["python", "-m", "server"]
`,
  careless: `FROM compiled
COPY careless .
COPY careless.dist-info ${site}/shop-0.0.0.dist-info
RUN rm -rf /etc/ssl/certs /usr/share/zoneinfo && chmod 777 /app
ENV PYTHONIOENCODING=latin-1 SSL_CERT_FILE=/none VIRTUAL_ENV=/opt/venv
USER 12345
EXPOSE 8000 9000
HEALTHCHECK CMD curl -f http://localhost:8000 || exit 1
CMD ["python", "-m", "server"]
`,
  broken: `FROM compiled
COPY broken .
CMD ["python", "-m", "broken"]
`,
  nothing: `FROM busybox:stable
HEALTHCHECK CMD ["/bin/none"]
ENTRYPOINT ["serve"]
`,
  writes: `FROM busybox:stable
CMD ["sh", "-c", "trap 'exit 0' TERM; echo on > /state || exit 1; ${loop}"]
`,
  rights: `FROM busybox:stable
CMD ["sh", "-c", "trap 'exit 0' TERM; chown 7:7 /tmp || exit 1; ${loop}"]
`,
  settings: `FROM compiled
COPY settings .
CMD ["python", "settings.py"]
`,
  liar: `FROM busybox:stable
CMD ["sh", "-c", "trap 'exit 3' TERM; [ ! -e /pid ] || { echo there is a pid file; exit 1; }; echo 1 > /pid; ${loop}"]
`,
  worn: `FROM python
COPY worn .
COPY package ${site}/package
RUN python -m compileall -q -f old.py && touch -d 2001-01-01 old.py \\
 && python -m compileall -q --invalidation-mode unchecked-hash other.py && echo "changed = 1" > other.py \\
 && python -m compileall -q -o 1 level.py && find / -xdev -name "*.pyc" -not -path "/app/*" -not -path "/proc/*" -delete
CMD ["python", "-m", "first"]
`,
  stranger: `FROM python
USER nobody-here
CMD ["python", "-m", "server"]
`,
  bomb: `FROM python
COPY bomb.py .
CMD ["python", "bomb.py"]
`,
  flood: `FROM busybox:stable
CMD ["yes", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
`,
  deaf: `FROM busybox:stable
HEALTHCHECK CMD true
CMD ["sh", "-c", "trap : TERM INT HUP; ${loop}"]
`,
} as const;
