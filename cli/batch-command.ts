import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import type { BatchForecast, BatchRequest, Stopping } from '../statemachine/batch-contract.ts';
import { BATCH_ID } from '../statemachine/batch-request-schema.ts';
import { batchMachine, withBatchMachine } from './batch-machine.ts';
import { type ConnectOptions, connect } from './connect.ts';
import type { Display } from './display.ts';
import { prepareTarget } from './fetch-video.ts';
import { findBatch } from './find-batch.ts';
import { followExecution } from './follow-execution.ts';
import { ask, isInteractive } from './interruption.ts';
import { readJsonFile } from './read-json-file.ts';
import { readTable } from './read-table.ts';
import { describeBatchFailure, describeForecast } from './show-batch.ts';
import { startBatch } from './start-batch.ts';
import { checkInputSize } from './start-execution.ts';
import { uploadTable } from './upload-table.ts';
import { UsageError } from './usage-error.ts';
import { type BatchPlace, howToGoOn, watchBatch } from './watch-batch.ts';

export interface BatchOptions extends ConnectOptions {
  readonly rows?: string;
  readonly request?: string;
  readonly batchId?: string;
  /** Takes up the watch of a batch: of the one that is named, of the files', or of the newest. */
  readonly resume?: string | true;
  readonly dryRun?: boolean;
  readonly sample?: number;
  readonly maxConcurrent?: number;
  readonly maxCost?: number;
  readonly toleratedFailurePercentage?: number;
  readonly stopping?: Stopping;
  readonly download?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** Uploads a table, and renders a video of each row, or tells what that would take. Returns the exit status. */
export async function batchCommand(options: BatchOptions, display: Display): Promise<number> {
  const { rows, request, dryRun, sample, detach, download, json, resume } = options;
  checkTogether(options);
  if (download !== undefined) prepareTarget(`${download}/`);
  const table = rows === undefined ? undefined : readTable(rows);
  const template = request === undefined ? undefined : readJsonFile('--request', request);
  const batchId = options.batchId ?? (rows && table && idOf(rows, table, template));
  if (resume !== undefined) return resumeBatch(resume === true ? batchId : resume, options, display);
  if (rows === undefined || table === undefined || batchId === undefined)
    throw new UsageError('--rows is missing: the table to render.');
  if (!BATCH_ID.test(batchId))
    throw new UsageError(`--batch-id is ${JSON.stringify(batchId)}; expected letters, digits, _ and -.`);
  if (template !== undefined) checkInputSize('--request', request ?? '', template);
  const connection = withBatchMachine(options);
  const clients = connect(connection);
  display.working('Uploading the table');
  const machine = await batchMachine(clients, connection);
  const batch: BatchPlace = { clients, machine, batchId };
  const Key = `batch-items/${batchId}${extname(rows)}`;
  await uploadTable(clients, { Bucket: machine.bucket, Key }, table);
  const input: BatchRequest = {
    batchId,
    items: `s3://${machine.bucket}/${Key}`,
    ...(template !== undefined && { request: template as Record<string, unknown> }),
    ...(options.maxConcurrent !== undefined && { maxConcurrentRenders: options.maxConcurrent }),
    ...(options.maxCost !== undefined && { maxCostInUsd: options.maxCost }),
    ...(options.toleratedFailurePercentage !== undefined && {
      toleratedFailurePercentage: options.toleratedFailurePercentage,
    }),
    ...(options.stopping !== undefined && { stopping: options.stopping }),
  };
  if (detach) {
    const executionArn = await begin(batch, input, display);
    display.note(howToGoOn(batchId));
    if (json) console.log(JSON.stringify({ executionArn, batchId, status: 'RUNNING' }));
    return 0;
  }
  const render = (some: Partial<BatchRequest>, watching: { json?: boolean | undefined; download?: string }) =>
    watchBatch(batch, () => begin(batch, { ...input, ...some }, display), { display, ...watching });
  if (sample !== undefined) {
    const status = await render({ sample }, {});
    if (status !== 0) return status;
  }
  if (sample !== undefined || dryRun) {
    const { told, document } = await forecast(batch, input, display);
    const goesOn = !dryRun && told !== undefined && (await wantsTheRest(told, display));
    if (!goesOn) {
      if (json) console.log(JSON.stringify(document));
      return told?.problems === 0 ? 0 : 1;
    }
  }
  return render({}, { json, ...(download !== undefined && { download }) });
}

/** @throws UsageError for options of which one leaves nothing for the other to do. */
function checkTogether({ resume, detach, dryRun, sample, download }: BatchOptions): void {
  const given = Object.entries({ '--detach': detach, '--dry-run': dryRun, '--sample': sample })
    .filter(([, value]) => value)
    .map(([name]) => name);
  if (resume !== undefined && given.length > 0)
    throw new UsageError(`--resume cannot be used with ${given.join(' and ')}: it starts nothing.`);
  if (detach && (given.length > 1 || download !== undefined))
    throw new UsageError(
      '--detach cannot be used with --dry-run, --sample and --download: they show an end.',
    );
}

/** Takes up the watch of a batch that runs, or shows how it has ended. Returns the exit status. */
async function resumeBatch(
  named: string | undefined,
  options: BatchOptions,
  display: Display,
): Promise<number> {
  display.working('Looking for the batch');
  const batch = await findBatch(named, options);
  display.note(`The batch ${batch.batchId}, started ${batch.execution.startDate?.toLocaleString()}`);
  return watchBatch(batch, async () => batch.executionArn, { display, ...options });
}

/** Whether a person at the terminal wants the rows that the sample has left. */
async function wantsTheRest({ rowsToRender, problems }: BatchForecast, display: Display): Promise<boolean> {
  if (rowsToRender === 0 || problems > 0) return false;
  display.pause();
  const wants = isInteractive() && (await ask(`Render the other ${rowsToRender} rows?`));
  if (!wants) display.note('The same command without --sample renders the other rows.');
  return wants;
}

/** The same for the same table and template, so that a batch that is sent again goes on. */
function idOf(file: string, table: Buffer, template: unknown): string {
  const hash = createHash('sha256')
    .update(table)
    .update(JSON.stringify(template) ?? '');
  const name = basename(file, extname(file))
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '');
  return `${name.slice(0, 40) || 'batch'}-${hash.digest('hex').slice(0, 8)}`;
}

async function begin(batch: BatchPlace, input: BatchRequest, display: Display): Promise<string> {
  const executionArn = await startBatch(batch, input);
  display.done(`Started the batch ${batch.batchId}`);
  return executionArn;
}

/** Shows what a batch would take, or why that cannot be said. `document` is that of `--json`. */
async function forecast(
  batch: BatchPlace,
  input: BatchRequest,
  display: Display,
): Promise<{ readonly told?: BatchForecast; readonly document: object }> {
  const executionArn = await startBatch(batch, { ...input, dryRun: true });
  display.working('Checking the rows');
  const end = await followExecution(batch.clients.sfn, executionArn, () => {});
  if (end.status !== 'SUCCEEDED') {
    display.failed(describeBatchFailure(end));
    const { status, error, cause } = end;
    return { document: { executionArn, status, error, cause } };
  }
  const told = end.output as BatchForecast;
  display[told.problems > 0 ? 'failed' : 'done'](describeForecast(told));
  return { told, document: told };
}
