import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { BatchStop } from '../statemachine/batch-contract.ts';
import { batchKey } from './batch-machine.ts';
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
  const { clients, machine, executionArn, batchId, execution } = await findBatch(named, options);
  const isRunning = execution.status === 'RUNNING';
  if (!isRunning) display.note(`The batch ${batchId} had ended already: ${execution.status}.`);
  else if (options.finishRunning) {
    const stop: BatchStop = {
      reason: 'BatchStopped',
      message: 'Stopped with the command remotion-step-functions; running rows have finished.',
    };
    const Key = batchKey(machine, batchId, 'stop.json');
    await clients.s3.send(new PutObjectCommand({ Bucket: machine.bucket, Key, Body: JSON.stringify(stop) }));
    display.done(`No more rows of ${batchId} are started; those that are rendering finish.`);
  } else {
    await stopExecution(clients, executionArn);
    display.done(`Stopped ${batchId}; its renders are being cancelled.`);
  }
  const status = isRunning && !options.finishRunning ? 'ABORTED' : execution.status;
  if (options.json) console.log(JSON.stringify({ executionArn, batchId, status }));
  return 0;
}
