import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rules } from '../../src/audit/rules.ts';
import { dockerfileCases } from '../support/audit-cases/dockerfile.ts';
import { imageCases } from '../support/audit-cases/image.ts';
import { factsOf, type MadeFile, type MadeImage } from '../support/made-image.ts';

const cases = [...imageCases, ...dockerfileCases].map(([, , , image]) => image);
const paths = [...new Set(cases.flatMap(({ layers = [] }) => layers.flatMap((layer) => Object.keys(layer))))];
const lines = [...new Set(cases.flatMap(({ dockerfile = '' }) => dockerfile.split('\n')))];
const texts = cases.flatMap(({ layers = [], context = {} }) => [
  ...Object.values(context),
  ...layers.flatMap((layer) => Object.values(layer).flatMap((file) => (typeof file === 'string' ? [file] : []))),
]);
const junk = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '${',
    '$(',
    '`',
    '<<EOF',
    '\\',
    '"',
    "'",
    '\0',
    '[',
    '__proto__',
    'constructor',
    '..',
    '\u2028',
    '=',
    '@',
    ':',
    '::',
  ),
);
/** What the tables hold, whole, cut, or with something else in it. */
const broken = (known: readonly string[]) =>
  fc.oneof(
    fc.constantFrom(...known),
    fc
      .tuple(fc.constantFrom(...known), fc.nat(40), junk)
      .map(([text, at, odd]) => `${text.slice(0, at)}${odd}${text.slice(at)}`),
    junk,
  );
const path = fc.oneof(
  fc.constantFrom(...paths),
  broken(paths).map((one) => `/${one.replace(/^\/+|\/+$/g, '').replace(/\/+(?=\/)|\0/g, '') || 'x'}`),
);
const number = fc.oneof(fc.nat(), fc.constantFrom(0, 0o777, 0o6777));
const file: fc.Arbitrary<MadeFile> = fc.oneof(
  broken(texts),
  fc.record({ kind: fc.constant('symlink' as const), target: path }),
  fc.record({ size: number, mode: number, uid: number }),
);
const names = fc.oneof(
  fc.constantFrom('PATH', 'PIP_INDEX_URL', 'PYTHONPYCACHEPREFIX', 'A_TOKEN', 'GUNICORN_CMD_ARGS'),
  junk,
);
const words = fc.array(
  broken(['sh', '-c', 'gunicorn', '/entry.sh', 'exec', 'tini', '--', 'python', '-m', 'cd / && x']),
  { maxLength: 4 },
);
const image: fc.Arbitrary<MadeImage> = fc.record({
  layers: fc.array(fc.dictionary(path, file, { maxKeys: 8 }), { maxLength: 3 }),
  env: fc.dictionary(names, broken(['/a:/b', 'https://a:b@c/d', '1']), { maxKeys: 3 }),
  history: fc.array(broken(['RUN |1 A_TOKEN=b /bin/sh -c x # buildkit', 'ENV A=b']), { maxLength: 2 }),
  dockerfile: fc.array(broken(lines), { maxLength: 8 }).map((all) => all.join('\n')),
  context: fc.dictionary(
    fc.oneof(fc.constantFrom('requirements.txt', 'pyproject.toml', 'uv.lock', 'Pipfile.lock', 'pylock.toml'), junk),
    broken(texts),
    { maxKeys: 4 },
  ),
  config: fc.record({
    entrypoint: words,
    cmd: words,
    user: broken(['0', 'app:x']),
    workingDir: path,
    volumes: fc.array(junk, { maxLength: 2 }),
    exposedPorts: fc.array(junk, { maxLength: 2 }),
    platform: broken(['linux/amd64']),
  }),
  day: junk,
});

test('no rule throws, whatever the image and its Dockerfile', () => {
  fc.assert(
    fc.property(image, (made) => {
      const facts = factsOf(made);
      for (const rule of rules) {
        const answer = rule.judge(facts);
        if (answer.kind === 'found') expect(answer.sightings.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 150 },
  );
});

test('no rule tells a secret, or a part of it', () => {
  const secret = 'qZ7w-K4xT9-vB2m';
  const places: readonly MadeImage[] = [
    {
      dockerfile: `FROM a\nARG A_TOKEN=${secret}\nENV B_PASSWORD=${secret}\nRUN pip install --index-url https://u:${secret}@x.org/simple flask\nRUN curl https://u:${secret}@x.org | sh\n`,
    },
    { env: { A_TOKEN: secret, PIP_INDEX_URL: `https://u:${secret}@x.org/simple` } },
    {
      history: [
        `RUN |1 A_TOKEN=${secret} /bin/sh -c curl https://u:${secret}@x.org/a # buildkit`,
        `RUN pip install --index-url https://u:${secret}@x.org/ x`,
      ],
    },
    {
      layers: [
        {},
        {
          '/root/.netrc': `machine x login y password ${secret}\n`,
          '/app/.env': `A_SECRET=${secret}\n`,
          '/etc/pip.conf': `index-url = https://u:${secret}@x.org/\n`,
          '/app/.git/config': `url = https://u:${secret}@x.org/\n`,
        },
        { '/root/.netrc': null },
      ],
    },
    {
      dockerfile: 'FROM a\nCOPY . .\nRUN pip install -r requirements.txt\n',
      context: {
        'requirements.txt': `--index-url https://u:${secret}@x.org/\nx @ git+https://u:${secret}@x.org/a@main\n`,
      },
    },
    {
      dockerfile: `FROM a\nRUN pip install git+https://u:${secret}@x.org/a\nRUN pip install --trusted-host u:${secret}@x.org flask\nRUN pip install -r https://u:${secret}@x.org/r.txt\nRUN echo "deb [trusted=yes] https://u:${secret}@x.org a main" > /s\nENV UV_INSECURE_HOST=u:${secret}@x.org\n`,
    },
  ];
  for (const made of places) {
    const said = JSON.stringify(rules.map((rule) => rule.judge(factsOf(made))));
    for (let at = 0; at + 6 <= secret.length; at++) expect(said.includes(secret.slice(at, at + 6))).toBe(false);
  }
});
