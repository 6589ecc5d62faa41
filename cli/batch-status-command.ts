import type { BatchForecast } from '../statemachine/batch-contract.ts';
import type { ConnectOptions } from './connect.ts';
import type { Display } from './display.ts';
import { prepareTarget } from './fetch-video.ts';
import { findBatch } from './find-batch.ts';
import { describeForecast, describeProgress } from './show-batch.ts';
import { UsageError } from './usage-error.ts';
import { progressOf, startOf, watchBatch } from './watch-batch.ts';

export interface BatchStatusOptions extends ConnectOptions {
  readonly watch?: boolean;
  readonly download?: string;
  readonly json?: boolean;
}

/** Shows a batch, the newest if none is named. Returns the exit status. */
export async function batchStatusCommand(
  named: string | undefined,
  options: BatchStatusOptions,
  display: Display,
): Promise<number> {
  const { watch, download, json } = options;
  if (download !== undefined) prepareTarget(`${download}/`);
  const batch = await findBatch(named, options);
  const { executionArn, batchId, input, execution } = batch;
  const { status } = execution;
  if (input.dryRun && status === 'SUCCEEDED') {
    const told: BatchForecast = JSON.parse(execution.output ?? '{}');
    display.note(describeForecast(told));
    if (json) console.log(JSON.stringify(told));
    return 0;
  }
  if (status !== 'RUNNING' || watch)
    return watchBatch(batch, async () => executionArn, { display, ...options });
  if (download !== undefined)
    throw new UsageError(`The batch ${batchId} is still running; --watch waits for its videos.`);
  const startedAt = startOf(execution);
  const progress = await progressOf(batch, startedAt);
  display.note(`${batchId}\n  ${describeProgress(progress, startedAt)}`);
  if (json) console.log(JSON.stringify({ executionArn, batchId, status, progress }));
  return 0;
}
