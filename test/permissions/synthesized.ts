import { synthesizedApp } from '../../local/cloud-assembly/synthesize.ts';
import { EXAMPLE_SETTINGS } from '../../permissions/example-settings.ts';
import type { ExplainedPolicies } from '../../permissions/explained-statement.ts';
import { readPolicies } from '../../permissions/read-policies.ts';

/** The policies of the stack with example names, as `npm run permissions` reads them. */
export async function examplePolicies(context: object = {}): Promise<ExplainedPolicies> {
  return readPolicies(await synthesizedApp({ ...EXAMPLE_SETTINGS, ...context }));
}
