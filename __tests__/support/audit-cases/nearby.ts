import { elf, installed, type MadeImage, python313 } from '../made-image.ts';
import type { AuditCase } from './audit-case.ts';

const file = (...lines: readonly string[]): MadeImage => ({
  dockerfile: `${['FROM python:3.13-slim-trixie', ...lines].join('\n')}\n`,
});
const holds = (path: string, text: string): MadeImage => ({ layers: [{ '/bin/sh': elf() }, { [path]: text }] });
const remote = (url: string): MadeImage => holds('/app/.git/config', `[remote "origin"]\n\turl = ${url}\n`);
const system = (text: string): MadeImage => ({ layers: [{ '/etc/os-release': text }] });
const starts = (...cmd: string[]): MadeImage => ({ config: { cmd } });
const own = 'https://pypi.example.org/simple';
const pip = (options: string): MadeImage => file(`RUN pip install ${options} shop`);
const secret = `ghp_${'a1B2'.repeat(9)}`;

const site = '/usr/local/lib/python3.13/site-packages';
/** A project whose package was installed, with files beside its modules. */
const shop = (files: NonNullable<MadeImage['layers']>[number] = {}): MadeImage => ({
  ...file('COPY . .', 'RUN pip install .'),
  env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  layers: [python313, { ...installed('shop', '1.0'), [`${site}/shop/__init__.py`]: '', ...files }],
  context: {
    'pyproject.toml': '[project]\nname = "Shop"\n',
    ...{ 'src/shop/__init__.py': '', 'src/shop/templates/a.html': '', 'src/shop/static/x/a.css': '' },
    ...{ 'src/shop/tests/b.html': '', 'src/shop/README.md': '', 'src/shop/notes.css': '' },
  },
});
const locked = (...needs: readonly string[]): MadeImage => ({
  ...file('COPY . .', 'RUN uv sync --frozen'),
  context: {
    'pyproject.toml': `[project]\nname = "shop"\ndependencies = ${JSON.stringify(needs)}\n`,
    'uv.lock': 'version = 1\n\n[[package]]\nname = "flask"\nversion = "3.1.2"\n',
  },
});

