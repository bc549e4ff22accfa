import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** docs/receipt.schema.json as people find it. */
export const receiptSchema = JSON.parse(
  readFileSync(new URL('../../docs/receipt.schema.json', import.meta.url), 'utf8'),
) as ReceiptSchema;

interface ReceiptSchema {
  readonly properties: Readonly<Record<string, { readonly enum?: readonly unknown[] }>>;
  readonly $defs: Readonly<
    Record<
      string,
      {
        readonly required?: readonly string[];
        readonly properties?: Readonly<Record<string, { readonly enum?: readonly unknown[] }>>;
      }
    >
  >;
}

const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(receiptSchema);

/** What the schema holds against a receipt, a line each; empty where it is one. */
export function receiptProblems(receipt: unknown): readonly string[] {
  if (validate(receipt)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
  );
}
