import { AwsError, LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../aws.ts';
import type { Json, JsonObject } from './json.ts';
import { sdkMetadata } from './sdk-metadata.ts';
import { stepFunctionsServiceError, TaskError } from './task-error.ts';
import type { TaskCall, TaskResource } from './task-resource.ts';

/** Through this rule AWS learns that the execution ended. */
const RULE_ARN = `arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;

const DATES = new Set(['StartDate', 'StopDate', 'RedriveDate']);

/** `states:startExecution`; with `.sync` and `.sync:2` the task waits for the end of what it starts. */
export function startExecutionTask(way: '' | '.sync' | '.sync:2'): TaskResource {
  const resource = `startExecution${way}`;
  return {
    pattern: new RegExp(`^arn:aws:states:::states:${resource.replace('.', '\\.')}$`),
    integration: { resourceType: 'states', resource },
    arguments: { required: ['StateMachineArn'], optional: ['Input', 'Name', 'TraceHeader'] },
    async call(call) {
      if (way !== '') mayWait(call);
      const started = await start(call);
      if (way === '') return started;
      const executionArn = String(started.ExecutionArn);
      try {
        call.submitted(started);
        await endOrAbort(call, executionArn);
      } catch (reason) {
        await stop(call, executionArn);
        throw reason;
      }
      return result(call, executionArn, way === '.sync:2');
    },
  };
}

/**
 * AWS asks for these when the state machine is created, and was seen to go on without them later
 * (recorded); here the task fails, so that a missing grant is seen.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
function mayWait({ services, caller }: TaskCall): void {
  try {
    for (const action of ['events:PutTargets', 'events:PutRule', 'events:DescribeRule']) {
      services.authorize(caller, { action, resource: RULE_ARN });
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw stepFunctionsServiceError(error.code, error.status, error.message);
  }
}

async function start({ args, services, caller, now }: TaskCall): Promise<JsonObject> {
  const { StateMachineArn, Input, Name, TraceHeader } = args as JsonObject;
  const { body, ...http } = await services.callStepFunctions({
    operation: 'StartExecution',
    input: {
      stateMachineArn: StateMachineArn ?? null,
      ...(Name !== undefined && Name !== null && { name: Name }),
      ...(TraceHeader !== undefined && { traceHeader: TraceHeader }),
      // Recorded on AWS: a text is passed as it is, null is an empty object.
      input: typeof Input === 'string' ? Input : JSON.stringify(Input ?? {}),
    },
    caller,
  });
  const { ExecutionArn = null, StartDate = null } = inTaskCase(body);
  return { ExecutionArn, ...sdkMetadata({ ...http, body }, now), StartDate };
}

async function endOrAbort({ services, signal }: TaskCall, executionArn: string): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([services.executionEnded(executionArn), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Best effort, as on AWS. The words of the cause are said to have been measured there. */
async function stop({ services, caller }: TaskCall, executionArn: string): Promise<void> {
  const cause = `The Task state in AWS Step Functions execution [${caller.executionArn}] which was managing this resource was aborted`;
  await services
    .callStepFunctions({ operation: 'StopExecution', input: { executionArn, cause }, caller })
    .catch(() => {});
}

async function result(
  { services, caller }: TaskCall,
  executionArn: string,
  isParsed: boolean,
): Promise<JsonObject> {
  const { body } = await services.callStepFunctions({
    operation: 'DescribeExecution',
    input: { executionArn },
    caller,
  });
  const described = inTaskCase(body);
  if (described.Status !== 'SUCCEEDED') {
    throw new TaskError('States.TaskFailed', JSON.stringify(described));
  }
  if (!isParsed) return described;
  const { Input, Output } = described;
  return { ...described, Input: JSON.parse(String(Input)), Output: JSON.parse(String(Output)) };
}

/** An answer of the API as tasks have it: names in capitals and in their order, times in milliseconds. */
function inTaskCase(body: JsonObject): JsonObject {
  const fields = Object.entries(body).map(([key, value]): [string, Json] => {
    const name = key.charAt(0).toUpperCase() + key.slice(1);
    if (DATES.has(name)) return [name, Math.round(Number(value) * 1000)];
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return [name, isObject ? inTaskCase(value) : value];
  });
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}
