import { answerBy, notApplicable } from '../finding.ts';
import { byPython, seenInConfig, seenInImage } from '../probed.ts';
import type { Rule } from '../rule.ts';

/** What a program takes for granted around it. */
export const surroundingsRules: readonly Rule[] = [
  {
    id: 'tls-trust-store',
    stride: 'operable',
    severity: 'medium',
    title: 'The image has no certificates to trust',
    why: 'Every connection over TLS fails with CERTIFICATE_VERIFY_FAILED, and the usual way out is to switch verification off.',
    remedy:
      'RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*',
    ignoreWhen: 'the program speaks to nobody over TLS',
    needs: 'probes',
    judge: (facts) =>
      byPython(
        facts,
        ({ trust }) => trust,
        ({ certificates, certifi }) => {
          if (certificates) return { kind: 'pass' };
          if (certifi) return notApplicable('certifi is installed, which brings certificates of its own');
          return answerBy([seenInImage('Python finds no certificate where it looks for them')]);
        },
      ),
  },
  {
    id: 'tzdata',
    stride: 'operable',
    severity: 'low',
    title: 'The image knows no time zones',
    why: '`ZoneInfo("Europe/Berlin")` raises an error; slim and distroless bases leave the zones out.',
    remedy: 'RUN pip install --no-cache-dir tzdata',
    ignoreWhen: 'the program reckons in UTC only',
    needs: 'probes',
    judge: (facts) =>
      byPython(
        facts,
        ({ zones }) => zones,
        (there) => {
          if (there === undefined) return notApplicable('zoneinfo came with Python 3.9');
          return answerBy(there ? [] : [seenInImage('the zone Europe/Berlin is unknown')]);
        },
      ),
  },
  {
    id: 'utf8-io',
    stride: 'operable',
    severity: 'low',
    title: 'The image’s Python does not read and write UTF-8',
    why: 'The first name with an accent in a file name or a log line raises UnicodeEncodeError.',
    remedy: 'ENV LANG=C.UTF-8',
    ignoreWhen: 'another encoding is what it is for',
    needs: 'probes',
    judge: (facts) =>
      byPython(
        facts,
        ({ encodings }) => encodings,
        ({ files, output }) => {
          const wrong = [...new Set([files, output])].filter((name) => !/^utf-?8/i.test(name));
          return answerBy(wrong.length === 0 ? [] : [seenInConfig('Env', `Python uses ${wrong.join(' and ')}`)]);
        },
      ),
  },
];
