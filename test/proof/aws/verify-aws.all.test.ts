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

const folder = mkdtempSync(join(tmpdir(), 'verify-aws-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The stack that verify:aws deploys, on this machine. */
function verificationMachine(more: Readonly<Record<string, string>> = {}) {
  return testMachine({
    context: { ...VERIFICATION_CONTEXT, ...more },
    async synthesizeApp(context) {
      const assembly = mkdtempSync(join(folder, 'cdk.out-'));
      await synthesize(assembly, context, APP);
      return assembly;
    },
  });
}

describe('what verify:aws tries on AWS holds on one machine, by the endpoint and credentials alone', () => {
  const on = verificationMachine();
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

describe('with a key of the state machine, whose events have no input', () => {
  const on = verificationMachine({ encrypted: 'true' });

  test('a stopped execution has its render cancelled', async () => {
    const { clientConfig: settings, stack } = on.machine;
    const scenarios = SCENARIOS.filter(({ name }) => name.startsWith('a stopped execution'));
    const results = await runScenarios(new Verification({ settings, outputs: stack.outputs }), scenarios);
    expect(results).toMatchObject([{ status: 'ok' }]);
  });
});