/** Pairs that differ in the one thing a rule asks for: what is next to a fault and is none, and what is one all the same. */
export const nearbyCases: readonly AuditCase[] = [
  ['remote-code-unverified', 'pass', 'ADD of a git repository', file('ADD https://example.org/a.git#v1 /src')],
  ['remote-code-unverified', 'found', 'ADD of a file and an address', file('ADD a.txt https://example.org/a.sh /x/')],
  [
    'remote-code-unverified',
    'pass',
    'two commands in a row',
    file('RUN curl -o a.sh https://example.org/a; sh -c true'),
  ],
  ['shell-strict', 'found', 'set without pipefail', file('RUN set -e; curl https://example.org/a | tar xz')],
  [
    'shell-strict',
    'found',
    'a SHELL without pipefail',
    file('SHELL ["/bin/bash", "-ec"]', 'RUN curl https://example.org/a | tar xz'),
  ],
  ['shell-strict', 'pass', 'a pipe that fetches nothing', file('RUN cat a | sort')],
  ['shell-strict', 'pass', 'a download in no pipe', file('RUN curl -o a https://example.org/a && cat a')],

  [
    'extra-index-url',
    'found',
    'a private one beside PyPI',
    pip(`--extra-index-url ${own}`),
    /^pip asks pypi\.org and /,
  ],
  ['extra-index-url', 'found', 'PyPI beside a private one', pip(`-i ${own} --extra-index-url https://pypi.org/simple`)],
  ['extra-index-url', 'found', 'a variable', file(`ENV PIP_EXTRA_INDEX_URL=${own}`, 'RUN pip install shop')],
  [
    'extra-index-url',
    'found',
    'a line of the requirements, without its password',
    {
      ...file('COPY . .', 'RUN pip install -r requirements.txt'),
      context: { 'requirements.txt': '--extra-index-url https://me:s3cr3tS3cr3t@pypi.example.org/simple\nshop==1\n' },
    },
    /^pip asks pypi\.org and pypi\.example\.org alike$/,
  ],
  ['extra-index-url', 'found', 'for a project', file(`RUN pip install --extra-index-url ${own} .`)],
  ['extra-index-url', 'pass', 'one index', pip(`--index-url ${own}`)],
  ['extra-index-url', 'pass', 'one index by two addresses', pip('--extra-index-url https://PyPI.org/simple/')],
  ['extra-index-url', 'pass', 'builds for a processor', pip('--extra-index-url https://download.pytorch.org/whl/cpu')],
  ['extra-index-url', 'pass', 'an address that is not known', pip('--extra-index-url "$INDEX"')],
  ['extra-index-url', 'pass', 'hashes', pip(`--require-hashes --extra-index-url ${own}`)],
  [
    'extra-index-url',
    'pass',
    'a hash, since pip then asks for all',
    {
      ...file('COPY . .', `RUN pip install --extra-index-url ${own} -r requirements.txt`),
      context: { 'requirements.txt': `shop==1 --hash=sha256:${'a'.repeat(64)}\nother==1\n` },
    },
  ],
  ['extra-index-url', 'pass', 'uv, which asks one first', file(`RUN uv pip install --extra-index-url ${own} shop`)],

  ['tls-verification-off', 'found', 'Node’s variable', { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } }],
  ['tls-verification-off', 'pass', 'Node’s variable the right way', { env: { NODE_TLS_REJECT_UNAUTHORIZED: '1' } }],
  ['tls-verification-off', 'found', 'git’s variable', { env: { GIT_SSL_NO_VERIFY: 'true' } }],
  ['tls-verification-off', 'pass', 'git’s variable switched off', { env: { GIT_SSL_NO_VERIFY: '0' } }],
  ['tls-verification-off', 'pass', 'git’s variable, empty', { env: { GIT_SSL_NO_VERIFY: '' } }],
  ['tls-verification-off', 'found', 'one host of two', { env: { PIP_TRUSTED_HOST: 'localhost pypi.example.org' } }],
  ['tls-verification-off', 'pass', 'this machine', { env: { PIP_TRUSTED_HOST: 'localhost' } }],
  [
    'tls-verification-off',
    'found',
    'a variable that is told of once',
    { ...file('ENV PYTHONHTTPSVERIFY=0'), env: { PYTHONHTTPSVERIFY: '0' } },
    /^PYTHONHTTPSVERIFY is "0"$/,
  ],
  ['tls-verification-off', 'found', 'a variable of the build', file('ARG PYTHONHTTPSVERIFY=0', 'RUN true')],
  ['tls-verification-off', 'found', 'wget', file('RUN wget --no-check-certificate https://example.org/a')],
  ['tls-verification-off', 'pass', 'wget as it is', file('RUN wget https://example.org/a')],
  ['tls-verification-off', 'pass', 'wget from itself', file('RUN wget --no-check-certificate https://localhost/a')],
  ['tls-verification-off', 'found', 'npm', file('RUN npm config set strict-ssl false')],
  ['tls-verification-off', 'pass', 'npm the right way', file('RUN npm config set strict-ssl true')],

  ['secret-file-in-any-layer', 'found', 'a .netrc', holds('/app/.netrc', 'machine a login me password s3cr3tS3cr3t\n')],
  ['secret-file-in-any-layer', 'pass', 'a .netrc to be filled', holds('/app/.netrc', 'machine a password $TOKEN\n')],
  [
    'secret-file-in-any-layer',
    'pass',
    'a link to where a key will be',
    { layers: [{ '/bin/sh': elf() }, { '/app/id_rsa': { kind: 'symlink', target: '/run/secrets/key' } }] },
  ],
  ['ci-token-in-image', 'found', 'a token for a name', remote(`https://${secret}@github.com/acme/app`)],
  ['ci-token-in-image', 'found', 'a password of no form', remote('https://me:s3cr3tS3cr3t@git.example.org/app')],
  ['ci-token-in-image', 'pass', 'a remote without a login', remote('https://github.com/acme/app')],
  [
    'ci-token-in-image',
    'found',
    'a header for all repositories',
    holds('/root/.gitconfig', '[http]\n\textraheader = AUTHORIZATION: basic eDpnaHM=\n'),
  ],
  [
    'ci-token-in-image',
    'found',
    'an address for all repositories',
    holds('/root/.gitconfig', '[url "https://me:s3cr3tS3cr3t@git.example.org/"]\n\tinsteadOf = git:\n'),
  ],
  ['ci-token-in-image', 'pass', 'a name for all', holds('/root/.gitconfig', '[user]\n\tname = me\n')],
  ['index-url-credentials', 'pass', 'another server', { history: ['RUN curl https://me:s3cr3tS3cr3t@example.org/a'] }],
  [
    'index-url-credentials',
    'found',
    'a variable that is told of once',
    {
      env: { PIP_INDEX_URL: 'https://me:s3cr3tS3cr3t@pypi.example.org/simple' },
      history: ['ENV PIP_INDEX_URL=https://me:s3cr3tS3cr3t@pypi.example.org/simple'],
    },
    /^PIP_INDEX_URL has a password for [^\n]*$/,
  ],

  [
    'package-data-missing',
    'found',
    'templates',
    shop(),
    /^src\/shop\/templates\/a\.html of the context \(and 1 more\)/,
  ],
  [
    'package-data-missing',
    'pass',
    'all that is needed',
    shop({ [`${site}/shop/templates/a.html`]: '', [`${site}/shop/static/x/a.css`]: '' }),
  ],
  [
    'package-data-missing',
    'pass',
    'a work folder that has them',
    shop({ '/app/src/shop/templates/a.html': '', '/app/src/shop/static/x/a.css': '' }),
  ],
  [
    'package-data-missing',
    'not-applicable',
    'a project that is not installed',
    { ...shop(), layers: [python313, { '/app/a': '' }] },
  ],
  [
    'lock-out-of-sync',
    'found',
    'a package that was added',
    locked('flask>=3', 'Gunicorn[gevent]==23.0'),
    /^uv\.lock does not know gunicorn$/,
  ],
  ['lock-out-of-sync', 'pass', 'all of them', locked('Flask>=3', 'tomli>=2; python_version < "3.11"')],
  [
    'lock-out-of-sync',
    'not-applicable',
    'nothing installed from it',
    { ...locked('gunicorn'), dockerfile: 'FROM scratch\nCOPY . .\n' },
  ],
  ['base-unstable-distro', 'pass', 'Debian', system('ID=debian\nVERSION_ID="13"\n')],
  ['base-unstable-distro', 'found', 'Alpine’s edge', system('ID=alpine\nVERSION_ID=3.23.0_alpha20250612\n')],
  ['base-unstable-distro', 'pass', 'a distribution without versions', system('ID=arch\n')],
  ['base-unstable-distro', 'found', 'Debian without a version', system('ID=debian\n'), /^debian is not released$/],
  ['distro-eol', 'unknown', 'a distribution that is in no table', system('ID=arch\nVERSION_ID=1\n')],
  ['user-non-numeric', 'not-applicable', 'nobody', { config: { user: '' } }],
  ['runs-as-root', 'found', 'root by number', { config: { user: '0' } }, /^USER is "0"$/],

  ['installer-at-start', 'pass', 'uv run as it is locked', starts('uv', 'run', '--no-sync', 'app')],
  ['installer-at-start', 'pass', 'another command of uv', starts('uv', 'version')],
  ['installer-at-start', 'found', 'npm', starts('npm', 'install')],
  ['installer-at-start', 'pass', 'npm that starts', starts('npm', 'start')],
  ['installer-at-start', 'pass', 'another program’s install', starts('/app/bin/tool', 'install')],
  ['installer-at-start', 'found', 'a system package', starts('sh', '-c', 'apt-get install -y curl && exec app')],
  ['installer-at-start', 'pass', 'lists of packages', starts('sh', '-c', 'apt-get update && exec app')],
];
