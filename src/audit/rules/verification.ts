import { atLine, commandsIn, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, type Sighting } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { withoutLogin } from '../secret-signs.ts';
import { programOf, type ShellCommand } from '../shell-commands.ts';

/** Whether servers and packages are who they say they are. */
export const verificationRules: readonly Rule[] = [
  {
    id: 'tls-verification-off',
    stride: 'secure',
    severity: 'high',
    title: 'The certificates of servers are not checked',
    why: 'Whoever sits between the build and the server decides what is installed; a checksum file from there proves nothing.',
    remedy:
      '# the certificate authority that is missing\nCOPY company-ca.crt /usr/local/share/ca-certificates/\nRUN update-ca-certificates',
    ignoreWhen: 'the server is this machine itself',
    needs: 'image',
    judge: (facts) => {
      const env = [...facts.config.env].flatMap(([name, value]): Sighting[] =>
        isOff(name, value)
          ? [{ subject: { kind: 'config', field: 'Env' }, detail: `${name} is ${JSON.stringify(withoutLogin(value))}` }]
          : [],
      );
      const inEnv = new Set(facts.config.env.keys());
      const answer = judgeDockerfile(facts, ({ contributing }) =>
        answerBy([
          ...commandsIn(contributing).flatMap(({ at, command }) =>
            findUnchecked(command).map((what) => atLine(at, what)),
          ),
          ...contributing.flatMap(({ instructions }) =>
            instructions.flatMap((at) =>
              at.variables.flatMap(([name, value = '']) =>
                isOff(name, value) && !inEnv.has(name)
                  ? [atLine(at, `${name} is ${JSON.stringify(withoutLogin(value))}`)]
                  : [],
              ),
            ),
          ),
        ]),
      );
      return answer.kind === 'found' ? answerBy([...answer.sightings, ...env]) : answerBy(env);
    },
  },
  {
    id: 'apt-unauthenticated',
    stride: 'secure',
    severity: 'high',
    title: 'System packages are installed without a look at their signature',
    why: 'The signature is all that ties a package to its distribution: mirrors are plain HTTP.',
    remedy:
      'COPY vendor.asc /etc/apt/keyrings/vendor.asc\nRUN echo "deb [signed-by=/etc/apt/keyrings/vendor.asc] https://apt.example.com stable main" > /etc/apt/sources.list.d/vendor.list',
    ignoreWhen: 'never: import the key',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          commandsIn(contributing).flatMap(({ at, command }) => {
            const [word] = command.words.flatMap((one) => unsigned.exec(one)?.slice(0, 1) ?? []);
            return word === undefined ? [] : [atLine(at, `${programOf(command)} is told ${JSON.stringify(word)}`)];
          }),
        ),
      ),
  },
];

const unsigned =
  /^--(?:allow-unauthenticated|force-yes|nogpgcheck|no-gpg-checks?|allow-untrusted|allow-insecure-repositories)$|^(?:-o)?(?:APT::Get::AllowUnauthenticated|Acquire::Allow(?:Insecure|Weak)Repositories)=(?:1|true|yes)$|\[[^\]]*\btrusted=yes\b/i;

/** Variables that switch the check off for a whole program. */
function isOff(name: string, value: string): boolean {
  if (name === 'PYTHONHTTPSVERIFY' || name === 'NODE_TLS_REJECT_UNAUTHORIZED') return value === '0';
  if (name === 'GIT_SSL_NO_VERIFY') return value !== '' && !/^(?:0|false)$/i.test(value);
  return (
    /^(?:PIP_TRUSTED_HOST|UV_INSECURE_HOST)$/.test(name) &&
    value.split(/[\s,]+/).some((host) => host !== '' && !isLocal(host))
  );
}

function isLocal(host: string): boolean {
  return /^(?:localhost|127\.|\[?::1|host\.docker\.internal)/.test(host.replace(/^https?:\/\//, ''));
}

function findUnchecked(command: ShellCommand): readonly string[] {
  const { words } = command;
  const program = programOf(command);
  const found: string[] = [];
  const urls = words.filter((word) => /^https?:\/\//.test(word));
  const allLocal = urls.length > 0 && urls.every(isLocal);
  if (program === 'curl' && !allLocal && (words.includes('--insecure') || words.some(isInsecureFlag)))
    found.push('curl is told --insecure');
  if (program === 'wget' && !allLocal && words.includes('--no-check-certificate'))
    found.push('wget is told --no-check-certificate');
  for (const [at, word] of words.entries()) {
    const [, host = words[at + 1] ?? ''] = /^--(?:trusted-host|allow-insecure-host)(?:=(.*))?$/.exec(word) ?? [
      undefined,
      undefined,
    ];
    if (/^--(?:trusted-host|allow-insecure-host)(?:=|$)/.test(word) && !isLocal(host))
      found.push(`${program} trusts ${withoutLogin(host)} unseen`);
    if (
      /^http\.sslverify(?:=(?:false|0))?$/i.test(word) &&
      (word.includes('=') || /^(?:false|0)$/i.test(words[at + 1] ?? ''))
    )
      found.push('git is told http.sslVerify=false');
    if (/^(?:ssl_verify|strict-ssl)$/.test(word) && /^(?:false|no|0)$/i.test(words[at + 1] ?? ''))
      found.push(`${program} is told ${word} ${words[at + 1]}`);
  }
  return found;
}

/** `k` among the short options of curl, before one that takes the rest for its value. */
function isInsecureFlag(word: string): boolean {
  return /^-[^-AbcCdDeEFHKmoPQrtTuUwxXyYz]*k/.test(word);
}
