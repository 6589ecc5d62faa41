import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { synthesize } from '../../../local/cloud-assembly/synthesize.ts';
import { runScenarios, SCENARIOS } from '../../../proof/aws/run-scenarios.ts';
import { Verification } from '../../../proof/aws/verification.ts';
import { VERIFICATION_CONTEXT } from '../../../proof/aws/verification-context.ts';
import { testMachine } from '../../end-to-end/test-machine.ts';

jest.setTimeout(1_200_000);

const APP = join(import.meta.dirname, '../../../proof/aws/verification-app.ts');

const assembly = mkdtempSync(join(tmpdir(), 'verify-aws-'));
afterAll(() => rmSync(assembly, { recursive: true, force: true }));

const on = testMachine({
  context: VERIFICATION_CONTEXT,
  async synthesizeApp(context) {
    await synthesize(assembly, context, APP);
    return assembly;
  },
});

describe('what verify:aws tries on AWS holds on one machine, by the endpoint and credentials alone', () => {
  let verification: Verification;
  beforeAll(() => {
    const { clientConfig: settings, stack } = on.machine;
    verification = new Verification({ settings, outputs: stack.outputs });
  });

  test.each(SCENARIOS)('$name', async (scenario) => {
    const [result] = await runScenarios(verification, [scenario]);
    const expected = scenario.name.includes('another region')
      ? { status: 'skipped', seen: 'no --other-region' }
      : { status: 'ok', seen: result?.seen };
    expect(result).toMatchObject(
      result?.status === expected.status ? expected : { status: expected.status, seen: '' },
    );
  });
});
