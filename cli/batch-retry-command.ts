import { renderMissingRows } from './batch-actions.ts';
import type { ConnectOptions } from './connect.ts';
import type { Display } from './display.ts';
import { prepareTarget } from './fetch-video.ts';
import { findBatch } from './find-batch.ts';
import { UsageError } from './usage-error.ts';
import { watchBatch } from './watch-batch.ts';

export interface BatchRetryOptions extends ConnectOptions {
  readonly download?: string;
  readonly json?: boolean;
}

/** Renders the rows of a batch that have no video. Returns the exit status. */
export async function batchRetryCommand(
  named: string | undefined,
  options: BatchRetryOptions,
  display: Display,
): Promise<number> {
  if (options.download !== undefined) prepareTarget(`${options.download}/`);
  const batch = await findBatch(named, options);
  const { batchId, execution } = batch;
  if (execution.status === 'RUNNING') throw new UsageError(`The batch ${batchId} is still running.`);
  const begin = async () => {
    const again = await renderMissingRows(batch, execution);
    display.done(`Started the rows of ${batchId} that have no video`);
    return again;
  };
  return watchBatch(batch, begin, { display, ...options });
}
