import { stateMachineArnOf } from './execution-arn.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { TaskError } from './task-error.ts';
import type { LambdaAnswer, TaskCaller, TaskServices } from './task-services.ts';

export interface TaskCall {
  /** The task's Resource. */
  readonly resource: string;
  /** The evaluated Arguments, or the state's input. */
  readonly args: Json;
  readonly services: TaskServices;
  readonly caller: TaskCaller;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface TaskResource {
  /** Whether a state's Resource is this one. */
  readonly pattern: RegExp;
  /** Service and API action of an integration, which the Task* events name. Without it the events are LambdaFunction*. */
  readonly integration?: { readonly resourceType: string; readonly resource: string };
  /** The task has not ended with its call, but when its token comes back. */
  readonly waitsForToken?: true;
  /** The arguments the call takes; any, if absent. */
  readonly arguments?: { readonly required: readonly string[]; readonly optional: readonly string[] };
  /** Makes the call and gives the task's result. Throws TaskError. */
  call(call: TaskCall): Promise<Json>;
}

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

/** What the result of every integration says about its call. */
function sdkMetadata(
  { body, statusCode, requestId }: { body: Json; statusCode: number; requestId: string },
  now: number,
  headersOfService: Readonly<Record<string, string>> = {},
): JsonObject {
  const headers: Record<string, string> = {
    ...headersOfService,
    Connection: 'keep-alive',
    'x-amzn-RequestId': requestId,
    'Content-Length': String(Buffer.byteLength(JSON.stringify(body))),
    Date: new Date(now).toUTCString(),
    'Content-Type': 'application/json',
  };
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
