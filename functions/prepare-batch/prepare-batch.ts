import type { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import type {
  BatchRequest,
  PrepareBatchInput,
  PreparedBatch,
  RowProblem,
} from '../../statemachine/batch-contract.ts';
import { BatchError } from '../../statemachine/batch-errors.ts';
import type { BatchRow } from '../../statemachine/batch-row.ts';
import { parseBatchRequest } from '../../statemachine/parse-batch-request.ts';
import { compositionKey, expectCost } from '../batch/composition-costs.ts';
import { openBatchStore } from '../batch/open-batch-store.ts';
import { lastOfEachRow } from '../batch/row-record.ts';
import { readAllowedDestinations } from '../render/destination.ts';
import { statusOf } from '../runtime/status-of.ts';
import { logger, stepHandler } from '../runtime/step-handler.ts';
import { EvenSample } from './even-sample.ts';
import { readTable, type TableFormat } from './read-table.ts';
import { RequestTemplate } from './request-template.ts';
import { RowChecker } from './row-checker.ts';

const DEFAULT_CONCURRENT_RENDERS = 10;

/** In a message, which a state and an event have room for. */
const SHOWN_PROBLEMS = 20;

const { s3, store } = openBatchStore();
const destinations = readAllowedDestinations();

/**
 * Reads the table of a batch, makes a request of each row and checks them all, finds the rows that have their video
 * already, and writes the others to where Distributed Map reads them.
 */
export const handler = stepHandler<PrepareBatchInput, PreparedBatch>(
  'PrepareBatch',
  ({ executionArn }) => ({ jobId: undefined, executionArn }),
  async ({ input, executionArn }) => {
    const executionName = executionArn.split(':').at(-1) ?? '';
    const request = parseBatchRequest(input, executionName);
    const { batchId, dryRun = false } = request;
    const template = request.request && new RequestTemplate(request.request);
    if (!dryRun) await forgetStop(batchId);
    const requestsKey = store.keys.requests(batchId, executionName);
    const { problems, ...counts } = await checkRows(request, template, requestsKey);
    const prepared: PreparedBatch = {
      batchId,
      dryRun,
      ...counts,
      problems: problems.length,
      firstProblems: problems.slice(0, SHOWN_PROBLEMS),
      problemsUri: problems.length > 0 ? store.uriOf(store.keys.problems(batchId)) : null,
      requestsKey,
      maxConcurrentRenders: request.maxConcurrentRenders ?? DEFAULT_CONCURRENT_RENDERS,
      stopsAboveFailurePercentage: request.toleratedFailurePercentage ?? 100,
      toleratedFailurePercentage: request.toleratedFailurePercentage ?? 0,
      maxCostInUsd: request.maxCostInUsd ?? null,
      stopping: request.stopping ?? 'finish-running',
      preparedAt: new Date().toISOString(),
    };
    logger.info('Batch prepared', { batchId, rows: counts.rows, problems: problems.length });
    if (dryRun) return prepared;
    if (problems.length > 0) throw invalidRows(prepared);
    await store.writeJson(store.keys.execution(executionName), prepared);
    return prepared;
  },
);

/** @throws BatchError `InvalidBatchRequest` when it is in another bucket; `InvalidTable` when it is not there. */
async function openTable(uri: string): Promise<{ chunks: AsyncIterable<Uint8Array>; format: TableFormat }> {
  const allowed = `s3://${store.bucketName}/batch-items/`;
  if (!uri.startsWith(allowed))
    throw new BatchError('InvalidBatchRequest', `items: given ${uri}; accepted: ${allowed}<name>`);
  const Key = uri.slice(`s3://${store.bucketName}/`.length);
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: store.bucketName, Key }));
    return { chunks: Body as Readable, format: Key.slice(Key.lastIndexOf('.') + 1) as TableFormat };
  } catch (error) {
    if (![403, 404].includes(statusOf(error))) throw error;
    throw new BatchError('InvalidTable', `There is no table at ${uri}, or PrepareBatch may not read it.`);
  }
}

/** What has stopped the batch before does not stop it now. */
async function forgetStop(batchId: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: store.bucketName, Key: store.keys.stop(batchId) }));
}

/** Reads and checks all rows. Those that are to be rendered are written meanwhile, until one has a problem. */
async function checkRows(
  { batchId, items, sample, dryRun = false }: BatchRequest & { batchId: string },
  template: RequestTemplate | undefined,
  requestsKey: string,
) {
  const done = lastOfEachRow(await store.listRecords(batchId));
  const checker = new RowChecker(batchId, template, destinations);
  const requests = store.openLines(requestsKey);
  const chosen = sample === undefined ? undefined : new EvenSample<BatchRow>(sample);
  const problems: RowProblem[] = [];
  const index: string[] = [];
  const toRender = new Map<string, number>();
  let rows = 0;

  async function take({ row, hash, request, batchId }: BatchRow): Promise<void> {
    index.push(JSON.stringify({ row, jobId: request.jobId, hash }));
    const record = done.get(row);
    if (record?.status === 'succeeded' && record.hash === hash) return;
    const composition = compositionKey(request.render.composition, request.render.codec);
    toRender.set(composition, (toRender.get(composition) ?? 0) + 1);
    if (!dryRun && problems.length === 0)
      await requests.write(JSON.stringify({ batchId, row, hash, request }));
  }

  const { chunks, format } = await openTable(items);
  for await (const row of readTable(chunks, format, (columns) => template?.checkColumns(columns))) {
    rows += 1;
    const checked = await checker.check(row);
    if (Array.isArray(checked)) problems.push(...checked);
    else if (chosen) chosen.add(checked);
    else await take(checked);
  }
  for (const row of chosen?.items() ?? []) await take(row);
  if (problems.length > 0)
    await store.writeLines(
      store.keys.problems(batchId),
      problems.map((problem) => JSON.stringify(problem)),
    );
  else if (!dryRun) {
    await requests.end();
    await store.writeLines(store.keys.index(batchId), index);
  }
  return {
    rows: chosen ? index.length : rows,
    rowsToRender: [...toRender.values()].reduce((sum, count) => sum + count, 0),
    problems,
    expectedCostInUsd: await expectCost(store, toRender),
  };
}

function invalidRows({ problems, firstProblems, problemsUri }: PreparedBatch): BatchError {
  const shown = firstProblems.map(({ row, field, problem }) => `row ${row}: ${field}: ${problem}`);
  const more = problems > shown.length ? [`and ${problems - shown.length} more`] : [];
  return new BatchError(
    'InvalidRows',
    [
      `The rows have ${problems} problems; nothing was rendered. All are in ${problemsUri}.`,
      ...shown,
      ...more,
    ].join('\n'),
  );
}
