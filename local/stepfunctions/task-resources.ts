import { stateMachineArnOf } from './execution-arn.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { sdkMetadata } from './sdk-metadata.ts';
import { startExecutionTask } from './start-execution-task.ts';
import { TaskError } from './task-error.ts';
import type { TaskResource } from './task-resource.ts';
import type { LambdaAnswer } from './task-services.ts';

const LAMBDA_INVOKE: Pick<TaskResource, 'arguments' | 'call'> = {
  arguments: { required: ['FunctionName'], optional: ['Payload'] },
  async call({ args, services, caller, signal, now }) {
    const { FunctionName, Payload = {} } = args as JsonObject;
    if (typeof FunctionName !== 'string') {
      throw new TaskError('Lambda.SdkClientException', 'FunctionName must be a text');
    }
    const answer = await services.invokeLambda({
      functionName: FunctionName,
      payload: Payload,
      caller,
      signal,
    });
    return invokeResult(answer, now);
  },
};

/** Every Resource a Task may have. */
const TASK_RESOURCES: readonly TaskResource[] = [
  {
    ...LAMBDA_INVOKE,
    pattern: /^arn:aws:states:::lambda:invoke$/,
    integration: { resourceType: 'lambda', resource: 'invoke' },
  },
  {
    ...LAMBDA_INVOKE,
    pattern: /^arn:aws:states:::lambda:invoke\.waitForTaskToken$/,
    integration: { resourceType: 'lambda', resource: 'invoke.waitForTaskToken' },
    waitsForToken: true,
  },
  {
    pattern: /^arn:aws:states:::events:putEvents$/,
    integration: { resourceType: 'events', resource: 'putEvents' },
    arguments: { required: ['Entries'], optional: [] },
    async call({ args, services, caller, signal, now }) {
      const entries = eventEntries((args as JsonObject).Entries, caller.executionArn);
      const { body, ...http } = await services.putEvents({ entries, caller, signal });
      if (Number(body.FailedEntryCount) > 0) {
        throw new TaskError('EventBridge.FailedEntry', JSON.stringify(body));
      }
      return { ...body, ...sdkMetadata({ ...http, body }, now) };
    },
  },
  startExecutionTask(''),
  startExecutionTask('.sync'),
  startExecutionTask('.sync:2'),
  {
    pattern: /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?$/,
    async call({ resource, args, services, caller, signal }) {
      const answer = await services.invokeLambda({ functionName: resource, payload: args, caller, signal });
      return answer.payload;
    },
  },
];

export function findTaskResource(resource: string): TaskResource | undefined {
  return TASK_RESOURCES.find(({ pattern }) => pattern.test(resource));
}

/** What is wrong with the arguments of a call, or undefined: a missing or an unsupported one, by name. */
export function argumentsProblem(resource: TaskResource, args: Json): string | undefined {
  if (!resource.arguments) return undefined;
  if (!isJsonObject(args)) return 'the arguments must be an object';
  const { required, optional } = resource.arguments;
  const missing = required.find((name) => !(name in args));
  if (missing) return `the argument ${missing} is missing`;
  const unknown = Object.keys(args).find((name) => !required.includes(name) && !optional.includes(name));
  return unknown && `the argument ${unknown} is not supported`;
}

/**
 * The entries as the API takes them. Step Functions names the execution and its state machine among the resources.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
 */
function eventEntries(entries: Json | undefined, executionArn: string): JsonObject[] {
  if (!Array.isArray(entries) || !entries.every(isJsonObject)) {
    throw new TaskError('EventBridge.SdkClientException', 'Entries must be a list of objects');
  }
  return entries.map(({ Detail, Resources, ...entry }) => ({
    ...entry,
    ...(Detail !== undefined && { Detail: typeof Detail === 'string' ? Detail : JSON.stringify(Detail) }),
    Resources: [
      ...(Array.isArray(Resources) ? Resources : []),
      executionArn,
      stateMachineArnOf(executionArn),
    ],
  }));
}

function invokeResult(answer: LambdaAnswer, now: number): JsonObject {
  const ExecutedVersion = answer.executedVersion ?? '$LATEST';
  const { payload: body, statusCode, requestId } = answer;
  const headers = { 'X-Amz-Executed-Version': ExecutedVersion, 'x-amzn-Remapped-Content-Length': '0' };
  return {
    ExecutedVersion,
    Payload: body,
    ...sdkMetadata({ body, statusCode, requestId }, now, headers),
    StatusCode: statusCode,
  };
}
