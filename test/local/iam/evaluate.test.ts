import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Authorization, PolicyStatement } from '../../../local/aws.ts';
import { type Caller, evaluate } from '../../../local/iam/evaluate.ts';

/** One file of cases: policies that its cases share, and what IAM answers to each request. */
interface CaseFile {
  readonly about: string;
  /** The caller's own policy; without it the caller is `caller`. */
  readonly identity?: PolicyStatement[];
  readonly resource?: PolicyStatement[];
  readonly caller?: Caller;
  readonly cases: readonly {
    readonly name: string;
    readonly action: string;
    readonly on: string;
    readonly conditions?: Record<string, string>;
    readonly decision: 'Allow' | 'Deny';
    /** Part of the reason. */
    readonly because?: string;
  }[];
}

const ROLE = 'arn:aws:iam::123456789012:role/Copy';
const folder = join(import.meta.dirname, 'cases');

describe.each(
  readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as CaseFile),
)('$about', ({ identity = [], resource = [], caller, cases }) => {
  test.each(cases)('$name', ({ action, on, conditions, decision, because = '' }) => {
    const authorization: Authorization = { action, resource: on, conditions };
    const asked = caller ?? { kind: 'role', roleArn: ROLE, statements: identity };
    const answer = evaluate(asked, resource, authorization);
    expect(answer).toEqual({ decision, reason: expect.stringContaining(because) });
  });
});
