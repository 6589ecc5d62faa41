import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type DescribeExecutionOutput, RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import type { BatchStop } from '../statemachine/batch-contract.ts';
import { batchKey } from './batch-machine.ts';
import { startBatch } from './start-batch.ts';
import type { BatchPlace } from './watch-batch.ts';

/**
 * Renders the rows of a batch that has ended and that have no video: redriven where that is possible, else started
 * again. Returns the ARN of the execution.
 */
export async function renderMissingRows(
  batch: BatchPlace,
  { executionArn = '', redriveStatus, input = '{}' }: DescribeExecutionOutput,
): Promise<string> {
  const { clients, batchId } = batch;
  if (redriveStatus !== 'REDRIVABLE') return startBatch(batch, { ...JSON.parse(input), batchId });
  await clients.sfn.send(new RedriveExecutionCommand({ executionArn }));
  return executionArn;
}

/** Keeps further rows of a batch from being started. @param by `with the command …` */
export async function letRunningRowsFinish(
  { clients, machine, batchId }: BatchPlace,
  by: string,
): Promise<void> {
  const stop: BatchStop = { reason: 'BatchStopped', message: `Stopped ${by}; running rows have finished.` };
  const Key = batchKey(machine, batchId, 'stop.json');
  await clients.s3.send(new PutObjectCommand({ Bucket: machine.bucket, Key, Body: JSON.stringify(stop) }));
}
