import type { Authorization } from '../aws.ts';
import type { Json, JsonObject } from './json.ts';

/** Who makes a call. */
export interface TaskCaller {
  readonly executionArn: string;
  /** The state machine's role, on whose behalf the call is made. */
  readonly roleArn: string;
  readonly stateName: string;
  /** In an iteration of a Map, the index of its item. */
  readonly mapIndex?: number;
}

export interface LambdaInvocation {
  /** As the state has it: a name, a partial ARN or an ARN. */
  readonly functionName: string;
  readonly payload: Json;
  readonly caller: TaskCaller;
  /**
   * Aborted when the engine no longer waits for the answer: the task timed out, or the execution was stopped
   * or timed out. On AWS the function itself runs on to its end.
   */
  readonly signal: AbortSignal;
}

export interface LambdaAnswer {
  /** What the function returned; null if nothing. */
  readonly payload: Json;
  /** HTTP status, 200. */
  readonly statusCode: number;
  readonly requestId: string;
  /** `$LATEST` if absent. */
  readonly executedVersion?: string;
}

/** Events that a state publishes. */
export interface EventPublication {
  /** As the API takes them: `Detail` is text. */
  readonly entries: readonly JsonObject[];
  readonly caller: TaskCaller;
  /** Aborted when the engine no longer waits for the answer. */
  readonly signal: AbortSignal;
}

export interface PutEventsAnswer {
  /** What the PutEvents API answers: `Entries` and `FailedEntryCount`. */
  readonly body: JsonObject;
  /** HTTP status, 200. */
  readonly statusCode: number;
  readonly requestId: string;
}

export interface ObjectToRead {
  readonly bucket: string;
  readonly key: string;
  /** Account id. */
  readonly expectedBucketOwner?: string;
  readonly caller: TaskCaller;
}

export interface ObjectToWrite {
  readonly bucket: string;
  readonly key: string;
  readonly body: Buffer;
  readonly caller: TaskCaller;
}

/** A call of the Step Functions API. */
export interface StepFunctionsCall {
  readonly operation: 'StartExecution' | 'DescribeExecution' | 'StopExecution';
  readonly input: JsonObject;
  readonly caller: TaskCaller;
}

export interface StepFunctionsAnswer {
  readonly body: JsonObject;
  /** HTTP status, 200. */
  readonly statusCode: number;
  readonly requestId: string;
}

/** What the engine calls for its tasks. A failed call throws a TaskError, where nothing else is said. */
export interface TaskServices {
  /** Invokes a function and waits for its answer. Throws TaskError: `lambdaFunctionError`, `lambdaServiceError`. */
  invokeLambda(invocation: LambdaInvocation): Promise<LambdaAnswer>;
  /** Publishes events. Throws TaskError: `eventBridgeServiceError`. */
  putEvents(publication: EventPublication): Promise<PutEventsAnswer>;
  /** Throws TaskError: `stepFunctionsServiceError`. */
  callStepFunctions(call: StepFunctionsCall): Promise<StepFunctionsAnswer>;
  /** Throws AwsError, e.g. `NoSuchKey`, `AccessDenied`. */
  getObject(object: ObjectToRead): Promise<Buffer>;
  /** Throws AwsError. */
  putObject(object: ObjectToWrite): Promise<void>;
  /** Decides a permission of a call that the engine makes to itself. Throws AwsError `AccessDeniedException`. */
  authorize(caller: TaskCaller, authorization: Authorization): void;
  /** Resolves when an execution has ended, however it ended. */
  executionEnded(executionArn: string): Promise<void>;
}
