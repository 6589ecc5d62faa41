import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../local/synthesize.ts';
import { EXAMPLE_SETTINGS } from '../../permissions/example-settings.ts';
import type { ExplainedPolicies } from '../../permissions/explained-statement.ts';
import { readPolicies } from '../../permissions/read-policies.ts';

/** The policies of the stack with example names, as `npm run permissions` reads them. */
export async function examplePolicies(context: object = {}): Promise<ExplainedPolicies> {
  const directory = mkdtempSync(join(tmpdir(), 'permissions-'));
  try {
    await synthesize(directory, { ...EXAMPLE_SETTINGS, ...context });
    return readPolicies(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
