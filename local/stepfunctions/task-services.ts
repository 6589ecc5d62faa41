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

/** What the engine calls for its tasks. A failed call throws a TaskError. */
export interface TaskServices {
  /** Invokes a function and waits for its answer. Throws TaskError: `lambdaFunctionError`, `lambdaServiceError`. */
  invokeLambda(invocation: LambdaInvocation): Promise<LambdaAnswer>;
  /** Publishes events. Throws TaskError: `eventBridgeServiceError`. */
  putEvents(publication: EventPublication): Promise<PutEventsAnswer>;
}
