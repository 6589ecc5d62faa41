import type { BatchCounts, BatchStop, BatchSummary } from '../../statemachine/batch-contract.ts';
import { BATCH_ERRORS, type BatchErrorName } from '../../statemachine/batch-errors.ts';
import type { BatchResults } from './batch-results.ts';

/** Why a batch has not succeeded. */
export interface BatchFailure {
  readonly name: BatchErrorName;
  readonly message: string;
}

/** What Step Functions tells of an execution that has ended outside of its definition. */
export interface EndedExecution {
  readonly status: 'ABORTED' | 'TIMED_OUT' | 'FAILED';
  readonly error?: string | null;
  readonly cause?: string | null;
}

export function countRows({ rows, costInUsd }: BatchResults): BatchCounts {
  const count = (status: string) => rows.filter((row) => row.status === status).length;
  return {
    rows: rows.length,
    succeeded: count('succeeded'),
    failed: count('failed'),
    unfinished: count('unfinished'),
    costInUsd,
  };
}

/** Why a batch whose rows have all been come to has not succeeded; undefined when it has. */
export function failureOf(
  { rows, failed, unfinished }: BatchCounts,
  toleratedFailurePercentage: number,
  stop: BatchStop | undefined,
): BatchFailure | undefined {
  if (unfinished > 0 && stop) return { name: stop.reason, message: stop.message };
  if (failed > (rows * toleratedFailurePercentage) / 100)
    return { name: 'RowsFailed', message: `${failed} of ${rows} rows have failed.` };
  if (unfinished > 0)
    return { name: 'BatchBroken', message: `${unfinished} of ${rows} rows have not been come to.` };
  return undefined;
}

/** Why an execution of a batch has ended outside of its definition. */
export function failureOfEnded({ status, error, cause }: EndedExecution): BatchFailure {
  const told = [error, messageOf(cause ?? '')].filter(Boolean).join(': ');
  if (status === 'ABORTED')
    return { name: 'BatchStopped', message: `The execution was stopped${told && `: ${told}`}.` };
  if (status === 'TIMED_OUT') return { name: 'BatchTimedOut', message: 'The execution ran out of its time.' };
  if (error && error in BATCH_ERRORS)
    return { name: error as BatchErrorName, message: messageOf(cause ?? '') };
  return { name: 'BatchBroken', message: told };
}

/** The message of a function's error, which Step Functions has as JSON; else the cause as it is. */
function messageOf(cause: string): string {
  try {
    return JSON.parse(cause).errorMessage ?? cause;
  } catch {
    return cause;
  }
}

/** How many rows failed with each error, the commonest first. */
export function failuresByName({ rows }: BatchResults): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { status, error } of rows)
    if (status === 'failed') counts.set(error ?? '', (counts.get(error ?? '') ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

/** Of the rows that have their videos, in seconds. */
export function secondsOf({ rows }: BatchResults): BatchSummary['seconds'] {
  const seconds = rows
    .filter(({ status }) => status === 'succeeded')
    .map((row) => row.seconds ?? 0)
    .sort((a, b) => a - b);
  if (seconds.length === 0) return null;
  return {
    median: seconds[Math.floor(seconds.length / 2)] ?? 0,
    longest: seconds.at(-1) ?? 0,
    sum: Math.round(seconds.reduce((sum, each) => sum + each, 0)),
  };
}
