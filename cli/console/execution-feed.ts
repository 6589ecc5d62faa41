import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { isPassing } from '../aws-problem.ts';
import { RenderWatch } from '../render-watch.ts';
import { ExecutionStory } from './execution-story.ts';
import { describeTrouble, type Trouble } from './trouble.ts';

/** One read of the history a second, while an execution runs; what has ended may still be redriven. */
const INTERVAL_IN_MS = 1_000;
const INTERVAL_AFTER_END_IN_MS = 5_000;

const EVENTS_OF_A_READ = 200;

/** Follows one execution for all who look at it. */
export class ExecutionFeed {
  readonly story = new ExecutionStory();
  readonly watch = new RenderWatch();
  execution: DescribeExecutionOutput | undefined;
  trouble: Trouble | undefined;
  readonly #sfn: SFNClient;
  readonly #arn: string;
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;

  constructor(sfn: SFNClient, arn: string) {
    this.#sfn = sfn;
    this.#arn = arn;
  }

  /** Whether anybody looks at it. */
  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Calls the listener with every change, from now on; the answer takes it off again. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) void this.#go();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#timer);
    };
  }

  /** Reads what is new, at once. */
  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #go(): Promise<void> {
    clearTimeout(this.#timer);
    await this.read();
    if (this.#listeners.size === 0) return;
    clearTimeout(this.#timer);
    const ended = this.execution !== undefined && this.execution.status !== 'RUNNING';
    this.#timer = setTimeout(() => void this.#go(), ended ? INTERVAL_AFTER_END_IN_MS : INTERVAL_IN_MS);
    this.#timer.unref();
  }

  async #read(): Promise<void> {
    const { story } = this;
    const before = [story.lastId, this.execution?.status, this.trouble?.message].join();
    try {
      const events = await this.#newEvents();
      story.tell(events);
      this.watch.see(events);
      const knows = this.execution !== undefined && (this.execution.status !== 'RUNNING') === story.hasEnded;
      if (!knows || events.length > 0) await this.#describe(knows);
      this.trouble = undefined;
    } catch (error) {
      this.trouble = describeTrouble(error as Error, isPassing(error));
    }
    const after = [story.lastId, this.execution?.status, this.trouble?.message].join();
    if (before !== after) for (const listener of this.#listeners) listener();
  }

  /** Its end, its input and whether it can be redriven: asked when the history has something new of them. */
  async #describe(knows: boolean): Promise<void> {
    if (knows && this.execution?.status === 'RUNNING') return;
    this.execution = await this.#sfn.send(new DescribeExecutionCommand({ executionArn: this.#arn }));
  }

  /** From the newest back to what is known already. */
  async #newEvents(): Promise<HistoryEvent[]> {
    const found: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#sfn.send(
        new GetExecutionHistoryCommand({
          executionArn: this.#arn,
          reverseOrder: true,
          includeExecutionData: true,
          maxResults: this.story.lastId === 0 ? 1000 : EVENTS_OF_A_READ,
          ...(nextToken && { nextToken }),
        }),
      );
      const events = page.events ?? [];
      found.push(...events.filter(({ id = 0 }) => id > this.story.lastId));
      if (events.some(({ id = 0 }) => id <= this.story.lastId)) break;
      nextToken = page.nextToken;
    } while (nextToken);
    return found.reverse();
  }
}
