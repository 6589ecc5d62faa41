import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../aws.ts';

/** A function as its template describes it. */
export interface FunctionConfiguration {
  readonly functionName: string;
  /** Absolute path of the unpacked code. */
  readonly folder: string;
  /** As in the template: `index.handler` is the export `handler` of `index.mjs` (`.js`, `.cjs`, `.ts`). */
  readonly handler: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutInSeconds: number;
  /** Also the limit of the JavaScript heap; what a process holds besides is not limited here. */
  readonly memoryInMegabytes: number;
  /** Invocations at once; one more is throttled. @default no limit */
  readonly concurrencyLimit?: number;
  /** How often an event is tried again that failed, from 0 to 2. @default 2 */
  readonly maximumRetryAttempts?: number;
  /** How long an event is kept for another try. @default 21,600, which is 6 hours */
  readonly maximumEventAgeInSeconds?: number;
  /** Gets the invocation record of an event that is given up. */
  readonly onFailureQueueArn?: string;
  /** Gets an event that is given up, as it came. */
  readonly deadLetterQueueArn?: string;
}

/** The unqualified ARN of a function of the one-machine run. */
export function functionArn(functionName: string): string {
  return `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:function:${functionName}`;
}
