import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type {
  BatchForecast,
  BatchProgress,
  BatchRequest,
  BatchStop,
} from '../statemachine/batch-contract.ts';
import { BATCH_ID } from '../statemachine/batch-request-schema.ts';
import {
  type BatchMachine,
  batchExecution,
  batchKey,
  batchMachine,
  readBatchFile,
  withBatchMachine,
} from './batch-machine.ts';
import { type ConnectOptions, connect } from './connect.ts';
import type { Display } from './display.ts';
import { nameOf } from './find-state-machine.ts';
import { followExecution } from './follow-execution.ts';
import { readJsonFile } from './read-json-file.ts';
import type { RenderClients } from './render-clients.ts';
import { describeBatchFailure, describeForecast, describeProgress } from './show-batch.ts';
import { UsageError } from './usage-error.ts';
import { howToGoOn, watchBatch } from './watch-batch.ts';
import { stopExecution } from './watch-command.ts';

/** As Step Functions takes them. */
const MAX_NAME_LENGTH = 80;

export interface BatchOptions extends ConnectOptions {
  readonly rows?: string;
  readonly request?: string;
  readonly batchId?: string;
  readonly dryRun?: boolean;
  readonly sample?: number;
  readonly maxConcurrent?: number;
  readonly maxCost?: number;
  readonly download?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** Uploads a table, and renders a video of each row, or tells what that would take. Returns the exit status. */
export async function batchCommand(given: BatchOptions, display: Display): Promise<number> {
  const options = withBatchMachine(given);
  const { rows, request, dryRun, sample, detach, json } = options;
  if (rows === undefined) throw new UsageError('--rows is missing: the table to render.');
  const table = readTable(rows);
  const template = request === undefined ? undefined : readJsonFile('--request', request);
  const batchId = options.batchId ?? idOf(rows, table, template);
  if (!BATCH_ID.test(batchId))
    throw new UsageError(`--batch-id is ${JSON.stringify(batchId)}; expected letters, digits, _ and -.`);
  const clients = connect(options);
  display.working('Uploading the table');
  const machine = await batchMachine(clients, options);
  const Key = `batch-items/${batchId}${extname(rows)}`;
  await clients.s3.send(new PutObjectCommand({ Bucket: machine.bucket, Key, Body: table }));
  const input: BatchRequest = {
    batchId,
    items: `s3://${machine.bucket}/${Key}`,
    ...(template !== undefined && { request: template as Record<string, unknown> }),
    ...(options.maxConcurrent !== undefined && { maxConcurrentRenders: options.maxConcurrent }),
    ...(options.maxCost !== undefined && { maxCostInUsd: options.maxCost }),
  };
  if (dryRun && sample === undefined) return forecast(clients, machine, input, { display, json });
  const begin = sample === undefined ? input : { ...input, sample };
  const executionArn = await start(clients, machine, begin);
  display.done(`Started the batch ${batchId}`);
  if (detach) {
    display.note(howToGoOn(executionArn));
    if (json) console.log(JSON.stringify({ executionArn, status: 'RUNNING' }));
    return 0;
  }
  const watched = { display, ...options, json: json && sample === undefined };
  const status = await watchBatch(clients, machine, executionArn, batchId, watched);
  if (sample === undefined || status > 1) return status;
  return forecast(clients, machine, input, { display, json });
}

export interface BatchStatusOptions extends ConnectOptions {
  readonly watch?: boolean;
  readonly download?: string;
  readonly json?: boolean;
}

/** Shows a batch, the newest if none is named. Returns the exit status. */
export async function batchStatusCommand(
  execution: string | undefined,
  given: BatchStatusOptions,
  display: Display,
): Promise<number> {
  const { clients, machine, executionArn, status, startDate, batchId } = await findBatch(execution, given);
  if (status !== 'RUNNING' || given.watch)
    return watchBatch(clients, machine, executionArn, batchId, { display, ...given });
  const text = await readBatchFile(clients, machine, batchId, 'progress.json');
  const progress: BatchProgress | undefined = text && JSON.parse(text);
  display.note(`${batchId}\n  ${describeProgress(progress, startDate?.getTime() ?? 0)}`);
  if (given.json) console.log(JSON.stringify({ executionArn, status, progress }));
  return 0;
}

export interface BatchStopOptions extends ConnectOptions {
  readonly finishRunning?: boolean;
  readonly json?: boolean;
}

/** Stops a batch with its renders, or lets those finish. Returns the exit status. */
export async function batchStopCommand(
  execution: string,
  given: BatchStopOptions,
  display: Display,
): Promise<number> {
  const { clients, machine, executionArn, status, batchId } = await findBatch(execution, given);
  if (status !== 'RUNNING') display.note(`The batch ${batchId} had ended already: ${status}.`);
  else if (given.finishRunning) {
    const stop: BatchStop = {
      reason: 'BatchStopped',
      message: 'Stopped with the command remotion-step-functions; running rows have finished.',
    };
    const Key = batchKey(machine, batchId, 'stop.json');
    await clients.s3.send(new PutObjectCommand({ Bucket: machine.bucket, Key, Body: JSON.stringify(stop) }));
    display.done(`No more rows of ${batchId} are started; those that are rendering finish.`);
  } else {
    await stopExecution(clients, executionArn);
    display.done(`Stopped ${batchId}; its renders are being cancelled.`);
  }
  if (given.json) console.log(JSON.stringify({ executionArn, batchId }));
  return 0;
}

/** Renders the rows of a batch that have no video. Returns the exit status. */
export async function batchRetryCommand(
  execution: string | undefined,
  given: Omit<BatchStatusOptions, 'watch'>,
  display: Display,
): Promise<number> {
  const batch = await findBatch(execution, given);
  const { clients, machine, executionArn, status, redriveStatus, input, batchId } = batch;
  if (status === 'RUNNING') throw new UsageError(`The batch ${batchId} is still running.`);
  let again = executionArn;
  if (redriveStatus === 'REDRIVABLE') await clients.sfn.send(new RedriveExecutionCommand({ executionArn }));
  else again = await start(clients, machine, { ...input, batchId });
  display.done(`Started the rows of ${batchId} that have no video`);
  return watchBatch(clients, machine, again, batchId, { display, ...given });
}

function readTable(file: string): Buffer {
  if (!['.csv', '.jsonl', '.json'].includes(extname(file)))
    throw new UsageError(`--rows: ${file} is none of .csv, .jsonl and .json.`);
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--rows: cannot read ${file} (${(error as NodeJS.ErrnoException).code}).`);
  }
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

async function start({ sfn }: RenderClients, { arn }: BatchMachine, input: BatchRequest): Promise<string> {
  const name = `${input.batchId?.slice(0, MAX_NAME_LENGTH - 14)}-${Date.now()}`;
  const { executionArn = '' } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn: arn, name, input: JSON.stringify(input) }),
  );
  return executionArn;
}

async function forecast(
  clients: RenderClients,
  machine: BatchMachine,
  input: BatchRequest,
  { display, json }: { readonly display: Display; readonly json: boolean | undefined },
): Promise<number> {
  const executionArn = await start(clients, machine, { ...input, dryRun: true });
  display.working('Checking the rows');
  const end = await followExecution(clients.sfn, executionArn, () => {});
  if (end.status !== 'SUCCEEDED') {
    display.failed(describeBatchFailure(end.error, end.cause));
    if (json) console.log(JSON.stringify({ executionArn, status: end.status, error: end.error }));
    return 1;
  }
  const told = end.output as BatchForecast;
  if (told.problems > 0) display.failed(describeForecast(told));
  else display.done(describeForecast(told));
  if (json) console.log(JSON.stringify(told));
  return told.problems > 0 ? 1 : 0;
}

/** The batch that was named, else the newest, and what it takes to ask more. */
async function findBatch(execution: string | undefined, given: ConnectOptions) {
  const options = withBatchMachine(given);
  const clients = connect(options);
  const machine = await batchMachine(clients, options);
  const executionArn = await batchExecution(clients, machine, execution);
  const described = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
  const input: BatchRequest = JSON.parse(described.input ?? '{}');
  const { status, startDate, redriveStatus } = described;
  const batchId = input.batchId ?? nameOf(executionArn);
  return { clients, machine, executionArn, status, startDate, redriveStatus, input, batchId };
}
