import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, type DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import type { BatchProgress, BatchSummary, RowResult } from '../statemachine/batch-contract.ts';
import { isPassing } from './aws-problem.ts';
import { type BatchMachine, batchKey, readBatchFile } from './batch-machine.ts';
import type { Display } from './display.ts';
import { fetchVideo } from './fetch-video.ts';
import type { RenderClients } from './render-clients.ts';
import { describeBatchFailure, describeProgress, describeSummary } from './show-batch.ts';
import { watchToEnd } from './watch-to-end.ts';

/** Between two looks, in milliseconds. */
const INTERVAL_IN_MS = 2_000;

/** How long a summary may take that an event has written, in milliseconds. */
const SUMMARY_IN_MS = 60_000;

/** A batch, where its state machine and its files are. */
export interface BatchPlace {
  readonly clients: RenderClients;
  readonly machine: BatchMachine;
  readonly batchId: string;
}

export interface WatchBatchOptions {
  readonly display: Display;
  /** Folder for the videos. */
  readonly download?: string;
  readonly json?: boolean | undefined;
}

/** Watches the execution of a batch that `begin` gives, as `watchToEnd` does. Returns the exit status. */
export function watchBatch(
  batch: BatchPlace,
  begin: () => Promise<string>,
  { display, download, json }: WatchBatchOptions,
): Promise<number> {
  const { clients, batchId } = batch;
  const documentOf = ({ executionArn, status, error, cause }: DescribeExecutionOutput) => ({
    executionArn,
    batchId,
    status,
    error,
    cause,
  });
  return watchToEnd(
    clients,
    {
      begin,
      follow: (executionArn, signal) => followBatch(batch, executionArn, display, signal),
      async showEnd(end, signal) {
        const summary = await summaryOf(batch, end, signal);
        if (end.status !== 'SUCCEEDED') display.failed(describeBatchFailure(end));
        if (summary) display[end.status === 'SUCCEEDED' ? 'done' : 'note'](describeSummary(summary));
        else if (!isInvalid(end)) display.note(`No summary of it can be read at ${summaryUri(batch)}`);
        if (end.error === 'RowsFailed')
          display.note(`With a corrected table: the same command with --batch-id ${batchId}`);
        if (download !== undefined) await fetchAll(batch, download, display, signal);
        return { ...documentOf(end), summary };
      },
      endDocument: documentOf,
      describe: () => `the batch ${batchId} with all its renders`,
      cancelled: 'its renders are being cancelled',
      howToGoOn: () => howToGoOn(batchId),
      howToFetch: () =>
        `See its end: npx remotion-step-functions batch --resume ${batchId}${download === undefined ? '' : ` --download ${download}`}`,
    },
    { display, json },
  );
}

/** What a person who watches no longer can do. */
export function howToGoOn(batchId: string): string {
  return [
    'The batch goes on by itself.',
    `Watch it: npx remotion-step-functions batch --resume ${batchId}`,
    `Stop it:  npx remotion-step-functions batch stop ${batchId}`,
  ].join('\n  ');
}

/** How far a batch is; undefined while its rows are checked. @param startedAt milliseconds since 1970 */
export async function progressOf(
  { clients, machine, batchId }: BatchPlace,
  startedAt: number,
): Promise<BatchProgress | undefined> {
  const text = await readBatchFile(clients, machine, batchId, 'progress.json');
  const progress: BatchProgress | undefined = text && JSON.parse(text);
  // What a run before has left says nothing of this one.
  return progress && Date.parse(progress.at) >= startedAt ? progress : undefined;
}

/** When the execution was started, or redriven, in milliseconds since 1970. */
export function startOf({ startDate, redriveDate }: DescribeExecutionOutput): number {
  return (redriveDate ?? startDate)?.getTime() ?? 0;
}

async function followBatch(
  batch: BatchPlace,
  executionArn: string,
  display: Display,
  signal: AbortSignal,
): Promise<DescribeExecutionOutput> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const execution = await batch.clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== 'RUNNING') return execution;
      const startedAt = startOf(execution);
      display.working(describeProgress(await progressOf(batch, startedAt), startedAt));
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    await sleep(INTERVAL_IN_MS, undefined, { signal });
  }
}

/** The summary of the execution as it has ended, as soon as it is there; undefined when none comes. */
async function summaryOf(
  { clients, machine, batchId }: BatchPlace,
  end: DescribeExecutionOutput,
  signal: AbortSignal,
): Promise<BatchSummary | undefined> {
  if (isInvalid(end)) return undefined;
  for (let waited = 0; waited <= SUMMARY_IN_MS; waited += INTERVAL_IN_MS) {
    const text = await readBatchFile(clients, machine, batchId, 'summary.json');
    const summary: BatchSummary | undefined = text && JSON.parse(text);
    if (summary && Date.parse(summary.finishedAt) >= startOf(end))
      // A later execution of the batch has written its own over it.
      return summary.executionArn === end.executionArn ? summary : undefined;
    await sleep(INTERVAL_IN_MS, undefined, { signal });
  }
  return undefined;
}

/** Whether nothing was rendered, as table or request were wrong. */
function isInvalid({ error = '' }: DescribeExecutionOutput): boolean {
  return error.startsWith('Invalid');
}

function summaryUri({ machine, batchId }: BatchPlace): string {
  return `s3://${machine.bucket}/${batchKey(machine, batchId, 'summary.json')}`;
}

async function fetchAll(
  { clients, machine, batchId }: BatchPlace,
  folder: string,
  display: Display,
  signal: AbortSignal,
): Promise<void> {
  const lines = ((await readBatchFile(clients, machine, batchId, 'results.jsonl')) ?? '').split('\n');
  const rows = lines.filter(Boolean).map((line) => JSON.parse(line) as RowResult);
  const videos = rows.filter(({ s3Uri }) => s3Uri !== null);
  for (const [i, { row, s3Uri }] of videos.entries()) {
    display.working(`Fetching video ${i + 1} of ${videos.length}`);
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(s3Uri ?? '') ?? [];
    await fetchVideo(clients.s3, { bucket, key }, join(folder, `${row}-${basename(key)}`), signal);
  }
  display.done(`Saved ${videos.length} videos in ${folder}`);
}
