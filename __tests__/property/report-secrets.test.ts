import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createJUnitReader } from '../../src/model/junit.ts';
import { Masker } from '../../src/model/masker.ts';
import { secretForms } from '../../src/model/secret-forms.ts';
import { planAnnotations } from '../../src/report/annotations.ts';
import { renderCheckLog } from '../../src/report/check-log.ts';
import { renderComment } from '../../src/report/comment.ts';
import { redactFacts } from '../../src/report/redacted.ts';
import { renderSarif } from '../../src/report/sarif.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { renderForReader } from '../support/rendered.ts';
import { failed, held, published } from '../support/saying.ts';

const owner = { workflow: 'w', runUrl: 'https://github.com/acme/app/actions/runs/1' };
/** `npm run test:faults` looks at more. */
const scale = Number(process.env['SLIPWAY_FUZZ'] ?? 1);
const secretText = fc
  .array(fc.constantFrom(...`aB3$'"\\/+&<>%~ !|@:#*_`, '`', 'ü', '日', '\n', '\t'), { minLength: 8, maxLength: 40 })
  .map((some) => some.join(''))
  .filter((text) => secretForms(Buffer.from(text)).length > 0);

/** Everything that people are shown of a run in which a text came up everywhere. */
function shownOf(text: string, redact: (text: string) => string): string {
  const documents = [published, failed, held].flatMap((make) => {
    const told = redactFacts(make(text), redact);
    return [renderSummary(told), renderComment(told, owner).body, JSON.stringify(planAnnotations(told))];
  });
  const audit = redactFacts(published(text), redact).audit ?? { results: [], notices: [] };
  const sarif = renderSarif(audit, { home: '', image: 'i', dockerfile: 'f' });
  return [...documents.flatMap((one) => [one, asRead(one)]), ...renderCheckLog(audit), sarif].join('\n\n');
}

function asRead(markdown: string): string {
  return renderForReader(markdown)
    .pieces.map((piece) => piece.text)
    .join('');
}

const plain = shownOf('QQQ', (text) => text);

describe('a secret in a report', () => {
  test(
    'is read nowhere, in no form, however it is escaped and cut',
    () => {
      fc.assert(
        fc.property(
          fc.array(secretText, { minLength: 1, maxLength: 2 }),
          fc.constantFrom(0, 1, 195, 199, 480, 499, 990, 1_999),
          fc.constantFrom('', '\0', '\u001b[31m', '\u202e'),
          fc.nat(),
          (secrets, offset, between, pick) => {
            const masker = new Masker();
            for (const secret of secrets) masker.learn(Buffer.from(secret));
            // a form that our own words have in them tells nobody anything
            const forms = secrets.flatMap((one) => secretForms(Buffer.from(one))).filter((one) => !plain.includes(one));
            fc.pre(forms.length > 0);
            const form = forms[pick % forms.length] ?? '';
            const half = Math.floor(form.length / 2);
            const text = `${'x'.repeat(offset)}${form.slice(0, half)}${between}${form.slice(half)}y`;
            const shown = shownOf(text, (one) => masker.redact(one));
            expect(forms.filter((one) => shown.includes(one))).toEqual([]);
          },
        ),
        { numRuns: 40 * scale },
      );
    },
    60_000 * scale,
  );

  test('is not cut in two by the limits of a JUnit report', () => {
    const secret = 'cANARY/of+some:length&more';
    const masker = new Masker();
    masker.learn(Buffer.from(secret));
    const redact = (text: string): string => masker.redact(text);
    const escaped = secret.replace('&', '&amp;');
    for (const length of [980, 990, 1_980, 1_990, 2_000, 15_980, 15_990, 16_000]) {
      const around = 'z'.repeat(length);
      for (const failure of [
        `name="${around}${escaped}"><failure message="m"/>`,
        `name="n"><failure message="${around}${escaped}"/>`,
        `name="n"><failure>${around}${escaped}</failure>`,
        `name="n"><failure>first\n${escaped}${around}</failure>`,
        `name="n"><failure>first\n${escaped}\n${around}</failure>`,
        `name="n"><failure>${escaped}\n${`${'z'.repeat(100)}\n`.repeat(length / 101)}</failure>`,
      ]) {
        const reader = createJUnitReader(redact);
        reader.write(`<testsuite><testcase ${failure}</testcase></testsuite>`);
        const { counts, problem } = reader.end();
        expect([problem, counts.failed]).toEqual([undefined, 1]);
        const told = JSON.stringify(counts);
        for (let at = 0; at + 6 <= secret.length; at++) expect(told).not.toContain(secret.slice(at, at + 6));
      }
    }
  });
});
