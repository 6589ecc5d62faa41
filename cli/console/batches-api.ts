import type { ServerResponse } from 'node:http';
import { BATCH_ERRORS } from '../../statemachine/batch-errors.ts';
import { letRunningRowsFinish, renderMissingRows } from '../batch-actions.ts';
import { type BatchMachine, batchKey, batchMachine } from '../batch-machine.ts';
import { nameOf } from '../find-state-machine.ts';
import type { BatchPlace } from '../watch-batch.ts';
import { batchMessage, batchRequest } from './batch-message.ts';
import type { ConsoleOptions } from './console-options.ts';
import { definitionGraph } from './definition-graph.ts';
import { type FileAddresses, redirectToFile } from './delivered-files.ts';
import { ExecutionsApi } from './executions-api.ts';
import { FailedRows } from './failed-rows.ts';
import type { KnownFeed } from './feeds.ts';
import { Refusal } from './http.ts';
import { type ListedBatch, learnBatch } from './listed-batch.ts';
import type { Watched } from './live-stream.ts';

/** Batches that the page lists at most: the newest. */
const MOST = 100;

/** What a batch leaves for people. */
const FILES = ['results.csv', 'results.jsonl', 'problems.jsonl'];

/** What the page sees of batches and does with them. */
export class BatchesApi extends ExecutionsApi<ListedBatch> {
  readonly #options: ConsoleOptions;
  readonly #stateMachineArn: string;
  readonly #failedRows = new WeakMap<object, FailedRows>();
  #machine: Promise<BatchMachine> | undefined;

  constructor(options: ConsoleOptions, stateMachineArn: string) {
    const { sfn } = options.clients;
    super({
      sfn,
      stateMachineArn,
      isHere: options.endpoint !== undefined,
      most: MOST,
      learn: (arn, listed, watched) => learnBatch(sfn, arn, listed, watched),
    });
    this.#options = options;
    this.#stateMachineArn = stateMachineArn;
  }

  async describe(): Promise<object> {
    const { sfn } = this.#options.clients;
    const stateMachineArn = this.#stateMachineArn;
    const graph = await definitionGraph(sfn, stateMachineArn);
    return { ...graph, stateMachineArn, name: nameOf(stateMachineArn), errors: BATCH_ERRORS };
  }

  watched(name: string): Watched {
    const feed = this.feeds.of(name);
    const failed =
      this.#failedRows.get(feed) ?? new FailedRows(this.#options.clients.sfn, this.arnOf(name), feed);
    this.#failedRows.set(feed, failed);
    return {
      event: 'batch',
      feed,
      listen(listener) {
        const stops = [feed.listen(listener), failed.listen(listener)];
        return () => {
          for (const stop of stops) stop();
        };
      },
      message: (told) => batchMessage(feed, failed, told),
    };
  }

  async request(name: string): Promise<object> {
    const { execution } = await this.feeds.known(name);
    return batchRequest(execution);
  }

  /** Lets the rows that are rendering finish, and starts no more. */
  async finish(name: string): Promise<void> {
    const by = 'on the page of remotion-step-functions';
    await letRunningRowsFinish(await this.#place(await this.feeds.known(name)), by);
  }

  /** Returns the name of the execution that renders what is missing. */
  async retry(name: string): Promise<string> {
    const feed = await this.feeds.known(name);
    await feed.read();
    const again = nameOf(await renderMissingRows(await this.#place(feed), feed.execution));
    await this.lookAgain(again);
    return again;
  }

  async file(name: string, file: string, addresses: FileAddresses, response: ServerResponse): Promise<void> {
    if (!FILES.includes(file)) throw new Refusal(404, 'A batch has no such file.');
    const { machine, batchId } = await this.#place(await this.feeds.known(name));
    const key = batchKey(machine, batchId, file);
    const named = { name: `${batchId}-${file}`, bucket: machine.bucket, key, sizeInBytes: 0 };
    await redirectToFile(response, addresses, named, this.#options.endpoint === undefined);
  }

  async #place({ execution }: KnownFeed): Promise<BatchPlace> {
    const { clients } = this.#options;
    this.#machine ??= batchMachine(clients, { stateMachineArn: this.#stateMachineArn });
    this.#machine.catch(() => {
      this.#machine = undefined;
    });
    return { clients, machine: await this.#machine, batchId: batchRequest(execution).batchId };
  }
}
