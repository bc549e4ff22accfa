import { type Answer, answerBy, type Sighting, unknownBecause } from '../finding.ts';
import { type ImageFacts, textOf } from '../image-facts.ts';
import { atFile, isOfPackage, type ShippedFile, shippedFiles } from '../image-files.ts';
import type { Rule } from '../rule.ts';
import { findTokens, hostsWithPassword, isPlaceholder, secretsInEnvFile } from '../secret-signs.ts';
import { isAboutIndex } from './secrets.ts';

/** Credentials in files of the image, those that a later layer hides as well. */
export const secretFileRules: readonly Rule[] = [
  {
    id: 'secret-file-in-any-layer',
    stride: 'secure',
    severity: 'high',
    title: 'A file with a credential is in a layer of the image',
    why: 'A layer is an archive that everybody who can pull the image can unpack; removing the file in a later one hides it and no more.',
    remedy:
      'RUN --mount=type=secret,id=netrc,target=/root/.netrc pip install -r requirements.txt\n# and have the credential that leaked withdrawn',
    ignoreWhen: 'the file is an example, or its key opens nothing',
    needs: 'image',
    judge: (facts) => judgeFiles(facts, kinds),
  },
  {
    id: 'ci-token-in-image',
    stride: 'secure',
    severity: 'high',
    title: 'The image holds the token that CI checked the repository out with',
    why: 'actions/checkout before version 6 leaves the token in .git/config, and `COPY . .` takes it along: good for the repository while the job runs, and for longer where it is a personal one.',
    remedy: '# .dockerignore\n.git\n# workflow\n- uses: actions/checkout@v6\n  with:\n    persist-credentials: false',
    ignoreWhen: 'never',
    needs: 'image',
    judge: (facts) => judgeFiles(facts, tokenKinds),
  },
  {
    id: 'index-url-credentials',
    stride: 'secure',
    severity: 'high',
    title: 'The address of a package index has a password in it',
    why: 'pip and uv write the address into the image (configuration, direct_url.json, history), and with it the password.',
    remedy:
      '# the password from a file that is gone after the RUN\nRUN --mount=type=secret,id=netrc,target=/root/.netrc pip install --index-url https://pypi.example.com/simple -r requirements.txt',
    ignoreWhen: 'the password is public',
    needs: 'image',
    judge: judgeIndexes,
  },
];

/** A kind of file, and what in its text gives it away; undefined: nothing. */
type Kind = readonly [RegExp, (text: string) => string | undefined];

const has = (pattern: RegExp, what: string) => (text: string) => {
  const value = pattern.exec(text);
  return value !== null && !isPlaceholder(value[1] ?? 'x') ? what : undefined;
};
const key = (text: string) => (/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text) ? 'a private key' : undefined);

