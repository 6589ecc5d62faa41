import { epochSeconds } from './api-answers.ts';
import type { MapRun, MapRunChild } from './map-run.ts';

/** An execution of a Map Run as ListExecutions has it. */
interface ListedChild {
  readonly executionArn: string;
  readonly status: string;
  readonly redriveCount: number;
}

const COUNT_OF = {
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
} as const;

/** An element of ListMapRuns. */
export function listedMapRun({ arn, executionArn, stateMachineArn, startDate, stopDate }: MapRun): object {
  return {
    executionArn,
    mapRunArn: arn,
    stateMachineArn,
    startDate: epochSeconds(startDate),
    stopDate: stopDate === undefined ? undefined : epochSeconds(stopDate),
  };
}

/** Answer of DescribeMapRun. */
export function describedMapRun(mapRun: MapRun): object {
  const { arn, executionArn, status, startDate, stopDate, redriveCount, redriveDate, limits } = mapRun;
  return {
    mapRunArn: arn,
    executionArn,
    status,
    startDate: epochSeconds(startDate),
    stopDate: stopDate === undefined ? undefined : epochSeconds(stopDate),
    maxConcurrency: limits.maxConcurrency,
    toleratedFailurePercentage: limits.toleratedFailurePercentage ?? 0,
    toleratedFailureCount: limits.toleratedFailureCount ?? 0,
    itemCounts: countsOf(mapRun, ({ itemCount }) => itemCount),
    executionCounts: countsOf(mapRun, () => 1),
    redriveCount,
    redriveDate: redriveDate === undefined ? undefined : epochSeconds(redriveDate),
  };
}

/** Elements of ListExecutions, in the order of their start: those that are not pending. */
export function childrenOf({ arn, stateMachineArn, children }: MapRun): ListedChild[] {
  return children.flatMap(({ execution, itemCount, isPendingRedrive }) => {
    if (!execution) return [];
    const { name, status, startDate, stopDate, redriveCount, redriveDate } = execution;
    const listed = {
      executionArn: execution.arn,
      stateMachineArn,
      name,
      status: isPendingRedrive ? 'PENDING_REDRIVE' : status,
      startDate: epochSeconds(startDate),
      stopDate: stopDate === undefined ? undefined : epochSeconds(stopDate),
      mapRunArn: arn,
      itemCount,
      redriveCount,
      redriveDate: redriveDate === undefined ? undefined : epochSeconds(redriveDate),
    };
    return [listed];
  });
}

/** Recorded on AWS: what is pending at the end counts as written too, also without a ResultWriter. */
function countsOf({ children, status }: MapRun, of: (child: MapRunChild) => number): Record<string, number> {
  const counts = {
    pending: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    timedOut: 0,
    aborted: 0,
    total: 0,
    resultsWritten: 0,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  };
  for (const child of children) {
    const { execution, isPendingRedrive } = child;
    const count = of(child);
    counts.total += count;
    if (status !== 'RUNNING') counts.resultsWritten += count;
    if (!execution) counts.pending += count;
    else if (isPendingRedrive) counts.pendingRedrive += count;
    else counts[COUNT_OF[execution.status]] += count;
    const isFailure = execution && execution.status !== 'RUNNING' && execution.status !== 'SUCCEEDED';
    if (isFailure && execution.notRedrivableReason !== undefined) counts.failuresNotRedrivable += count;
  }
  return counts;
}
