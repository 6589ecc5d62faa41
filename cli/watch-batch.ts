import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, type DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import type { BatchProgress, BatchSummary, RowResult } from '../statemachine/batch-contract.ts';
import { isPassing } from './aws-problem.ts';
import { type BatchMachine, readBatchFile } from './batch-machine.ts';
import type { Display } from './display.ts';
import { fetchVideo } from './fetch-video.ts';
import { nameOf } from './find-state-machine.ts';
import { ask, isInteractive, listenForInterruption } from './interruption.ts';
import type { RenderClients } from './render-clients.ts';
import { describeBatchFailure, describeProgress, describeSummary } from './show-batch.ts';
import { stopExecution } from './watch-command.ts';

/** Between two looks, in milliseconds. */
const INTERVAL_IN_MS = 2_000;

/** How long a summary may take that an event has written, in milliseconds. */
const SUMMARY_IN_MS = 60_000;

export interface WatchBatchOptions {
  readonly display: Display;
  /** Folder for the videos. */
  readonly download?: string;
  readonly json?: boolean;
}

/**
 * Watches an execution of a batch to its end or to Ctrl-C, which asks in a terminal whether to stop the batch and
 * leaves it alone elsewhere. Returns the exit status.
 */
export async function watchBatch(
  clients: RenderClients,
  machine: BatchMachine,
  executionArn: string,
  batchId: string,
  { display, download, json }: WatchBatchOptions,
): Promise<number> {
  const interruption = listenForInterruption();
  const { signal } = interruption;
  try {
    const end = await followBatch(clients, machine, executionArn, batchId, display, signal);
    const summary = await summaryOf(clients, machine, batchId, end, signal);
    if (end.status === 'SUCCEEDED' && summary) display.done(describeSummary(summary));
    else {
      display.failed(describeBatchFailure(end.error, end.cause));
      if (summary) display.note(describeSummary(summary));
    }
    if (download !== undefined) await fetchAll(clients, machine, batchId, download, display, signal);
    if (json) console.log(JSON.stringify({ executionArn, status: end.status, error: end.error, summary }));
    return end.status === 'SUCCEEDED' ? 0 : 1;
  } catch (error) {
    display.pause();
    if (!signal.aborted) throw error;
    const stop = isInteractive() && (await ask(`Stop the batch ${batchId} with all its renders as well?`));
    if (stop) {
      await stopExecution(clients, executionArn);
      display.failed(`Stopped ${nameOf(executionArn)}; its renders are being cancelled.`);
    } else display.note(howToGoOn(executionArn));
    if (json) console.log(JSON.stringify({ executionArn, status: stop ? 'ABORTED' : 'RUNNING' }));
    return interruption.exitStatus;
  } finally {
    interruption.stopListening();
  }
}

/** What a person who watches no longer can do. */
export function howToGoOn(executionArn: string): string {
  return [
    'The batch goes on by itself.',
    `Watch it: npx remotion-step-functions batch status --watch ${executionArn}`,
    `Stop it:  npx remotion-step-functions batch stop ${executionArn}`,
  ].join('\n  ');
}

async function followBatch(
  clients: RenderClients,
  machine: BatchMachine,
  executionArn: string,
  batchId: string,
  display: Display,
  signal: AbortSignal,
): Promise<DescribeExecutionOutput> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const execution = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== 'RUNNING') return execution;
      const startedAt = (execution.redriveDate ?? execution.startDate)?.getTime() ?? 0;
      const text = await readBatchFile(clients, machine, batchId, 'progress.json');
      const progress: BatchProgress | undefined = text && JSON.parse(text);
      // What a run before has left says nothing of this one.
      const isOfThis = progress && Date.parse(progress.at) >= startedAt;
      display.working(describeProgress(isOfThis ? progress : undefined, startedAt));
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    await sleep(INTERVAL_IN_MS, undefined, { signal });
  }
}

/** The summary of the execution as it has ended, as soon as it is there; undefined when none comes. */
async function summaryOf(
  clients: RenderClients,
  machine: BatchMachine,
  batchId: string,
  { startDate, redriveDate, error = '' }: DescribeExecutionOutput,
  signal: AbortSignal,
): Promise<BatchSummary | undefined> {
  if (/^Invalid/.test(error)) return undefined;
  const since = (redriveDate ?? startDate)?.getTime() ?? 0;
  for (let waited = 0; waited <= SUMMARY_IN_MS; waited += INTERVAL_IN_MS) {
    const text = await readBatchFile(clients, machine, batchId, 'summary.json');
    const summary: BatchSummary | undefined = text && JSON.parse(text);
    if (summary && Date.parse(summary.finishedAt) >= since) return summary;
    await sleep(INTERVAL_IN_MS, undefined, { signal });
  }
  return undefined;
}

async function fetchAll(
  clients: RenderClients,
  machine: BatchMachine,
  batchId: string,
  folder: string,
  display: Display,
  signal: AbortSignal,
): Promise<void> {
  const lines = ((await readBatchFile(clients, machine, batchId, 'results.jsonl')) ?? '').split('\n');
  const rows = lines.filter(Boolean).map((line) => JSON.parse(line) as RowResult);
  const videos = rows.filter(({ s3Uri }) => s3Uri !== null);
  mkdirSync(folder, { recursive: true });
  for (const [i, { row, s3Uri }] of videos.entries()) {
    display.working(`Fetching video ${i + 1} of ${videos.length}`);
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(s3Uri ?? '') ?? [];
    await fetchVideo(clients.s3, { bucket, key }, join(folder, `${row}-${basename(key)}`), signal);
  }
  display.done(`Saved ${videos.length} videos in ${folder}`);
}
