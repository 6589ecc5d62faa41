import {
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListMapRunsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { BatchRow } from '../../statemachine/batch-row.ts';
import { isPassing } from '../aws-problem.ts';
import { nameOf } from '../find-state-machine.ts';
import type { ExecutionFeed } from './execution-feed.ts';
import { parse } from './execution-story.ts';
import { describeTrouble, type Trouble } from './trouble.ts';

const INTERVAL_IN_MS = 5_000;
/** Rows that the page tells of: those that were started last. */
const MOST = 100;
const CALLS_AT_ONCE = 4;
/** Of a row's execution: all of them, but for one that was tried again very often. */
const EVENTS = 1_000;

/** A row of a batch that has failed. */
export interface FailedRow {
  /** From 1; undefined where its history does not say it any more. */
  readonly row?: number;
  readonly jobId?: string;
  readonly error: string;
  readonly message: string;
  /** Name of the execution that was to render it; undefined for one that has none. */
  readonly render?: string;
}

/** Follows which rows of a batch have failed, in its last Map Run, for all who look at it. */
export class FailedRows {
  rows: readonly FailedRow[] = [];
  trouble: Trouble | undefined;
  readonly #sfn: SFNClient;
  readonly #batchArn: string;
  readonly #feed: ExecutionFeed;
  readonly #listeners = new Set<() => void>();
  readonly #known = new Map<string, FailedRow>();
  #timer: NodeJS.Timeout | undefined;
  #lookedAtEnd = 0;

  /** @param feed of the batch */
  constructor(sfn: SFNClient, batchArn: string, feed: ExecutionFeed) {
    this.#sfn = sfn;
    this.#batchArn = batchArn;
    this.#feed = feed;
  }

  /** As that of `ExecutionFeed`. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) void this.#go();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#timer);
    };
  }

  async #go(): Promise<void> {
    clearTimeout(this.#timer);
    const { story } = this.#feed;
    // What has ended does not change until it is redriven, which its history tells.
    if (!story.hasEnded || this.#lookedAtEnd !== story.lastId) {
      const lookedAt = story.hasEnded ? story.lastId : 0;
      await this.#look();
      if (!this.trouble) this.#lookedAtEnd = lookedAt;
    }
    if (this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => void this.#go(), INTERVAL_IN_MS);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const before = JSON.stringify([this.rows, this.trouble]);
    try {
      this.rows = await this.#read();
      this.trouble = undefined;
    } catch (error) {
      this.trouble = describeTrouble(error as Error, isPassing(error));
    }
    if (JSON.stringify([this.rows, this.trouble]) === before) return;
    for (const listener of this.#listeners) listener();
  }

  async #read(): Promise<FailedRow[]> {
    const { mapRuns = [] } = await this.#sfn.send(new ListMapRunsCommand({ executionArn: this.#batchArn }));
    const [newest] = mapRuns.toSorted((a, b) => Number(b.startDate) - Number(a.startDate));
    if (!newest) return [];
    const { executions = [] } = await this.#sfn.send(
      new ListExecutionsCommand({ mapRunArn: newest.mapRunArn, statusFilter: 'FAILED', maxResults: MOST }),
    );
    // A row that was redriven and has failed again has the same ARN.
    const failed = executions.map(({ executionArn = '', stopDate }) => ({
      executionArn,
      key: `${executionArn} ${stopDate?.getTime()}`,
    }));
    const unknown = failed.filter(({ key }) => !this.#known.has(key));
    const work = async () => {
      for (let next = unknown.shift(); next; next = unknown.shift())
        this.#known.set(next.key, await readFailedRow(this.#sfn, next.executionArn));
    };
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
    return failed
      .map(({ key }) => this.#known.get(key))
      .filter((row) => row !== undefined)
      .sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
  }
}

async function readFailedRow(sfn: SFNClient, executionArn: string): Promise<FailedRow> {
  const { events = [] } = await sfn.send(
    new GetExecutionHistoryCommand({
      executionArn,
      reverseOrder: true,
      maxResults: EVENTS,
      includeExecutionData: true,
    }),
  );
  return failedRow(events);
}

/** @param events of the row's execution, newest first */
export function failedRow(events: readonly HistoryEvent[]): FailedRow {
  const { error = 'States.TaskFailed', cause = '' } = events[0]?.executionFailedEventDetails ?? {};
  const input = events.at(-1)?.executionStartedEventDetails?.input;
  const { row, request } = (parse(input) ?? {}) as Partial<BatchRow>;
  const submitted = events.find(({ type }) => type === 'TaskSubmitted')?.taskSubmittedEventDetails?.output;
  const { ExecutionArn } = (parse(submitted) ?? {}) as { ExecutionArn?: string };
  const { errorMessage } = (parse(cause) ?? {}) as { errorMessage?: string };
  return {
    ...(row !== undefined && { row }),
    ...(request?.jobId !== undefined && { jobId: request.jobId }),
    error,
    message: errorMessage ?? cause,
    ...(ExecutionArn && { render: nameOf(ExecutionArn) }),
  };
}
