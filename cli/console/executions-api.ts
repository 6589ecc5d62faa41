import { RedriveExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { executionArn } from '../find-state-machine.ts';
import { stopExecution } from '../watch-to-end.ts';
import { parse } from './execution-story.ts';
import { ExecutionsList, type Listed, type ListOptions } from './executions-list.ts';
import { Feeds } from './feeds.ts';
import { Refusal } from './http.ts';

/** Between two looks at a list, and after a call of many: AWS lets an account describe 15 executions a second. */
const PACE_ON_AWS = { intervalInMs: 3_000, pauseInMs: 800 };
const PACE_HERE = { intervalInMs: 1_000, pauseInMs: 0 };

export interface ExecutionsApiOptions<Item extends Listed> {
  readonly sfn: SFNClient;
  readonly stateMachineArn: string;
  /** Whether it is not AWS that is asked, so that no quota has to be kept. */
  readonly isHere: boolean;
  readonly most: number;
  learn(
    ...given: [...Parameters<ListOptions<Item>['learn']>, feed: ReturnType<Feeds['watched']>]
  ): Promise<Partial<Item>>;
}

/** What the page sees of a state machine's executions and does with them, be they renders or batches. */
export class ExecutionsApi<Item extends Listed = Listed> {
  readonly feeds: Feeds;
  readonly list: ExecutionsList<Item>;
  readonly #sfn: SFNClient;
  readonly #stateMachineArn: string;

  constructor({ sfn, stateMachineArn, isHere, most, learn }: ExecutionsApiOptions<Item>) {
    this.#sfn = sfn;
    this.#stateMachineArn = stateMachineArn;
    this.feeds = new Feeds(sfn, stateMachineArn);
    this.list = new ExecutionsList<Item>({
      sfn,
      stateMachineArn,
      most,
      ...(isHere ? PACE_HERE : PACE_ON_AWS),
      // No history is read twice.
      learn: (arn, listed) => learn(arn, listed, this.feeds.watched(listed.name)),
    });
  }

  arnOf(name: string): string {
    return executionArn(name, this.#stateMachineArn);
  }

  /** One pass through a state, with what a live connection leaves out. */
  async visit(name: string, id: string): Promise<object> {
    const { story } = await this.feeds.known(name);
    const found = story.visits.find((each) => each.id === Number(id));
    if (!found) throw new Refusal(404, 'There is no such state in the history.');
    const { input, output, attempts } = found;
    return {
      ...(input !== undefined && { input: parse(input) ?? null }),
      ...(output !== undefined && { output: parse(output) ?? null }),
      attempts,
    };
  }

  async stop(name: string): Promise<void> {
    const by = 'Stopped on the page of remotion-step-functions.';
    await stopExecution({ sfn: this.#sfn }, this.arnOf(name), by);
    await this.lookAgain(name);
  }

  async redrive(name: string): Promise<void> {
    await this.#sfn.send(new RedriveExecutionCommand({ executionArn: this.arnOf(name) }));
    await this.lookAgain(name);
  }

  /** After a change of an execution. */
  async lookAgain(name: string): Promise<void> {
    void this.list.look();
    await this.feeds.of(name).read();
  }
}
