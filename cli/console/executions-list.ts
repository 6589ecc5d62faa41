import { setTimeout as sleep } from 'node:timers/promises';
import { type ExecutionListItem, ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { isPassing } from '../aws-problem.ts';
import { describeTrouble, type Trouble } from './trouble.ts';

/** In each look but the first. */
const NEWEST = 100;
/** Calls at once for what the list of Step Functions does not say: job, composition, progress, cost. */
const CALLS_AT_ONCE = 4;
/** Running executions whose progress the list asks for after one look: those that it has not asked for longest. */
const FOLLOWED = 20;

/** An execution in a list. Times in milliseconds since 1970. */
export interface Listed {
  readonly name: string;
  readonly status: string;
  readonly startedAt: number;
  readonly stoppedAt?: number;
  /** Why more is not known. */
  readonly trouble?: Trouble;
}

export interface ListOptions<Item extends Listed> {
  readonly sfn: SFNClient;
  readonly stateMachineArn: string;
  /** How many are listed at most: the newest, and those that run. */
  readonly most: number;
  /** Between two looks. */
  readonly intervalInMs: number;
  /** After each call, for a quota of calls. */
  readonly pauseInMs: number;
  /** Finds out what a list does not say. */
  learn(executionArn: string, listed: Item): Promise<Partial<Item>>;
}

interface Known<Item> {
  item: Item;
  /** When it last changed, in changes of the list. */
  version: number;
  /** Whether all is known of its present status. */
  isComplete: boolean;
  /** When it was asked about last, in milliseconds since 1970. */
  askedAt: number;
  readonly arn: string;
}

/** Keeps the list of a state machine's executions while somebody looks at it. */
export class ExecutionsList<Item extends Listed = Listed> {
  trouble: Trouble | undefined;
  /** Counts the changes; what has a higher one is new to whoever has seen this one. */
  version = 0;
  isLoaded = false;
  readonly #options: ListOptions<Item>;
  readonly #known = new Map<string, Known<Item>>();
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(options: ListOptions<Item>) {
    this.#options = options;
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
  changesSince(version: number): Item[] {
    return [...this.#known.values()].filter((each) => each.version > version).map(({ item }) => item);
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
    this.#timer = setTimeout(() => void this.look(), this.#options.intervalInMs);
    this.#timer.unref();
  }

  async #list(): Promise<void> {
    const { sfn, stateMachineArn, most } = this.#options;
    const isFirst = this.#known.size === 0;
    const ask = (more: object) => sfn.send(new ListExecutionsCommand({ stateMachineArn, ...more }));
    const { executions: newest = [] } = await ask({ maxResults: isFirst ? most : NEWEST });
    // What waits for its turn may have been started before all of those, and is first in the line then.
    const isAll = !isFirst || newest.length < most;
    const { executions: running = [] } = isAll
      ? {}
      : await ask({ maxResults: most, statusFilter: 'RUNNING' });
    // Oldest first, so that the map's order is that of their starts.
    for (const item of [...newest, ...running].reverse()) this.#see(item);
    const surplus = this.#known.size - most;
    const ended = [...this.#known].filter(([, { item }]) => item.status !== 'RUNNING');
    for (const [name] of ended.slice(0, Math.max(0, surplus))) this.#known.delete(name);
  }

  #see({ executionArn = '', name = '', status = 'RUNNING', startDate, stopDate }: ExecutionListItem): void {
    const known = this.#known.get(name);
    if (known?.item.status === status) return;
    const item = {
      ...(known?.item ?? { name, startedAt: startDate?.getTime() ?? 0 }),
      status,
      ...(stopDate && { stoppedAt: stopDate.getTime() }),
    } as Item;
    this.version += 1;
    this.#known.set(name, { item, version: this.version, isComplete: false, askedAt: 0, arn: executionArn });
  }

  /** Finds out more of the newest that are not known well yet, for one interval. */
  async #complete(): Promise<void> {
    const until = Date.now() + this.#options.intervalInMs;
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
        await sleep(this.#options.pauseInMs);
      }
    };
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
  }

  async #learn(known: Known<Item>): Promise<void> {
    const before = JSON.stringify(known.item);
    known.askedAt = Date.now();
    try {
      known.item = { ...known.item, ...(await this.#options.learn(known.arn, known.item)) };
      known.isComplete = known.item.status !== 'RUNNING';
    } catch (error) {
      if (isPassing(error)) return;
      known.item = { ...known.item, trouble: describeTrouble(error as Error) };
      known.isComplete = true;
    }
    if (JSON.stringify(known.item) === before) return;
    this.version += 1;
    known.version = this.version;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
