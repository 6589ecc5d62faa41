import { ALL_CHECKS } from '../../../cli/doctor/all-checks.ts';
import type { CheckResult } from '../../../cli/doctor/check.ts';
import { createDoctorClients } from '../../../cli/doctor/doctor-clients.ts';
import { runChecks } from '../../../cli/doctor/run-checks.ts';
import { type DoctorOptions, WorkflowFacts } from '../../../cli/doctor/workflow-facts.ts';
import { createRenderClients } from '../../../cli/render-clients.ts';
import type { AwsResponse } from '../../../local/aws.ts';
import type { GatewayCall, Interceptor } from '../../../local/gateway.ts';
import { testMachine } from '../../end-to-end/test-machine.ts';

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

  return {
    on,
    facts,
    /** Breaks the answers until the end of the test. */
    breakAnswers(by: Interceptor): void {
      broken = by;
    },
    /** The result of one check. */
    async examine(name: string, options: DoctorOptions = {}): Promise<CheckResult> {
      const checks = ALL_CHECKS.filter((check) => check.name === name);
      const [result] = await runChecks(checks, await facts(options), () => {});
      if (!result) throw new Error(`There is no check ${name}.`);
      return result;
    },
  };
}

function isDoctors({ request }: GatewayCall): boolean {
  return request.principal.kind === 'administrator';
}

/** Changes what is answered to an action. @param change of the body: an object of JSON, else the text */
export function answer<T = Record<string, never>>(
  action: string,
  change: (body: T) => unknown,
  resource = /./,
): Interceptor {
  return async (call, next) => {
    const [asked] = call.authorizations;
    if (asked?.action !== action || !resource.test(asked.resource)) return next();
    const answered = await next();
    const body = String(answered.body);
    const isJson = /^\s*[{[]/.test(body);
    const changed = change((isJson ? JSON.parse(body) : body) as T);
    return { ...answered, body: typeof changed === 'string' ? changed : JSON.stringify(changed) };
  };
}

/** Answers an action as a service does that refuses or fails. */
export function answerWith(
  action: string,
  response: AwsResponse | (() => never),
  resource = /./,
): Interceptor {
  return async (call, next) => {
    const [asked] = call.authorizations;
    if (asked?.action !== action || !resource.test(asked.resource)) return next();
    return typeof response === 'function' ? response() : response;
  };
}

/** Changes settings of the workflow, which are in the environments of its functions. */
export function setting(variables: Readonly<Record<string, string | undefined>>): Interceptor {
  return answer<{ Environment: { Variables: Record<string, string> } }>(
    'lambda:GetFunctionConfiguration',
    (fn) => ({ ...fn, Environment: { Variables: { ...fn.Environment.Variables, ...variables } } }),
  );
}
