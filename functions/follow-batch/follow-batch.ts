import { SFNClient } from '@aws-sdk/client-sfn';
import type { BatchProgress, BatchStop, FollowBatchInput } from '../../statemachine/batch-contract.ts';
import { openBatchStore } from '../batch/open-batch-store.ts';
import { costOf, lastOfEachRow } from '../batch/row-record.ts';
import { stepHandler, tracer } from '../runtime/step-handler.ts';
import { lookAtMapRun } from './map-run.ts';

const SHORTEST_WAIT = 5;
/** Of a batch that is not older than a hundred times that. */
const LONGEST_WAIT = 60;
/** So many seconds' starts may be too many for a budget. */
const LONGEST_WAIT_WITH_BUDGET = 10;
/** As the longest wait, but where waits are shorter. */
const SECONDS_BETWEEN_EVENTS = 60;

const { store } = openBatchStore();
const requestHandler = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };
const sfn = tracer.captureAWSv3Client(new SFNClient({ requestHandler }));

/** Counts the rows of a batch and what they have cost, and keeps rows from being started once the budget is spent. */
export const handler = stepHandler<FollowBatchInput, BatchProgress>(
  'FollowBatch',
  ({ executionArn }) => ({ jobId: undefined, executionArn }),
  async ({ batch, executionArn, publishedAt }) => {
    const { batchId, rows, rowsToRender, maxCostInUsd, stopping, preparedAt } = batch;
    // In this order: what ends in between is counted.
    const { running, isOver } = await lookAtMapRun(sfn, executionArn, preparedAt);
    const records = await store.listRecords(batchId);
    // Of the rows that are rendered now: results from before may be of other rows of the table, or as they were then.
    const last = lastOfEachRow(records.filter(({ at }) => at >= Date.parse(preparedAt)));
    const failed = [...last.values()].filter(({ status }) => status === 'failed').length;
    const succeeded = rows - rowsToRender + last.size - failed;
    const costInUsd = costOf(records);
    const isSpent = maxCostInUsd !== null && costInUsd >= maxCostInUsd && succeeded + failed < rows;
    if (isSpent && !isOver) await stop(batchId, costInUsd, maxCostInUsd);
    const now = Date.now();
    const progress: BatchProgress = {
      batchId,
      rows,
      rowsToRender,
      succeeded,
      failed,
      unfinished: rows - succeeded - failed,
      costInUsd,
      running,
      isOver,
      cancel: isSpent && !isOver && stopping === 'cancel-running',
      publish: !isOver && now - Date.parse(publishedAt ?? preparedAt) >= SECONDS_BETWEEN_EVENTS * 1000,
      secondsUntilNextLook: wait(now - Date.parse(preparedAt), maxCostInUsd !== null),
      at: new Date(now).toISOString(),
    };
    await store.writeJson(store.keys.progress(batchId), progress);
    return progress;
  },
);

async function stop(batchId: string, costInUsd: number, maxCostInUsd: number): Promise<void> {
  const message = `The renders of the batch have cost $${costInUsd.toFixed(4)}, and its maxCostInUsd is ${maxCostInUsd}.`;
  await store.writeJson(store.keys.stop(batchId), {
    reason: 'BatchOverBudget',
    message,
  } satisfies BatchStop);
}

/**
 * A tenth of the batch's age: a short batch is soon known to be over. And of a long one a hundredth, for an execution
 * has 25,000 events at most, and what a budget is then overspent by is a hundredth of it. In seconds.
 */
function wait(ageInMs: number, hasBudget: boolean): number {
  const age = ageInMs / 1000;
  const longest = hasBudget ? LONGEST_WAIT_WITH_BUDGET : LONGEST_WAIT;
  return Math.round(Math.max(SHORTEST_WAIT, Math.min(longest, age / 10), age / 100));
}
