import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

/** SchemaStore's schema of SARIF 2.1.0, which GitHub names, as @microsoft/jest-sarif brings it along. Of draft 4 it uses nothing that draft 7 has not
 * but the keyword `id`. */
const {
  $schema: _,
  id: __,
  ...schema
} = JSON.parse(
  readFileSync('node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json', 'utf8'),
) as Readonly<Record<string, unknown>>;

const validate = new Ajv({
  strict: false,
  unicodeRegExp: false,
  allErrors: true,
  formats: {
    uri: (text: string) => URL.canParse(text),
    'uri-reference': /^[\w\-.~%/?#[\]@!$&'()*+,;=:]*$/,
    'date-time': true,
  },
}).compile(schema);

/** What the schema holds against a log, a line each; empty where it is one. */
export function sarifProblems(log: unknown): readonly string[] {
  if (validate(log)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
  );
}
