import { letRunningRowsFinish } from './batch-actions.ts';
import type { ConnectOptions } from './connect.ts';
import type { Display } from './display.ts';
import { findBatch } from './find-batch.ts';
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
    await letRunningRowsFinish(batch, 'with the command remotion-step-functions');
    display.done(`No more rows of ${batchId} are started; those that are rendering finish.`);
  } else {
    await stopExecution(clients, executionArn);
    display.done(`Stopped ${batchId}; its renders are being cancelled.`);
  }
  const status = isRunning && !options.finishRunning ? 'ABORTED' : execution.status;
  if (options.json) console.log(JSON.stringify({ executionArn, batchId, status }));
  return 0;
}
