import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { letRunningRowsFinish } from './batch-actions.ts';
import type { ConnectOptions } from './connect.ts';
import type { Display } from './display.ts';
import { type FoundBatch, findBatch } from './find-batch.ts';
import { progressOf, startOf } from './watch-batch.ts';
import { stopExecution } from './watch-to-end.ts';

export interface BatchStopOptions extends ConnectOptions {
  readonly finishRunning?: boolean;
  readonly json?: boolean;
}

/** Stops a batch with its renders, or lets those finish. Returns the exit status. */
export async function batchStopCommand(
  named: string,
  options: BatchStopOptions,
  display: Display,
): Promise<number> {
  const batch = await findBatch(named, options);
  const { clients, executionArn, batchId, execution } = batch;
  const isRunning = execution.status === 'RUNNING';
  if (!isRunning) display.note(`The batch ${batchId} had ended already: ${execution.status}.`);
  else if (options.finishRunning) {
    const how = 'with the command remotion-step-functions';
    await letRunningRowsFinish(batch, how);
    display.working('Waiting until its rows are checked');
    // Who checks them forgets what has stopped the batch before.
    if (await waitsForRows(batch)) await letRunningRowsFinish(batch, how);
    display.done(`No more rows of ${batchId} are started; those that are rendering finish.`);
  } else {
    await stopExecution(clients, executionArn);
    display.done(`Stopped ${batchId}; its renders are being cancelled.`);
  }
  const status = isRunning && !options.finishRunning ? 'ABORTED' : execution.status;
  if (options.json) console.log(JSON.stringify({ executionArn, batchId, status }));
  return 0;
}

/** Waits until rows are rendered. Whether that was not so at once. */
async function waitsForRows(batch: FoundBatch): Promise<boolean> {
  const { clients, executionArn, execution } = batch;
  for (let waits = false; ; waits = true) {
    if (await progressOf(batch, startOf(execution))) return waits;
    const { status } = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return waits;
    await sleep(2_000);
  }
}
