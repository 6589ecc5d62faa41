import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { isPassing } from './aws-problem.ts';
import { type ExecutionUpdate, RenderWatch } from './render-watch.ts';
import { placeOf } from './waiting-line.ts';

export type { ExecutionUpdate } from './render-watch.ts';

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

/** Newest events that one look reads: more than ten looks of the workflow at its render leave. */
const EVENTS_OF_A_LOOK = 100;

/** The line is asked for so seldom, in milliseconds, as it takes a call for each execution. */
const LINE_EVERY_IN_MS = 30_000;

/** How long no answer is taken for a passing trouble, in milliseconds. */
const PATIENCE_IN_MS = 60_000;

const END = /^Execution(Succeeded|Failed|TimedOut|Aborted)$/;

/**
 * Follows an execution to its end by Step Functions' own API, so on AWS as on one machine.
 *
 * @param onUpdate Called after every look, four times a second by default.
 * @param signal Ends the following, not the execution.
 * @throws Error of the SDK when Step Functions refuses, or has not answered for a minute; `AbortError`.
 */
export async function followExecution(
  sfn: SFNClient,
  executionArn: string,
  onUpdate: (update: ExecutionUpdate) => void,
  intervalInMs = 250,
  signal?: AbortSignal,
): Promise<ExecutionEnd> {
  const watch = new RenderWatch();
  let answeredAt = Date.now();
  let line: { readonly askedAt: number; readonly place: string | undefined } | undefined;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const events = await readNewestEvents(sfn, executionArn);
      answeredAt = Date.now();
      watch.see(events);
      const { update } = watch;
      const isOld = Date.now() - (line?.askedAt ?? 0) > LINE_EVERY_IN_MS;
      if (update.state === 'AwaitTurn' && isOld)
        line = { askedAt: Date.now(), place: await placeOf(sfn, executionArn) };
      onUpdate({ ...update, ...(update.state === 'AwaitTurn' && line?.place && { place: line.place }) });
      if (END.test(events.at(-1)?.type ?? '')) {
        const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        // It may know of the end a little later than the history does.
        if (execution.status !== 'RUNNING') return await describeEnd(sfn, execution);
      }
    } catch (error) {
      if (!isPassing(error) || Date.now() - answeredAt > PATIENCE_IN_MS) throw error;
      onUpdate({ ...watch.update, unanswered: true });
    }
    await sleep(intervalInMs, undefined, { signal });
  }
}

/** One look: how the execution is, and what it shows of its render. */
export async function lookAtExecution(
  sfn: SFNClient,
  executionArn: string,
): Promise<{ execution: DescribeExecutionOutput; update: ExecutionUpdate; end?: ExecutionEnd }> {
  const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  const watch = new RenderWatch();
  watch.see(await readNewestEvents(sfn, executionArn));
  const ended = execution.status !== 'RUNNING';
  return { execution, update: watch.update, ...(ended && { end: await describeEnd(sfn, execution) }) };
}

async function readNewestEvents(sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const { events = [] } = await sfn.send(
    new GetExecutionHistoryCommand({
      executionArn,
      reverseOrder: true,
      maxResults: EVENTS_OF_A_LOOK,
      includeExecutionData: true,
    }),
  );
  return events.reverse();
}

async function describeEnd(sfn: SFNClient, execution: DescribeExecutionOutput): Promise<ExecutionEnd> {
  const { executionArn = '', status, output, error, cause, startDate, stopDate } = execution;
  return {
    executionArn,
    status: status as ExecutionEnd['status'],
    ...(output !== undefined && { output: JSON.parse(output) }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    stateTransitions: await countTransitions(sfn, executionArn),
    durationInMs: (stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0),
  };
}

async function countTransitions(client: SFNClient, executionArn: string): Promise<number> {
  let [entered, attempts, tasks] = [0, 0, 0];
  const pages = paginateGetExecutionHistory(
    { client, pageSize: 1000 },
    { executionArn, includeExecutionData: false },
  );
  for await (const { events = [] } of pages) {
    for (const { type = '' } of events) {
      if (type.endsWith('StateEntered')) entered += 1;
      if (type === 'TaskScheduled') attempts += 1;
      if (type === 'TaskStateEntered') tasks += 1;
    }
  }
  return entered + (attempts - tasks);
}
