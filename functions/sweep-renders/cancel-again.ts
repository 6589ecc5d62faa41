import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { tracer } from '../runtime/step-handler.ts';
import type { SweptExecution } from './executions.ts';

const client = tracer.captureAWSv3Client(new LambdaClient({}));

/**
 * Sends CancelRender the event of an ended execution once more, without its input, for which CancelRender asks then:
 * it cancels what still runs and frees what the execution has.
 *
 * @throws Error of the SDK.
 */
export async function cancelAgain(functionName: string, execution: SweptExecution): Promise<void> {
  const { executionArn, status, startedAt, endedAt, error, cause, redriveCount } = execution;
  const event = {
    'detail-type': 'Step Functions Execution Status Change',
    detail: {
      executionArn,
      name: executionArn.split(':').at(-1),
      status,
      input: null,
      startDate: startedAt,
      stopDate: endedAt ?? startedAt,
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
      redriveCount,
    },
  };
  await client.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: JSON.stringify(event),
    }),
  );
}
