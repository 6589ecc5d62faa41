import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import type {
  BatchForecast,
  BatchProgress,
  BatchSummary,
  ExpectedCost,
} from '../statemachine/batch-contract.ts';
import { BATCH_ERRORS, type BatchErrorName } from '../statemachine/batch-errors.ts';
import { describeSecondsLeft } from './time-left.ts';

const BAR_WIDTH = 24;

/**
 * What seems to be left of a batch at the pace that it has; undefined as long as no row is done.
 *
 * @param startedAt milliseconds since 1970
 */
export function batchSecondsLeft(
  {
    rows,
    rowsToRender,
    succeeded,
    failed,
    unfinished,
    at,
  }: Pick<BatchProgress, 'rows' | 'rowsToRender' | 'succeeded' | 'failed' | 'unfinished' | 'at'>,
  startedAt: number,
): number | undefined {
  const done = succeeded + failed - (rows - rowsToRender);
  if (done <= 0 || unfinished === 0) return undefined;
  return ((Date.parse(at) - startedAt) / 1000 / done) * unfinished;
}

/** One line about a batch that runs. @param startedAt milliseconds since 1970 */
export function describeProgress(progress: BatchProgress | undefined, startedAt: number): string {
  if (!progress) return 'Checking the rows';
  const { rows, succeeded, failed, running, unfinished, costInUsd } = progress;
  const done = succeeded + failed;
  const filled = Math.round((done / rows) * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const seconds = batchSecondsLeft(progress, startedAt);
  const left = seconds === undefined ? '' : describeSecondsLeft(seconds);
  const waiting = Math.max(0, unfinished - running);
  return [
    bar,
    `${done}/${rows} rows`,
    `${running} running, ${waiting} waiting, ${failed} failed`,
    usd(costInUsd),
    left,
  ]
    .filter(Boolean)
    .join('  ');
}

/** What a person needs to know about a batch that has ended. */
export function describeSummary({
  rows,
  succeeded,
  failed,
  unfinished,
  costInUsd,
  failures,
  seconds,
  startedAt,
  finishedAt,
  results,
}: BatchSummary): string {
  const took = Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
  return [
    `${succeeded} of ${rows} rows have their video, ${failed} failed, ${unfinished} unfinished, about ${usd(costInUsd)}, in ${took} s`,
    ...(seconds ? [`A row took ${seconds.median} s at the median, ${seconds.longest} s at most.`] : []),
    ...Object.entries(failures).map(([name, count]) => `${count} ${name}`),
    `Results: ${results.csv}`,
    `         ${results.jsonl}`,
  ].join('\n  ');
}

/** Name, message and remedy of a batch that has not succeeded. */
export function describeBatchFailure({
  status,
  error = '',
  cause = '',
}: Pick<DescribeExecutionOutput, 'status' | 'error' | 'cause'>): string {
  const name =
    status === 'ABORTED' ? 'BatchStopped' : status === 'TIMED_OUT' ? 'BatchTimedOut' : knownName(error);
  const told = [...(name === error ? [] : [error]), messageOf(cause)].filter(Boolean).join(': ');
  return [name, told, `What to do: ${BATCH_ERRORS[name].remedy}`]
    .filter(Boolean)
    .join('\n')
    .replaceAll('\n', '\n  ');
}

function knownName(error: string): BatchErrorName {
  return error in BATCH_ERRORS ? (error as BatchErrorName) : 'BatchBroken';
}

/** The message of a function's error, which Step Functions has as JSON; else the cause as it is. */
function messageOf(cause: string): string {
  try {
    return JSON.parse(cause).errorMessage ?? cause;
  } catch {
    return cause;
  }
}

/** What a batch would take. */
export function describeForecast(forecast: BatchForecast): string {
  const { rows, rowsToRender, problems, firstProblems, problemsUri, expectedCostInUsd } = forecast;
  const shown = firstProblems.map(({ row, field, problem }) => `row ${row}: ${field}: ${problem}`);
  const more = problems > shown.length ? [`and ${problems - shown.length} more, in ${problemsUri}`] : [];
  const costs = problems === 0 && rowsToRender > 0 ? [describeCost(expectedCostInUsd)] : [];
  return [`${rows} rows, ${rowsToRender} to render, ${problems} problems`, ...costs, ...shown, ...more].join(
    '\n  ',
  );
}

function describeCost(expected: ExpectedCost | null): string {
  if (!expected) return 'Nothing is known of what such renders cost: --sample 3 renders some first';
  const { low, high, knownRenders } = expected;
  return `${usd(low)} to ${usd(high)} are to be expected, from ${knownRenders} renders`;
}

function usd(amount: number): string {
  return `$${amount.toFixed(4)}`;
}
