import { ALL_CHECKS } from '../../../cli/doctor/all-checks.ts';
import type { CheckResult } from '../../../cli/doctor/check.ts';
import { createDoctorClients } from '../../../cli/doctor/doctor-clients.ts';
import { runChecks } from '../../../cli/doctor/run-checks.ts';
import { type DoctorOptions, WorkflowFacts } from '../../../cli/doctor/workflow-facts.ts';
import { createRenderClients } from '../../../cli/render-clients.ts';
import type { GatewayCall, Interceptor } from '../../../local/gateway.ts';
import { testMachine } from '../../end-to-end/test-machine.ts';

/** A check, its status when the answers are broken so, what it has found, and the one thing to do. */
export type BrokenCheck = readonly [
  name: string,
  status: 'fail' | 'warn',
  by: Interceptor,
  found: RegExp,
  remedy: RegExp,
];

/** A machine whose answers to the doctor can be broken, for the tests of one file. */
export function doctorOnMachine() {
  let broken: Interceptor | undefined;
  const on = testMachine({
    intercept: (call, next) => (broken && isDoctors(call) ? broken(call, next) : next()),
  });
  const before = { ...process.env };
  beforeAll(() => {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: on.machine.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
  });
  afterAll(() => {
    process.env = before;
  });
  afterEach(() => {
    broken = undefined;
  });

  async function facts(options: DoctorOptions = {}, accessKeyId = 'local'): Promise<WorkflowFacts> {
    const { endpoint, region } = on.machine.clientConfig;
    const credentials = { accessKeyId, secretAccessKey: 'local' };
    const clients = createRenderClients({ endpoint, region, credentials });
    return new WorkflowFacts(await createDoctorClients(clients), options);
  }

  /** Breaks the answers until the end of the test. */
  function breakAnswers(by: Interceptor): void {
    broken = by;
  }

  /** The result of one check. */
  async function examine(name: string, options: DoctorOptions = {}): Promise<CheckResult> {
    const checks = ALL_CHECKS.filter((check) => check.name === name);
    const [result] = await runChecks(checks, await facts(options), () => {});
    if (!result) throw new Error(`There is no check ${name}.`);
    return result;
  }

  /** A test for each. */
  function testBroken(checks: readonly BrokenCheck[]): void {
    test.each(checks)('%s, broken: %s', async (name, status, by, found, remedy) => {
      breakAnswers(by);
      expect(await examine(name)).toMatchObject({
        status,
        found: expect.stringMatching(found),
        remedy: expect.stringMatching(remedy),
      });
    });
  }

  return { on, facts, breakAnswers, examine, testBroken };
}

function isDoctors({ request }: GatewayCall): boolean {
  return request.principal.kind === 'administrator';
}
