import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import type { BatchForecast, BatchRequest, BatchSummary } from '../../statemachine/batch-contract.ts';
import { batchIdOfName } from '../../statemachine/parse-batch-request.ts';
import { nameOf } from '../find-state-machine.ts';
import { batchSecondsLeft } from '../show-batch.ts';
import { batchCounts } from './batch-counts.ts';
import type { ExecutionFeed } from './execution-feed.ts';
import { executionMessage } from './execution-message.ts';
import { parse } from './execution-story.ts';
import type { FailedRows } from './failed-rows.ts';

/** What the page shows of a batch; as `executionMessage`. */
export function batchMessage(feed: ExecutionFeed, failed: FailedRows, told: number): object {
  return {
    ...executionMessage(feed, told),
    ...(feed.execution && describe(feed, feed.execution)),
    failedRows: failed.rows,
    ...(failed.trouble && { failedRowsTrouble: failed.trouble }),
  };
}

function describe({ story }: ExecutionFeed, execution: NonNullable<ExecutionFeed['execution']>): object {
  const { startDate, redriveDate, cause } = execution;
  const output = parse(execution.output) as Partial<BatchSummary & BatchForecast> | undefined;
  const { batchId, maxCostInUsd, dryRun } = batchRequest(execution);
  const counts = batchCounts(story, output);
  const startedAt = (redriveDate ?? startDate)?.getTime() ?? 0;
  const { at } = counts ?? {};
  return {
    batchId,
    ...(maxCostInUsd !== undefined && { maxCostInUsd }),
    counts,
    ...(counts && at && !story.hasEnded && { secondsLeft: batchSecondsLeft({ ...counts, at }, startedAt) }),
    ...(dryRun && output?.problems !== undefined && { forecast: output }),
    ...(output?.seconds && { seconds: output.seconds }),
    ...(cause && { message: messageOf(cause) }),
    // PrepareBatch names them first; without it no row was started, and there are none.
    hasResults: story.hasEnded && counts !== undefined && !dryRun,
  };
}

/** The request in the input of an execution of a batch, with its batchId. Of an input that is none, only that. */
export function batchRequest({
  input,
  executionArn = '',
}: DescribeExecutionOutput): Partial<BatchRequest> & { batchId: string } {
  const request = parse(input);
  const fields = typeof request === 'object' && request !== null ? (request as Partial<BatchRequest>) : {};
  const { batchId } = fields;
  return { ...fields, batchId: typeof batchId === 'string' ? batchId : batchIdOfName(nameOf(executionArn)) };
}

/** The error of a function has its message in JSON. */
function messageOf(cause: string): string {
  const { errorMessage } = (parse(cause) ?? {}) as { errorMessage?: string };
  return errorMessage ?? cause;
}
