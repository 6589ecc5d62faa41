import type { BatchErrorName } from './batch-errors.ts';

export type { BatchEvent, BatchEventDetail, BatchEventType } from './batch-event-schema.ts';

/** What becomes of the rows that are rendering when a batch is stopped or has spent its budget. */
export type Stopping = 'finish-running' | 'cancel-running';

/** Input of an execution of the batch workflow: renders a video of each row of a table. */
export interface BatchRequest {
  /** Names the batch, and its rows' jobs. Default: the execution's name. */
  batchId?: string;
  /**
   * `s3://bucket/key` of the table, under `batch-items/` in the Remotion bucket: `.csv` with a header, `.jsonl` with
   * an object a line, or `.json` with an array of objects.
   */
  items: string;
  /**
   * A `RenderRequest` in whose texts `{% $row.name %}` stands for a value of the row: a JSONata expression, in which
   * `$row` is the row, `$rowNumber` its number from 1 and `$batchId` the batch. Default: each row is a whole request.
   */
  request?: Record<string, unknown>;
  /** Rows that render at once, from 1 to 1,000. Default 10. */
  maxConcurrentRenders?: number;
  /**
   * Share of the rows, from 0 to 100, that may fail: as soon as more have, the batch is stopped. Default: all rows
   * are tried, and the batch fails at its end if one has failed.
   */
  toleratedFailurePercentage?: number;
  /** What all renders of the batch may cost in USD, by Remotion's own estimate; more than 0. Default: anything. */
  maxCostInUsd?: number;
  /** What becomes of rows that are rendering when the budget is spent. Default `finish-running`. */
  stopping?: Stopping;
  /** Renders only so many rows, taken evenly from the whole table. Default: all. */
  sample?: number;
  /** Renders nothing; the output is a `BatchForecast`. Default false. */
  dryRun?: boolean;
}

/** Payload of PrepareBatch. */
export interface PrepareBatchInput {
  /** The execution's input, as it came. */
  input: unknown;
  executionArn: string;
}

/** What a batch will take: in the output of PrepareBatch, and the output of a dry run. */
export interface BatchForecast {
  batchId: string;
  /** Rows of the batch. */
  rows: number;
  /** Rows that have no video yet. */
  rowsToRender: number;
  /** How many problems the rows have. */
  problems: number;
  /** The first of them. */
  firstProblems: RowProblem[];
  /** `s3://bucket/key` of all, a JSON line each; null without problems. */
  problemsUri: string | null;
  /** What `rowsToRender` will cost, from what renders of the same compositions have; null where none is known. */
  expectedCostInUsd: ExpectedCost | null;
}

/** In USD, from the tenth to the ninetieth percentile of what renders have cost. */
export interface ExpectedCost {
  low: number;
  high: number;
  /** How many renders are known, of the composition that the fewest are known of. */
  knownRenders: number;
}

/** What is wrong with a row. */
export interface RowProblem {
  /** From 1; the header of a CSV is not counted. */
  row: number;
  /** Such as `destination.key`. */
  field: string;
  problem: string;
}

/** Output of PrepareBatch, kept in the variable `$batch`. */
export interface PreparedBatch extends BatchForecast {
  dryRun: boolean;
  /** Where in the Remotion bucket Distributed Map reads the rows that are to be rendered, a `BatchRow` a line. */
  requestsKey: string;
  maxConcurrentRenders: number;
  /** Percent; 100 where the request has none. */
  stopsAboveFailurePercentage: number;
  /** Percent; 0 where the request has none. */
  toleratedFailurePercentage: number;
  maxCostInUsd: number | null;
  stopping: Stopping;
  /** ISO 8601 text. */
  preparedAt: string;
}

/** Payload of AdmitRow. */
export interface AdmitRowInput {
  batchId: string;
  row: number;
  executionArn: string;
}

