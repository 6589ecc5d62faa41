import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';

let client: SFNClient | undefined;

/** What EventBridge leaves out of the event of an execution. */
export interface DescribedExecution {
  /** JSON text. */
  readonly input: string;
  readonly error?: string;
  readonly cause?: string;
}

/**
 * Asks Step Functions for the input of an execution, and for what it ended with. To be imported when it is needed,
 * as its client takes time to load.
 *
 * @throws Error of the SDK.
 */
export async function describeExecution(executionArn: string): Promise<DescribedExecution> {
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };
  client ??= new SFNClient({ requestHandler });
  const { input = '{}', error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
  return { input, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}
