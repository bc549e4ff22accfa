import sax from 'sax';
import { plainText } from './plain-text.ts';
import { addTest, type GrowingCounts, noTests, type TestCase, type TestCounts } from './test-counts.ts';
import { placeOf } from './test-place.ts';

const longestName = 1_000;
const longestMessage = 2_000;
const longestDetail = 16_000;
/** Of elements within each other, and of attributes of one: the parser keeps them all. */
const deepest = 100;
const mostAttributes = 1_000;
/** Characters after which a problem ends the reading. */
const pieceLength = 64 * 1024;

interface Draft {
  readonly attributes: Readonly<Record<string, string>>;
  outcome: TestCase['outcome'];
  message: string;
  detail: string;
  /** Whether its beginning is left out. */
  cut: boolean;
}

/** Reads one JUnit file piece by piece, so that its size does not matter. Dialects: pytest, unittest-xml-reporting, jest-junit, gotestsum
 * and go-junit-report, Maven Surefire. Entities of a DTD are not expanded. What comes after a syntax error is not read: `problem` names it,
 * and the cases before it count.
 * @param redact hides secrets, before texts are cut */
export function createJUnitReader(redact: (text: string) => string): {
  write(text: string): void;
  end(): { readonly counts: TestCounts; readonly problem: string | undefined };
} {
  const parser = sax.parser(true, { position: false });
  const found: GrowingCounts = { ...noTests, failures: [], slowest: [] };
  const open: string[] = [];
  let draft: Draft | undefined;
  let problem: string | undefined;
  let sawRoot = false;
  let attributeCount = 0;

  parser.onerror = (error) => {
    problem ??= error.message.split('\n')[0] ?? '';
  };
  parser.onattribute = () => {
    attributeCount += 1;
    if (attributeCount > mostAttributes) problem ??= `an element has more than ${mostAttributes} attributes`;
  };
  parser.onopentag = ({ name, attributes }) => {
    attributeCount = 0;
    if (open.length >= deepest) problem ??= `its elements stand more than ${deepest} deep in each other`;
    if (problem !== undefined) return; // sax itself would go on
    sawRoot ||= name === 'testsuites' || name === 'testsuite';
    open.push(name);
    const given = attributes as Record<string, string>;
    if (name === 'testcase') draft = { attributes: given, outcome: 'passed', message: '', detail: '', cut: false };
    else if (draft !== undefined && open.at(-2) === 'testcase') note(draft, name, given);
  };
  parser.ontext = (text) => addText(draft, open, text);
  parser.oncdata = (text) => addText(draft, open, text);
  parser.onclosetag = (name) => {
    if (problem !== undefined) return;
    open.pop();
    if (name !== 'testcase' || draft === undefined) return;
    addTest(found, settle(draft, redact));
    draft = undefined;
  };
  return {
    write: (text) => {
      for (let at = 0; at < text.length && problem === undefined; at += pieceLength)
        parser.write(text.slice(at, at + pieceLength));
    },
    end: () => {
      if (problem === undefined) parser.close();
      if (problem === undefined && !sawRoot) problem = 'there is no <testsuites> or <testsuite> in it';
      return { counts: found, problem };
    },
  };
}

/** An element of a case. Surefire's `flakyFailure` and `rerunFailure` stand beside the verdict and do not change it. */
function note(draft: Draft, name: string, attributes: Readonly<Record<string, string>>): void {
  if (name === 'skipped' && draft.outcome === 'passed') draft.outcome = 'skipped';
  if (name !== 'failure' && name !== 'error') return;
  draft.outcome = 'failed';
  if (draft.message === '') draft.message = attributes['message'] ?? attributes['type'] ?? '';
}

/** The traceback of a failure. Its end is kept: there Python names what was raised. */
function addText(draft: Draft | undefined, open: readonly string[], text: string): void {
  const within = open.at(-1);
  if (draft === undefined || (within !== 'failure' && within !== 'error')) return;
  const detail = draft.detail + text;
  draft.cut ||= detail.length > longestDetail;
  draft.detail = detail.slice(-longestDetail);
}

function settle({ attributes, outcome, message, detail, cut }: Draft, redact: (text: string) => string): TestCase {
  const owner = attributes['classname'] ?? '';
  const title = attributes['name'] ?? '';
  const name = redact(owner === '' || owner === title ? title : `${owner}::${title}`).slice(0, longestName);
  const seconds = Number((attributes['time'] ?? '').replaceAll(',', '') || Number.NaN); // Surefire writes 1,234.5
  const ms = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
  if (outcome !== 'failed') return { name, ms, outcome, message: '', place: undefined };
  // half a secret may stand where it was cut; the rest of that line goes with it
  const whole = cut ? detail.slice(detail.indexOf('\n') + 1 || detail.length) : detail;
  const told = tellFailure(redact(plainText(message)), redact(plainText(whole)));
  return { name, ms, outcome, message: told, place: placeOf(attributes, detail) };
}

/** What failed, in as few lines as tell it: go's `Failed` and jest's missing message say nothing, their output does. */
function tellFailure(message: string, detail: string): string {
  if (message.trim() !== '' && message !== 'Failed') return message.trim().slice(0, longestMessage);
  const lines = detail.split('\n').filter((line) => !/^(?:=== |\s*--- FAIL: |\s+at )/.test(line));
  return lines.join('\n').trim().slice(0, longestMessage) || message.slice(0, longestMessage);
}
