import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Journal } from '../../src/journal.ts';
import { Secret } from '../../src/model/secret.ts';
import { secretForms } from '../../src/model/secret-forms.ts';
import type { Facts } from '../../src/report/facts.ts';
import { mask } from '../../src/tools/actions.ts';
import type { RunnerEnvironment } from '../../src/tools/environment.ts';
import { writeReport } from '../../src/tools/report.ts';
import { receiptPath } from '../../src/tools/state.ts';
import { captured } from '../support/captured.ts';
import { renderForReader } from '../support/rendered.ts';
import { failed } from '../support/saying.ts';

function journalOf(facts: Facts): Journal {
  const { steps: _, tags, tests, notices, error, ...kept } = facts;
  const journal = new Journal();
  for (const [name, value] of Object.entries(kept))
    if (value !== undefined) journal.keep(name as 'home', value as string);
  for (const one of tags) journal.tag(one);
  for (const one of tests) journal.test(one);
  for (const one of notices) journal.notice(one);
  if (error !== undefined) journal.fail(error);
  return journal;
}

test('no file and no line of a report holds a secret, in none of its forms, and what is no secret stays', () => {
  const secret = 'p@ss:w/rd|$<x>&"1\'`9';
  const folder = mkdtempSync(join(tmpdir(), 'slipway-report-'));
  const [summary, output] = [join(folder, 'summary'), join(folder, 'output')];
  const before = process.env['GITHUB_OUTPUT'];
  process.env['GITHUB_OUTPUT'] = output;
  try {
    for (const path of [summary, output]) writeFileSync(path, '');
    captured(() => mask(new Secret(secret)));
    const forms = secretForms(Buffer.from(secret));
    for (const form of forms) {
      const facts = failed(`it says ${form.slice(0, 3)}\0${form.slice(3)} here, and\n${form}`);
      const image = facts.image && {
        ...facts.image,
        metadata: { args: [form], digits: 1234, name: 'ghcr.io/acme/app' },
      };
      const journal = journalOf({ ...facts, image });
      const all = { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: output };
      const log = captured(() => writeReport(journal, { temp: folder, all } as unknown as RunnerEnvironment, 'n'));
      const markdown = readFileSync(summary, 'utf8');
      const read = renderForReader(markdown)
        .pieces.map(({ text }) => text)
        .join('');
      const receipt = readFileSync(receiptPath(folder, 'n'), 'utf8');
      const outputs = readFileSync(output, 'utf8');
      const strings: string[] = [];
      JSON.parse(receipt, (_, value: unknown) => (typeof value === 'string' ? strings.push(value) : value));
      for (const text of [log, markdown, read, receipt, strings.join('\n'), outputs])
        expect(forms.filter((one) => text.includes(one))).toEqual([]);
      expect(read).toContain('it says *** here');
      expect(outputs).toContain('{"args":["***"],"digits":1234,"name":"ghcr.io/acme/app"}');
      writeFileSync(summary, '');
    }
  } finally {
    if (before === undefined) delete process.env['GITHUB_OUTPUT'];
    else process.env['GITHUB_OUTPUT'] = before;
    rmSync(folder, { recursive: true });
  }
});
