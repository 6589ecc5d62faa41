import type {
  BatchRequest,
  BatchStop,
  BatchSummary,
  PreparedBatch,
  SummarizeBatchInput,
} from '../../statemachine/batch-contract.ts';
import { BATCH_ERRORS, BatchError, type BatchErrorName } from '../../statemachine/batch-errors.ts';
import { addCosts } from '../batch/composition-costs.ts';
import { openBatchStore } from '../batch/open-batch-store.ts';
import { requireEnvironment } from '../runtime/environment.ts';
import { measure } from '../runtime/measure.ts';
import { publishEvent } from '../runtime/publish-event.ts';
import { logger, stepHandler, traced } from '../runtime/step-handler.ts';
import { trimmed } from '../runtime/trimmed.ts';
import { asCsv, asJsonLines, type BatchResults, readResults } from './batch-results.ts';
import {
  type BatchFailure,
  countRows,
  type EndedExecution,
  failureOf,
  failureOfEnded,
  failuresByName,
  secondsOf,
} from './batch-verdict.ts';

/** What EventBridge sends when an execution of a batch has ended without a video of each row. */
interface BatchEnded {
  readonly 'detail-type': 'Step Functions Execution Status Change';
  readonly detail: EndedExecution & {
    readonly executionArn: string;
    readonly name: string;
    /** Milliseconds since 1970. */
    readonly startDate: number;
    /** JSON; not there where it is long, or encrypted with a key of the customer. */
    readonly input?: string | null;
  };
}

/** What this function fails a batch with, having told of it. */
const TOLD: readonly string[] = [
  'RowsFailed',
  'BatchOverBudget',
  'BatchStopped',
  'BatchBroken',
] satisfies BatchErrorName[];

/** As in an event, which has room for 256 KB in all. */
const MAX_MESSAGE_LENGTH = 8_000;

const { store } = openBatchStore();
const { EVENT_BUS_ARN: eventBusArn } = requireEnvironment('EVENT_BUS_ARN');

/**
 * Writes the results and the summary of a batch that has ended, and publishes how. In the state machine it fails
 * where the batch has not succeeded, so that a redrive comes back here, and from here to PrepareBatch.
 */
export const handler = stepHandler<
  SummarizeBatchInput | BatchEnded,
  BatchSummary | { again: true } | undefined
>(
  'SummarizeBatch',
  (input) => ({
    jobId: undefined,
    executionArn: 'detail' in input ? input.detail.executionArn : input.executionArn,
  }),
  async (input) => {
    if ('detail' in input) return summarizeEnded(input);
    const { batch, executionArn, startedAt, redriven } = input;
    if (redriven) return { again: true };
    const { batchId, toleratedFailurePercentage } = batch;
    const results = await readResults(store, batchId);
    // It was prepared: S3 says the same of what this role may not read at present. As an error of S3's it is tried again.
    if (!results) throw internalError(`${store.uriOf(store.keys.index(batchId))} cannot be read.`);
    const stop = await store.readJson<BatchStop>(store.keys.stop(batchId));
    const failure = failureOf(countRows(results), toleratedFailurePercentage, stop);
    const summary = await summarize(batchId, results, { executionArn, startedAt, failure });
    await learnCosts(results, Date.parse(batch.preparedAt));
    if (failure) throw new BatchError(failure.name, failure.message);
    return summary;
  },
);

function internalError(message: string): Error {
  return Object.assign(new Error(message), { name: 'InternalError' });
}

async function summarizeEnded({ detail }: BatchEnded): Promise<undefined> {
  const { executionArn, name, startDate, error } = detail;
  if (detail.status === 'FAILED' && TOLD.includes(error ?? '')) return;
  if (isDryRun(detail.input)) return;
  const failure = failureOfEnded(detail);
  const startedAt = new Date(startDate).toISOString();
  const batch = await store.readJson<PreparedBatch>(store.keys.execution(name));
  const results = batch && (await readResults(store, batch.batchId));
  if (batch && results) await summarize(batch.batchId, results, { executionArn, startedAt, failure });
  else await publishFailedBeforeRows(executionArn, startedAt, failure);
}