/** Payload of RecordRow. */
export interface RecordRowInput {
  row: {
    batchId: string;
    row: number;
    hash: string;
    jobId: string;
    composition: string;
    codec: string;
  };
  executionArn: string;
  /** Result of `startExecution.sync:2`; null when it failed. */
  ended: NestedExecution | null;
  /** What a Catch knows about it; null when it has succeeded. */
  failure: { error: string; cause: string } | null;
  /** When the row came to this state, ISO 8601. */
  enteredAt: string;
  /** Whether the child execution has been redriven since it failed here: then the row is rendered again. */
  redriven: boolean;
}

/** What is read of an execution of the render workflow that has ended. */
export interface NestedExecution {
  ExecutionArn: string;
  /** Milliseconds since 1970. */
  StartDate: number;
  /** Milliseconds since 1970. */
  StopDate: number;
  /** A `RenderResult`. */
  Output?: unknown;
  Error?: string;
  Cause?: string;
}

export type RowStatus = 'succeeded' | 'failed' | 'unfinished';

/** A line of results.jsonl. */
export interface RowResult {
  /** From 1. */
  row: number;
  jobId: string;
  /** `unfinished`: not started, or stopped before its end. */
  status: RowStatus;
  s3Uri: string | null;
  /** Remotion's estimate; null if unknown. */
  costInUsd: number | null;
  /** From the start of the row's execution to its end. */
  seconds: number | null;
  /** One of the names in docs/errors.md. */
  error: string | null;
  message: string | null;
  remedy: string | null;
  executionArn: string | null;
}

/** How many rows are where, and what they have cost. */
export interface BatchCounts {
  rows: number;
  succeeded: number;
  failed: number;
  /** Neither. */
  unfinished: number;
  /** What all attempts have cost in USD, by Remotion's own estimate. */
  costInUsd: number;
}

/** Payload of FollowBatch. */
export interface FollowBatchInput {
  batch: Pick<
    PreparedBatch,
    'batchId' | 'rows' | 'rowsToRender' | 'maxCostInUsd' | 'stopping' | 'preparedAt'
  >;
  executionArn: string;
  /** Of the last event, ISO 8601; null before the first. */
  publishedAt: string | null;
}

/** Content of stop.json: no more rows are started. */
export interface BatchStop {
  reason: 'BatchStopped' | 'BatchOverBudget';
  message: string;
}

/** Output of FollowBatch, and content of progress.json. */
export interface BatchProgress extends BatchCounts {
  batchId: string;
  /** Rows that had no video when the batch was prepared. */
  rowsToRender: number;
  /** Children of the Map Run that run at this moment. */
  running: number;
  /** Whether the Map Run has ended. */
  isOver: boolean;
  /** Whether the rows that are rendering are to be cancelled, as the budget is spent. */
  cancel: boolean;
  /** Whether the event is due. */
  publish: boolean;
  /** How long to wait until the next look. */
  secondsUntilNextLook: number;
  /** ISO 8601. */
  at: string;
}

/** Payload of SummarizeBatch in the state machine. */
export interface SummarizeBatchInput {
  batch: PreparedBatch;
  executionArn: string;
  /** ISO 8601. */
  startedAt: string;
  /** Whether the execution has been redriven since its batch ended here: then it is prepared anew. */
  redriven: boolean;
}

/** Content of summary.json, and output of a batch whose rows have their videos. */
export interface BatchSummary extends BatchCounts {
  batchId: string;
  executionArn: string;
  /** `SUCCEEDED`, or why the batch has not. */
  outcome: 'SUCCEEDED' | BatchErrorName;
  /** How many rows failed with each error. */
  failures: Record<string, number>;
  /** Of the rows that have their videos: median, longest and sum, in seconds; null without any. */
  seconds: { median: number; longest: number; sum: number } | null;
  /** ISO 8601. */
  startedAt: string;
  /** ISO 8601. */
  finishedAt: string;
  /** `s3://bucket/key` each. */
  results: { jsonl: string; csv: string; summary: string };
}
