import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { batchCounts, type ShownCounts } from './batch-counts.ts';
import { batchRequest } from './batch-message.ts';
import type { ExecutionFeed } from './execution-feed.ts';
import { parse } from './execution-story.ts';
import type { Listed } from './executions-list.ts';
import { lookAtNewest } from './look-at-newest.ts';

/** An execution of the state machine of batches in the list. */
export interface ListedBatch extends Listed {
  readonly batchId?: string;
  readonly isDryRun?: boolean;
  readonly counts?: ShownCounts;
  /** Name of the error. */
  readonly error?: string;
}

/** As `learnRender`. */
export async function learnBatch(
  sfn: SFNClient,
  executionArn: string,
  { status: known, batchId }: ListedBatch,
  watched: ExecutionFeed | undefined,
): Promise<Partial<ListedBatch>> {
  const { story } = watched ?? (await lookAtNewest(sfn, executionArn));
  if (batchId !== undefined && known === 'RUNNING' && !story.hasEnded) {
    const counts = batchCounts(story, undefined);
    return counts ? { counts } : {};
  }
  const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  const { output, status, error } = execution;
  const { batchId: id, dryRun } = batchRequest(execution);
  const counts = batchCounts(story, parse(output));
  return {
    ...(status && { status }),
    batchId: id,
    isDryRun: dryRun === true,
    ...(counts && { counts }),
    ...(error && { error }),
  };
}
