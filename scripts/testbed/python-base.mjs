// The recipes of `python:3.11-slim` and `python:3.13-slim`: Debian's Pythons, laid out as the official images have them.

import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from './apt.mjs';
import { readAptSources, releaseSource, usableUri } from './apt-sources.mjs';
import { finish, run } from './process.mjs';

/** Which Debian has which Python. */
const CODENAMES = { 3.11: 'bookworm', 3.13: 'trixie' };
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const PIP_SETTINGS =
  /^(?:global|install|:env:)\.(index-url|extra-index-url|trusted-host|timeout|default-timeout|retries)='(.*)'$/;
const DOCKERFILE = `FROM scratch AS raw
ADD base.tar /
COPY ca-certificates.crt ${CERTIFICATES}
COPY pip.conf /etc/pip.conf
RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED \\
 && python3 -m venv /usr/local \\
 && find / -xdev -name __pycache__ -type d -prune -exec rm -rf {} + \\
 && rm -rf /var/cache/apt/* /tmp/* /root/.cache
FROM scratch
COPY --from=raw / /
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
ENV LANG=C.UTF-8
ENV PIP_CERT=${CERTIFICATES}
ENV SSL_CERT_FILE=${CERTIFICATES}
CMD ["python3"]
`;

/** @typedef {'3.11' | '3.13'} PythonVersion */

/** @param {PythonVersion} version @returns {Promise<import('./base-image.mjs').Recipe>} */
export async function pythonRecipe(version) {
  const pipConfig = await renderPipConfig();
  const certificates = hostCertificates();
  return {
    repository: 'python',
    tag: `${version}-slim`,
    alias: `${version}-slim-${CODENAMES[version]}`,
    dockerfile: DOCKERFILE,
    salt: `${version}\0${pipConfig}\0${readFileSync(certificates, 'utf8')}`,
    fill: async (context, log) => {
      writeFileSync(join(context, 'pip.conf'), pipConfig);
      copyFileSync(certificates, join(context, 'ca-certificates.crt'));
      log('bases: bootstrapping Debian with Python (20 to 30 s)');
      await bootstrap(CODENAMES[version], join(context, 'base.tar'));
    },
  };
}

/** @param {string} codename @param {string} target */
async function bootstrap(codename, target) {
  if ((await finish(['mmdebstrap', '--version'])).code !== 0) await installPackages(['mmdebstrap']);
  const source =
    releaseSource(codename) ??
    readAptSources().find((other) => other.types.includes('deb') && /debian\/?$/.test(other.uris[0] ?? ''));
  if (source === undefined) throw new Error(`this machine names no mirror that has Debian ${codename}`);
  const options = [
    ...(source.signedBy === undefined || source.signedBy.includes('\n') ? [] : [`signed-by=${source.signedBy}`]),
    ...(source.trusted ? ['trusted=yes'] : []),
  ];
  const line = `deb ${options.length > 0 ? `[${options.join(' ')}] ` : ''}${usableUri(source)} ${codename} main`;
  await run(
    [
      'mmdebstrap',
      '--variant=minbase',
      '--include=python3,python3-pip,python3-venv,ca-certificates',
      codename,
      target,
      line,
    ],
    { timeoutMs: 15 * 60_000 },
  );
}

/** Builds have to reach the package index as this machine does: what its pip is told, theirs is told. */
async function renderPipConfig() {
  const listed = await finish(['pip', 'config', 'list'], { timeoutMs: 20_000 });
  const fromEnvironment = Object.entries(process.env)
    .filter(([name]) => name.startsWith('PIP_'))
    .map(([name, value]) => `:env:.${name.slice(4).toLowerCase().replaceAll('_', '-')}='${value}'`);
  const lines = listed.code === 0 ? listed.stdout.split('\n') : fromEnvironment;
  /** @type {Map<string, string>} */
  const settings = new Map();
  for (const line of lines) {
    const found = PIP_SETTINGS.exec(line.trim());
    if (found === null) continue;
    const name = found[1] === 'default-timeout' ? 'timeout' : found[1];
    if (line.startsWith(':env:') || !settings.has(name)) settings.set(name, found[2].replaceAll('\\n', ' '));
  }
  return `[global]\n${[...settings]
    .sort()
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')}`;
}

/** The bundle this machine trusts: behind an intercepting proxy it holds the proxy's authority. */
function hostCertificates() {
  const candidates = [process.env.PIP_CERT, process.env.SSL_CERT_FILE, CERTIFICATES];
  const found = candidates.find((file) => file !== undefined && existsSync(file));
  if (found === undefined) throw new Error(`this machine has no bundle of certificate authorities (${CERTIFICATES})`);
  return found;
}
