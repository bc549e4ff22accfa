import { atLine, commandsIn, judgeDockerfile } from '../dockerfile-view.ts';
import { type Answer, answerBy, type Sighting } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import type { Rule } from '../rule.ts';
import { findTokens, hostsWithPassword, isPlaceholder, isSecretName } from '../secret-signs.ts';

const mount = 'RUN --mount=type=secret,id=token,env=TOKEN ./needs-the-token.sh';

/** Credentials in what an image says of itself: whoever can pull it reads them. */
export const secretRules: readonly Rule[] = [
  {
    id: 'secret-in-arg-env',
    stride: 'secure',
    severity: 'high',
    title: 'A secret is an ARG or ENV of the image',
    why: 'Both are written into the image: `docker history` and `docker inspect` show them to everybody who can pull it.',
    remedy: mount,
    ignoreWhen: 'the name only sounds like a secret',
    needs: 'image',
    judge: judgeVariables,
  },
  {
    id: 'secret-in-history',
    stride: 'secure',
    severity: 'high',
    title: 'A secret stands in the history of the image',
    why: 'Build arguments and commands are kept in the image word by word: `docker history --no-trunc` shows them.',
    remedy: `${mount}\n# and have the value that leaked withdrawn: it is in every copy`,
    ignoreWhen: 'the value is no secret',
    needs: 'image',
    judge: ({ config }) => {
      let layer = -1;
      return answerBy(
        config.history.flatMap(({ createdBy, hasLayer }) => {
          if (hasLayer) layer += 1;
          const subject: Sighting['subject'] = hasLayer
            ? { kind: 'layer', layer }
            : { kind: 'config', field: 'history' };
          return readHistory(createdBy).map((what) => ({
            subject,
            detail: `${verbOf(createdBy)} left ${what} in the history`,
          }));
        }),
      );
    },
  },
  {
    id: 'secret-mount-unused',
    stride: 'secure',
    severity: 'medium',
    title: 'A private repository is fetched with a key that is not mounted',
    why: 'Without a mount the key must have come into the build some other way, and a layer or the cache still has it.',
    remedy: 'RUN --mount=type=ssh pip install git+ssh://git@github.com/acme/lib.git@COMMIT',
    ignoreWhen: 'the runner is let in by its network address',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ contributing }) =>
        answerBy(
          commandsIn(contributing).flatMap(({ at, command }) => {
            const isMounted = at.flags.some(([name, value]) => name === 'mount' && /type=(?:ssh|secret)/.test(value));
            const word = command.words.find((one) => /(?:git\+)?ssh:\/\/git@|^git@[\w.-]+:/.test(one));
            return isMounted || word === undefined
              ? []
              : [atLine(at, 'it fetches over SSH, and no --mount=type=ssh or secret is there')];
          }),
        ),
      ),
  },
];

/** What the Dockerfile declares, by line; else what the image has, by name. */
function judgeVariables(facts: ImageFacts): Answer {
  const found: Sighting[] = [];
  const told = new Set<string>();
  judgeDockerfile(facts, ({ shipped }) => {
    for (const at of shipped.flatMap(({ instructions }) => instructions))
      for (const [name, value] of at.variables) {
        const leaks = at.keyword === 'ARG' ? value === undefined || !isPlaceholder(value) : isLeak(value ?? '');
        if (!isSecretName(name) || !leaks || told.has(name)) continue;
        told.add(name);
        found.push(atLine(at, `${at.keyword} ${name} keeps what it is given in the image`));
      }
    return { kind: 'pass' };
  });
  for (const [name, value] of facts.config.env) {
    if (told.has(name)) continue;
    const tokens = findTokens(value);
    const what =
      tokens[0] ?? (isSecretName(name) && !isPlaceholder(value) ? 'a value that should be secret' : undefined);
    if (what !== undefined) found.push({ subject: { kind: 'config', field: 'Env' }, detail: `${name} holds ${what}` });
  }
  return answerBy(found);
}

/** A reference to a build argument has its value in the image; what only a shell replaces has not. */
function isLeak(value: string): boolean {
  return /^\$\{?\w+\}?$/.test(value.trim()) || !isPlaceholder(value);
}

function verbOf(createdBy: string): string {
  return /^(?:\/bin\/sh -c #\(nop\)\s+)?([A-Z]+)\b/.exec(createdBy)?.[1] ?? 'a step';
}

function readHistory(createdBy: string): readonly string[] {
  const [, given = ''] = /^(?:RUN )?\|\d+ (.*?) \/\S*sh -/s.exec(createdBy) ?? [];
  const declared = /^(?:\/bin\/sh -c #\(nop\)\s+)?ARG (\w+)=(.*)$/s.exec(createdBy);
  const pairs = [...given.matchAll(/(?:^| )([A-Za-z_]\w*)=(\S*)/g), ...(declared === null ? [] : [declared])];
  const named = pairs.flatMap(([, name = '', value = '']) =>
    isSecretName(name) && !isPlaceholder(value) ? [`the value of ${name}`] : [],
  );
  if (/^(?:\/bin\/sh -c #\(nop\)\s+)?(?:ENV|LABEL) /.test(createdBy)) return [];
  const hosts = isAboutIndex(createdBy) ? [] : hostsWithPassword(createdBy).map((host) => `a password for ${host}`);
  return [...new Set([...named, ...findTokens(createdBy), ...hosts])];
}

/** Those another rule tells of. */
export function isAboutIndex(text: string): boolean {
  return /index[-_]url|\bUV_(?:DEFAULT_)?INDEX|--(?:default-)?index\b|find[-_]links/i.test(text);
}
