import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { BatchRequest } from '../statemachine/batch-contract.ts';
import type { BatchPlace } from './watch-batch.ts';

/** As Step Functions takes them. */
const MAX_NAME_LENGTH = 80;

/** Starts an execution of a batch, with a name of its own that begins with the batch's. Returns its ARN. */
export async function startBatch(
  { clients, machine, batchId }: BatchPlace,
  input: BatchRequest,
): Promise<string> {
  const name = `${batchId.slice(0, MAX_NAME_LENGTH - 14)}-${Date.now()}`;
  const { executionArn = '' } = await clients.sfn.send(
    new StartExecutionCommand({ stateMachineArn: machine.arn, name, input: JSON.stringify(input) }),
  );
  return executionArn;
}
