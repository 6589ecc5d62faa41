import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type HistoryEvent,
  paginateGetExecutionHistory,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { RenderProgressReport } from '../statemachine/contract.ts';

/** What a watcher sees of a running execution. */
export interface ExecutionUpdate {
  /** Name of the state that was entered last. */
  readonly state: string | undefined;
  /** The last look at the render. */
  readonly progress: RenderProgressReport | undefined;
}

/** How an execution ended. */
export interface ExecutionEnd {
  readonly executionArn: string;
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  /** Of a `SUCCEEDED` execution. */
  readonly output?: unknown;
  /** Name of the error of an execution that did not succeed. */
  readonly error?: string;
  readonly cause?: string;
  /** State transitions that AWS bills: every state entered, and every retry. */
  readonly stateTransitions: number;
  /** From start to stop, in milliseconds. */
  readonly durationInMs: number;
}

/**
 * Follows an execution to its end by Step Functions' own API, so on AWS as on one machine.
 *
 * @param onUpdate Called after every look, four times a second by default.
 */
export async function followExecution(
  sfn: SFNClient,
  executionArn: string,
  onUpdate: (update: ExecutionUpdate) => void,
  intervalInMs = 250,
): Promise<ExecutionEnd> {
  for (;;) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const events = await readHistory(sfn, executionArn);
    onUpdate({ state: lastState(events), progress: lastProgress(events) });
    if (execution.status !== 'RUNNING') return describeEnd(execution, events);
    await sleep(intervalInMs);
  }
}

async function readHistory(client: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  const pages = paginateGetExecutionHistory(
    { client, pageSize: 1000 },
    { executionArn, includeExecutionData: true },
  );
  for await (const page of pages) events.push(...(page.events ?? []));
  return events;
}

function lastState(events: readonly HistoryEvent[]): string | undefined {
  return events.findLast(({ stateEnteredEventDetails }) => stateEnteredEventDetails)?.stateEnteredEventDetails
    ?.name;
}

function lastProgress(events: readonly HistoryEvent[]): RenderProgressReport | undefined {
  const look = events.findLast(
    ({ type, stateExitedEventDetails: state }) =>
      type === 'TaskStateExited' && state?.name === 'GetRenderProgress',
  );
  const output = JSON.parse(look?.stateExitedEventDetails?.output ?? 'null');
  return typeof output?.progressInPercent === 'number' ? output : undefined;
}

function describeEnd(execution: DescribeExecutionOutput, events: readonly HistoryEvent[]): ExecutionEnd {
  const { executionArn = '', status, output, error, cause, startDate, stopDate } = execution;
  return {
    executionArn,
    status: status as ExecutionEnd['status'],
    ...(output !== undefined && { output: JSON.parse(output) }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    stateTransitions: countTransitions(events),
    durationInMs: (stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0),
  };
}

function countTransitions(events: readonly HistoryEvent[]): number {
  const entered = events.filter(({ type }) => type?.endsWith('StateEntered')).length;
  const attempts = events.filter(({ type }) => type === 'TaskScheduled').length;
  const tasks = events.filter(({ type }) => type === 'TaskStateEntered').length;
  return entered + (attempts - tasks);
}