/** Of which only who has asked for it wants to know. */
function isDryRun(input: string | null | undefined): boolean {
  return (JSON.parse(input ?? 'null') as BatchRequest | null)?.dryRun === true;
}

function measureEnd(outcome: BatchSummary['outcome']): void {
  const metrics = {
    SUCCEEDED: 'BatchesSucceeded',
    BatchOverBudget: 'BatchesOverBudget',
    BatchStopped: 'BatchesStopped',
  } as const;
  measure({ [outcome in metrics ? metrics[outcome as keyof typeof metrics] : 'BatchesFailed']: 1 });
}

/** Writes what has become of a batch, and publishes it. */
async function summarize(
  batchId: string,
  results: BatchResults,
  about: { executionArn: string; startedAt: string; failure: BatchFailure | undefined },
): Promise<BatchSummary> {
  const { executionArn, startedAt, failure } = about;
  const keys = {
    jsonl: store.keys.results(batchId, 'jsonl'),
    csv: store.keys.results(batchId, 'csv'),
    summary: store.keys.summary(batchId),
  };
  const summary: BatchSummary = {
    batchId,
    executionArn,
    outcome: failure?.name ?? 'SUCCEEDED',
    ...countRows(results),
    failures: failuresByName(results),
    seconds: secondsOf(results),
    startedAt,
    finishedAt: new Date().toISOString(),
    results: {
      jsonl: store.uriOf(keys.jsonl),
      csv: store.uriOf(keys.csv),
      summary: store.uriOf(keys.summary),
    },
  };
  await Promise.all([
    store.writeLines(keys.jsonl, asJsonLines(results.rows)),
    store.writeLines(keys.csv, asCsv(results.rows), 'text/csv'),
    store.writeJson(keys.summary, summary),
  ]);
  const { outcome: _, seconds: __, ...detail } = summary;
  await publish(
    failure
      ? () => publishEvent(eventBusArn, 'Batch Failed', { version: 1, ...detail, error: described(failure) })
      : () => publishEvent(eventBusArn, 'Batch Succeeded', { version: 1, ...detail }),
  );
  measureEnd(summary.outcome);
  return summary;
}

async function publishFailedBeforeRows(
  executionArn: string,
  startedAt: string,
  failure: BatchFailure,
): Promise<void> {
  const nothing = { rows: 0, succeeded: 0, failed: 0, unfinished: 0, costInUsd: 0, failures: {} };
  await publish(() =>
    publishEvent(eventBusArn, 'Batch Failed', {
      version: 1,
      batchId: null,
      executionArn,
      ...nothing,
      results: null,
      startedAt,
      finishedAt: new Date().toISOString(),
      error: described(failure),
    }),
  );
  measureEnd(failure.name);
}

/** By then the results are written: that nobody is told is worth a warning, not another attempt of all. */
async function publish(send: () => Promise<void>): Promise<void> {
  try {
    await traced('PutEvents', send);
  } catch (error) {
    const { name, message } = error as Error;
    logger.warn('The end of the batch could not be published', { errorName: name, errorMessage: message });
  }
}

function described({ name, message }: BatchFailure) {
  return { name, message: trimmed(message, MAX_MESSAGE_LENGTH), remedy: BATCH_ERRORS[name].remedy };
}

/** Keeps what renders of each composition have cost since the batch was prepared, for forecasts. */
async function learnCosts({ rows }: BatchResults, since: number): Promise<void> {
  const costs = new Map<string, number[]>();
  for (const { status, composition, costInUsd, at = 0 } of rows) {
    if (at < since || status !== 'succeeded' || composition === undefined || costInUsd === null) continue;
    const known = costs.get(composition) ?? [];
    costs.set(composition, known);
    known.push(costInUsd);
  }
  for (const [composition, known] of costs) await addCosts(store, composition, known);
}
