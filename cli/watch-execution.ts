import { relative } from 'node:path';
import type { RenderResult } from '../statemachine/contract.ts';
import type { Display } from './display.ts';
import { fetchVideo } from './fetch-video.ts';
import { type ExecutionEnd, followExecution } from './follow-execution.ts';
import type { RenderClients } from './render-clients.ts';
import { describeAside, describeFailure, describeResult, describeUpdate } from './show-execution.ts';

export interface WatchOptions {
  readonly display: Display;
  /** Between two looks, in milliseconds. */
  readonly intervalInMs: number;
  /** Ends the watching, not the execution. */
  readonly signal?: AbortSignal;
}

/** Shows an execution until it ends. */
export function watchExecution(
  { sfn }: Pick<RenderClients, 'sfn'>,
  executionArn: string,
  { display, intervalInMs, signal }: WatchOptions,
): Promise<ExecutionEnd> {
  return followExecution(
    sfn,
    executionArn,
    (update) => display.working(describeUpdate(update, display.columns), describeAside(update)),
    intervalInMs,
    signal,
  );
}

export interface ShowEndOptions {
  readonly display: Display;
  /** Where the video goes: a file, or a folder if it is one or ends with a slash. Default: it is not fetched. */
  readonly target?: string;
  /** Ends the fetching. */
  readonly signal?: AbortSignal;
}

/** Shows how an execution has ended, and fetches its video. `file` is absolute. */
export async function showEnd(
  { s3 }: Pick<RenderClients, 's3'>,
  end: ExecutionEnd,
  { display, target, signal }: ShowEndOptions,
): Promise<{ end: ExecutionEnd; file?: string }> {
  if (end.status !== 'SUCCEEDED') {
    display.failed(describeFailure(end));
    return { end };
  }
  const result = end.output as RenderResult;
  display.done(describeResult(result, end));
  if (target === undefined) return { end };
  display.working('Fetching the video');
  const file = await fetchVideo(s3, result, target, signal);
  const shortest = relative(process.cwd(), file);
  display.done(`Saved as ${shortest.startsWith('..') ? file : shortest}`);
  return { end, file };
}

/** The document of `--json`: how the execution ended and where its video was saved. */
export function endDocument({ end, file }: { end: ExecutionEnd; file?: string }) {
  const { durationInMs: executionInMs, ...ended } = end;
  return { ...ended, ...(file && { file }), timings: { executionInMs } };
}
