import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { RenderRequest, RenderResult } from '../../statemachine/contract.ts';
import { readRequest } from '../../statemachine/read-request.ts';
import { isPassing } from '../aws-problem.ts';
import { RenderWatch } from '../render-watch.ts';
import { parse, RenderStory } from './render-story.ts';
import { describeTrouble, type Trouble } from './trouble.ts';

/** Executions that the page lists at most: the newest. */
const MOST = 1_000;
/** In each later look. */
const NEWEST = 100;
/** Calls at once for what the list of Step Functions does not say: job, composition, progress, cost. */
const CALLS_AT_ONCE = 4;
/** Running executions whose progress the list asks for after one look: those that it has not asked for longest. */
const FOLLOWED = 20;

/** An execution in the list. Times in milliseconds since 1970. */
export interface ListedRender {
  readonly name: string;
  readonly status: string;
  readonly startedAt: number;
  readonly stoppedAt?: number;
  readonly jobId?: string;
  readonly composition?: string;
  readonly codec?: string;
  /** The state that a running one is in. */
  readonly state?: string;
  readonly progressInPercent?: number;
  readonly costInUsd?: number;
  /** Name of the error. */
  readonly error?: string;
  /** How often Lambda has had no capacity for its start. */
  readonly throttled?: number;
  /** Why more is not known. */
  readonly trouble?: Trouble;
}

interface Known {
  render: ListedRender;
  /** When it last changed, in changes of the list. */
  version: number;
  /** Whether all is known of its present status. */
  isComplete: boolean;
  /** When it was asked about last, in milliseconds since 1970. */
  askedAt: number;
  readonly arn: string;
}

/** Keeps the list of executions while somebody looks at it. */
export class RendersList {
  trouble: Trouble | undefined;
  /** Counts the changes; what has a higher one is new to whoever has seen this one. */
  version = 0;
  isLoaded = false;
  readonly #sfn: SFNClient;
  readonly #stateMachineArn: string;
  readonly #intervalInMs: number;
  readonly #pauseInMs: number;
  readonly #known = new Map<string, Known>();
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  /**
   * @param intervalInMs between two looks
   * @param pauseInMs after each call, for a quota of calls
   */
  constructor(sfn: SFNClient, stateMachineArn: string, intervalInMs: number, pauseInMs: number) {
    this.#pauseInMs = pauseInMs;
    this.#sfn = sfn;
    this.#stateMachineArn = stateMachineArn;
    this.#intervalInMs = intervalInMs;
  }

