import type { Clock } from '../aws.ts';
import type { FunctionConfiguration } from './function-configuration.ts';
import type { InvocationResult } from './invocation-result.ts';

/** An event of an asynchronous invocation, which Lambda keeps until it is processed or discarded. */
export interface AcceptedEvent {
  readonly requestId: string;
  readonly configuration: FunctionConfiguration;
  /** JSON text. */
  readonly payload: string;
}

/** Why and after what Lambda gave up an event. */
export interface GivenUp {
  readonly condition: 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';
  /** How often the function has run for it. */
  readonly invocations: number;
  /** The last failed run; absent if the function never ran. */
  readonly result?: InvocationResult;
}

export interface EventProcessing {
  readonly clock: Clock;
  /** Runs the function once. An AwsError of status 429 or 5xx says that it did not run. */
  readonly invoke: (event: AcceptedEvent) => Promise<InvocationResult>;
  /** Absent where there are no queues. */
  readonly sendToQueue: SendToQueue | undefined;
  readonly log: (functionName: string, line: string) => void;
}

/**
 * Sends a message to a queue with the permissions of the function's role.
 * Throws AwsError, e.g. `AccessDeniedException`, `QueueDoesNotExist`.
 */
export type SendToQueue = (
  functionName: string,
  queueArn: string,
  body: string,
  attributes: Readonly<Record<string, string>>,
) => Promise<void>;
