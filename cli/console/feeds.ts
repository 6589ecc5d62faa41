import type { DescribeExecutionOutput, SFNClient } from '@aws-sdk/client-sfn';
import { executionArn } from '../find-state-machine.ts';
import { ExecutionFeed } from './execution-feed.ts';
import { Refusal } from './http.ts';

/** Executions whose history is kept after nobody has looked at it any more: the last. */
const KEPT = 20;

/** A feed that knows its execution. */
export type KnownFeed = ExecutionFeed & { execution: DescribeExecutionOutput };

/** The feeds of a state machine's executions. */
export class Feeds {
  readonly #sfn: SFNClient;
  readonly #stateMachineArn: string;
  readonly #feeds = new Map<string, ExecutionFeed>();

  constructor(sfn: SFNClient, stateMachineArn: string) {
    this.#sfn = sfn;
    this.#stateMachineArn = stateMachineArn;
  }

  of(name: string): ExecutionFeed {
    const feed =
      this.#feeds.get(name) ?? new ExecutionFeed(this.#sfn, executionArn(name, this.#stateMachineArn));
    this.#feeds.delete(name);
    this.#feeds.set(name, feed);
    const idle = [...this.#feeds].filter(([of, { isWatched }]) => !isWatched && of !== name);
    for (const [oldest] of idle.slice(0, Math.max(0, this.#feeds.size - KEPT))) this.#feeds.delete(oldest);
    return feed;
  }

  /** @throws Refusal when nothing is known of the execution */
  async known(name: string): Promise<KnownFeed> {
    const feed = this.of(name);
    if (!feed.execution) await feed.read();
    if (feed.execution) return feed as KnownFeed;
    throw new Refusal(404, feed.trouble?.message ?? 'There is no such execution.');
  }

  /** The feed of an execution that somebody looks at, and that has been read. */
  watched(name: string): ExecutionFeed | undefined {
    const feed = this.#feeds.get(name);
    return feed?.isWatched && feed.story.lastId > 0 && !feed.trouble ? feed : undefined;
  }
}