  /** Calls the listener with every change, from now on; the answer takes it off again. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (!this.#isLooking) void this.look();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#timer);
    };
  }

  /** What has changed since a version. */
  changesSince(version: number): ListedRender[] {
    return [...this.#known.values()].filter((each) => each.version > version).map(({ render }) => render);
  }

  /** Looks what is new, and again after a while as long as anybody listens. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    clearTimeout(this.#timer);
    const before = this.version;
    const troubleBefore = this.trouble?.message;
    try {
      await this.#list();
      this.trouble = undefined;
    } catch (error) {
      this.trouble = describeTrouble(error as Error, isPassing(error));
    }
    const wasLoaded = this.isLoaded;
    this.isLoaded = true;
    if (this.version !== before || this.trouble?.message !== troubleBefore || !wasLoaded) this.#tell();
    await this.#complete();
    this.#isLooking = false;
    if (this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => void this.look(), this.#intervalInMs);
    this.#timer.unref();
  }

  async #list(): Promise<void> {
    const all = this.#known.size === 0;
    const listed = await this.#sfn.send(
      new ListExecutionsCommand({
        stateMachineArn: this.#stateMachineArn,
        maxResults: all ? MOST : NEWEST,
      }),
    );
    // Oldest first, so that the map's order is that of their starts.
    for (const item of (listed.executions ?? []).reverse()) this.#see(item);
    for (const name of [...this.#known.keys()].slice(0, Math.max(0, this.#known.size - MOST)))
      this.#known.delete(name);
  }

  #see({ executionArn = '', name = '', status = 'RUNNING', startDate, stopDate }: ExecutionListItem): void {
    const known = this.#known.get(name);
    if (known?.render.status === status) return;
    const render: ListedRender = {
      ...(known?.render ?? { name, startedAt: startDate?.getTime() ?? 0 }),
      status,
      ...(stopDate && { stoppedAt: stopDate.getTime() }),
    };
    this.version += 1;
    this.#known.set(name, {
      render,
      version: this.version,
      isComplete: false,
      askedAt: 0,
      arn: executionArn,
    });
  }

  /** Finds out more of the newest that are not known well yet, for one interval. */
  async #complete(): Promise<void> {
    const until = Date.now() + this.#intervalInMs;
    const newestFirst = [...this.#known.values()].reverse();
    const incomplete = newestFirst.filter((each) => !each.isComplete);
    const unknown = incomplete.filter(({ askedAt }) => askedAt === 0);
    // Also the old ones: the list of the newest does not tell of their end.
    const running = incomplete
      .filter(({ askedAt }) => askedAt > 0)
      .sort((a, b) => a.askedAt - b.askedAt)
      .slice(0, FOLLOWED);
    // In turns, so that none of them keeps the others waiting.
    const queue = Array.from({ length: Math.max(unknown.length, running.length) }, (_, index) =>
      [unknown[index], running[index]].filter((each) => each !== undefined),
    ).flat();
    const work = async () => {
      for (let next = queue.shift(); next && Date.now() < until; next = queue.shift()) {
        if (this.#listeners.size === 0) return;
        await this.#learn(next);
        await sleep(this.#pauseInMs);
      }
    };
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
  }

  async #learn(known: Known): Promise<void> {
    const before = JSON.stringify(known.render);
    known.askedAt = Date.now();
    try {
      known.render = { ...known.render, ...(await learn(this.#sfn, known.arn, known.render)) };
      known.isComplete = known.render.status !== 'RUNNING';
    } catch (error) {
      if (isPassing(error)) return;
      known.render = { ...known.render, trouble: describeTrouble(error as Error) };
      known.isComplete = true;
    }
    if (JSON.stringify(known.render) === before) return;
    this.version += 1;
    known.version = this.version;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

async function learn(
  sfn: SFNClient,
  executionArn: string,
  listed: ListedRender,
): Promise<Partial<ListedRender>> {
  const { name } = listed;
  let facts: Partial<ListedRender> = {};
  if (listed.composition === undefined || listed.status !== 'RUNNING') {
    const { input, output, status, error } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const { request, jobId } = readRequest(parse(input), name);
    const { composition, codec } = (request as Partial<RenderRequest> | null)?.render ?? {};
    facts = {
      ...(status && { status }),
      jobId: text(jobId) ?? name,
      composition: text(composition) ?? '',
      ...(text(codec) && { codec }),
      ...(error && { error }),
    };
    if (status === 'SUCCEEDED') {
      const { costInUsd } = (parse(output) ?? {}) as Partial<RenderResult>;
      return { ...facts, progressInPercent: 100, ...(costInUsd !== undefined && { costInUsd }) };
    }
  }
  const { events = [] } = await sfn.send(
    new GetExecutionHistoryCommand({
      executionArn,
      reverseOrder: true,
      maxResults: 40,
      includeExecutionData: true,
    }),
  );
  events.reverse();
  const watch = new RenderWatch();
  watch.see(events);
  const { state, progress } = watch.update;
  const story = new RenderStory();
  story.tell(events);
  const throttled = (story.visits.at(-1)?.attempts ?? []).filter(
    ({ error }) => error === 'RenderStartThrottled',
  );
  return {
    ...facts,
    ...(state && { state }),
    throttled: throttled.length,
    ...(progress && { progressInPercent: progress.progressInPercent, costInUsd: progress.costInUsd }),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 200) : undefined;
}