const kinds: readonly Kind[] = [
  [/\/[._]netrc$/, has(/\bpassword\s+(\S+)/, 'a password')],
  [/\/\.pypirc$/, has(/^\s*password\s*[:=]\s*(\S+)/m, 'a password')],
  [/\/(?:pypoetry\/)?auth\.toml$/, has(/^\s*(?:password|pypi-token\.\w+)\s*=\s*"([^"]+)"/m, 'a password')],
  [/\/\.npmrc$/, has(/(?:_authToken|_password|_auth)\s*=\s*([^\s]+)/, 'a token')],
  [/\/\.aws\/credentials$/, has(/^\s*aws_secret_access_key\s*=\s*(\S+)/m, 'an AWS secret key')],
  [
    /\/(?:\.docker\/config\.json|\.dockercfg)$/,
    has(/"(?:auth|identitytoken|password)"\s*:\s*"([^"]+)"/, 'a registry login'),
  ],
  [/\/(?:\.kube\/config|kubeconfig)$/, has(/^\s*(?:client-key-data|token|password)\s*:\s*(\S+)/m, 'a cluster login')],
  [/\/\.pgpass$/, has(/^[^#\n]+:[^:\n]*:[^:\n]*:[^:\n]*:(\S+)/m, 'a database password')],
  [/\/\.my\.cnf$/, has(/^\s*password\s*=\s*(\S+)/m, 'a database password')],
  [/\/\.vault-token$/, has(/(\S{8,})/, 'a token')],
  [/\/(?:id_[a-z0-9_]+|[^/]+\.(?:pem|key|ppk))$/, key],
  [
    /\/(?:application_default_credentials|credentials|secrets?|service[-_]account[^/]*)\.(?:json|ya?ml|toml)$/,
    (text) => key(text.replaceAll('\\n', '\n')) ?? findTokens(text)[0],
  ],
  [
    /\/(?:\.env|[^/]+\.env)(?:\.(?!example|sample|template|dist|test)[^/]+)?$/,
    (text) => secretsInEnvFile(text)[0] ?? findTokens(text)[0],
  ],
];

const tokenKinds: readonly Kind[] = [
  [
    /\/\.git\/config$/,
    (text) => {
      if (/extraheader\s*=\s*AUTHORIZATION/i.test(text)) return 'the header with the job’s token';
      return hostsWithPassword(text).length > 0 || findTokens(text).length > 0
        ? 'a token in a remote’s address'
        : undefined;
    },
  ],
  [/\/\.git-credentials$/, has(/^https?:\/\/[^\s:@]*:?(\S+)@/m, 'a token')],
  [
    /\/\.gitconfig$/,
    (text) =>
      /extraheader\s*=\s*AUTHORIZATION/i.test(text) || hostsWithPassword(text).length > 0 ? 'a token' : undefined,
  ],
];

function judgeFiles(facts: ImageFacts, wanted: readonly Kind[]): Answer {
  const found: Sighting[] = [];
  const unread: string[] = [];
  for (const file of shippedFiles(facts)) {
    const kind = wanted.find(([pattern]) => pattern.test(file.path));
    if (kind === undefined || file.entry.kind !== 'file' || file.entry.size === 0 || isPublic(file.path)) continue;
    const text = textOf(file.entry.content);
    const what = text === undefined ? undefined : kind[1](text);
    if (text === undefined) unread.push(file.path);
    else if (what !== undefined) found.push(atFile(file, `${file.path} holds ${what}${tellHidden(file)}`));
  }
  const [first] = unread;
  return found.length === 0 && first !== undefined ? unknownBecause(`${first} was not read`) : answerBy(found);
}

function tellHidden({ layer, hiddenBy }: ShippedFile): string {
  return hiddenBy === undefined ? '' : `; layer ${layer + 1} ships it although layer ${hiddenBy + 1} hides it`;
}

/** What everybody has who has the same package: its tests, its examples. */
function isPublic(path: string): boolean {
  return (
    isOfPackage(path) || /\/(?:tests?|testdata|fixtures|examples?|docs?)\/|snakeoil|\/etc\/ssl\/certs\//.test(path)
  );
}

const indexFiles =
  /\/(?:pip\.conf|pip\.ini|uv\.toml|\.condarc|direct_url\.json|[^/]*requirements[^/]*\.(?:txt|in)|uv\.lock|poetry\.lock|pdm\.lock|Pipfile(?:\.lock)?|pyproject\.toml)$/;

function judgeIndexes(facts: ImageFacts): Answer {
  const found: Sighting[] = [];
  const tell = (subject: Sighting['subject'], where: string, text: string): void => {
    for (const host of new Set(hostsWithPassword(text)))
      found.push({ subject, detail: `${where} has a password for ${host}` });
  };
  for (const [name, value] of facts.config.env)
    if (isAboutIndex(name)) tell({ kind: 'config', field: 'Env' }, name, value);
  for (const { createdBy } of facts.config.history)
    if (isAboutIndex(createdBy) && !/^(?:\/bin\/sh -c #\(nop\)\s+)?ENV /.test(createdBy))
      tell({ kind: 'config', field: 'history' }, 'the history', createdBy);
  for (const file of shippedFiles(facts)) {
    if (!indexFiles.test(file.path)) continue;
    const text = (textOf(file.entry.content) ?? '').replace(/^\s*[#;].*$/gm, '');
    tell({ kind: 'file', path: file.path, layer: file.layer }, `${file.path}${tellHidden(file)}`, text);
  }
  for (const [path, text] of facts.dockerfile?.contextTexts ?? [])
    if (indexFiles.test(`/${path}`))
      tell({ kind: 'image' }, `${path} of the build context`, text.replace(/^\s*[#;].*$/gm, ''));
  return answerBy(found);
}
