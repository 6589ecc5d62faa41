import type { BatchForecast, BatchProgress, BatchSummary } from '../statemachine/batch-contract.ts';
import { BATCH_ERRORS } from '../statemachine/batch-errors.ts';
import { describeSecondsLeft } from './time-left.ts';

const BAR_WIDTH = 24;

/** One line about a batch that runs. @param startedAt milliseconds since 1970 */
export function describeProgress(progress: BatchProgress | undefined, startedAt: number): string {
  if (!progress) return 'Checking the rows';
  const { rows, rowsToRender, succeeded, failed, running, unfinished, costInUsd, at } = progress;
  const done = succeeded + failed;
  const filled = Math.round((done / rows) * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const seconds = (Date.parse(at) - startedAt) / 1000;
  const doneNow = done - (rows - rowsToRender);
  const left = doneNow > 0 && unfinished > 0 ? describeSecondsLeft((seconds / doneNow) * unfinished) : '';
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
export function describeBatchFailure(error = 'BatchStopped', cause = ''): string {
  let message = cause;
  try {
    message = JSON.parse(cause).errorMessage ?? cause;
  } catch {
    // The cause of what AWS itself reports is plain text.
  }
  const known: Record<string, { remedy: string }> = BATCH_ERRORS;
  const remedy = known[error]?.remedy;
  return [error, message, ...(remedy ? [`What to do: ${remedy}`] : [])].join('\n').replaceAll('\n', '\n  ');
}

/** What a batch would take. */
export function describeForecast(forecast: BatchForecast): string {
  const { rows, rowsToRender, problems, firstProblems, problemsUri, expectedCostInUsd } = forecast;
  const cost = expectedCostInUsd
    ? `${usd(expectedCostInUsd.low)} to ${usd(expectedCostInUsd.high)} are to be expected, from ${expectedCostInUsd.knownRenders} renders`
    : 'Nothing is known of what such renders cost: --sample 3 renders some first';
  const shown = firstProblems.map(({ row, field, problem }) => `row ${row}: ${field}: ${problem}`);
  const more = problems > shown.length ? [`and ${problems - shown.length} more, in ${problemsUri}`] : [];
  return [`${rows} rows, ${rowsToRender} to render, ${problems} problems`, cost, ...shown, ...more].join(
    '\n  ',
  );
}

function usd(amount: number): string {
  return `$${amount.toFixed(4)}`;
}
