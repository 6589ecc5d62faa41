import { DescribeMapRunCommand, ListMapRunsCommand, type SFNClient } from '@aws-sdk/client-sfn';

/** The Map Run of a batch at one moment. */
export interface MapRunState {
  /** Children that run. */
  readonly running: number;
  readonly isOver: boolean;
}

/** Of an execution's Map Run that was started after a time, the newest. One that is not known yet is not over. */
export async function lookAtMapRun(
  sfn: SFNClient,
  executionArn: string,
  startedAfter: string,
): Promise<MapRunState> {
  const { mapRuns = [] } = await sfn.send(new ListMapRunsCommand({ executionArn }));
  const newest = mapRuns
    .filter(({ startDate }) => (startDate?.getTime() ?? 0) >= Date.parse(startedAfter))
    .sort((a, b) => (b.startDate?.getTime() ?? 0) - (a.startDate?.getTime() ?? 0))[0];
  if (!newest) return { running: 0, isOver: false };
  const { status, executionCounts } = await sfn.send(
    new DescribeMapRunCommand({ mapRunArn: newest.mapRunArn }),
  );
  return { running: executionCounts?.running ?? 0, isOver: status !== 'RUNNING' };
}
