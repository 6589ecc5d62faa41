import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { Clock } from '../../local/aws.ts';
import { lognormal } from '../lognormal.ts';
import { LATENCIES, LATENCY_SPREAD } from './assumptions.ts';

interface Stored {
  readonly body: string;
  readonly etag: string;
}

const PAGE_SIZE = 1000;

/** S3 and Step Functions as far as the turns use them, in memory, with what their answers take. */
export class AwsOfTurns {
  readonly requests = { put: 0, get: 0, list: 0, delete: 0, sendTask: 0 };
  conflicts = 0;
  /** Called when a token is accepted. */
  readonly waiters = new Map<string, (output: string) => void>();
  /** Called when an object is written. */
  onPut: (key: string, body: string) => void = () => {};
  readonly #objects = new Map<string, Stored>();
  #keys: string[] = [];
  #writes = 0;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #factor: number;

  /** @param factor How much slower than assumed AWS is. */
  constructor(clock: Clock, random: () => number, factor: number) {
    this.#clock = clock;
    this.#random = random;
    this.#factor = factor;
    SFNClient.prototype.send = ((command: SendTaskSuccessCommand) => this.#sendTask(command)) as never;
  }

  readonly s3: S3Client = Object.assign(new S3Client(), {
    send: (command: unknown) => this.#send(command),
  });

  async #send(command: unknown): Promise<unknown> {
    if (command instanceof PutObjectCommand) return this.#answer('put', () => this.#put(command));
    if (command instanceof GetObjectCommand) return this.#answer('get', () => this.#get(command));
    if (command instanceof ListObjectsV2Command) return this.#answer('list', () => this.#list(command));
    if (command instanceof DeleteObjectCommand) return this.#answer('delete', () => this.#delete(command));
    throw new Error('The turns use something of S3 that is not modelled.');
  }

  #sendTask({ input: { taskToken = '', output = '' } }: SendTaskSuccessCommand): Promise<unknown> {
    return this.#answer('sendTask', () => {
      const accept = this.waiters.get(taskToken);
      if (!accept) throw refusal('TaskTimedOut', 400);
      this.waiters.delete(taskToken);
      accept(output);
      return {};
    });
  }

  /** What a request does is done somewhere in the time that it takes. */
  async #answer<T>(what: keyof typeof this.requests, act: () => T): Promise<T> {
    this.requests[what] += 1;
    const takes = this.#factor * LATENCIES[what] * lognormal(this.#random, LATENCY_SPREAD);
    const before = takes * this.#random();
    await this.#clock.sleep(before);
    try {
      return act();
    } finally {
      await this.#clock.sleep(takes - before);
    }
  }

  #put({ input: { Key = '', Body, IfMatch, IfNoneMatch } }: PutObjectCommand) {
    const existing = this.#objects.get(Key);
    const isRefused = IfNoneMatch
      ? existing !== undefined
      : IfMatch !== undefined && IfMatch !== existing?.etag;
    if (isRefused) {
      this.conflicts += 1;
      throw refusal('PreconditionFailed', 412);
    }
    this.#writes += 1;
    const etag = `"${this.#writes}"`;
    if (!existing) this.#keys.splice(this.#placeOf(Key), 0, Key);
    this.#objects.set(Key, { body: String(Body), etag });
    this.onPut(Key, String(Body));
    return { ETag: etag };
  }

  #get({ input: { Key = '' } }: GetObjectCommand) {
    const object = this.#objects.get(Key);
    if (!object) throw refusal('AccessDenied', 403);
    return { ETag: object.etag, Body: { transformToString: async () => object.body } };
  }

  #list({ input: { Prefix = '', ContinuationToken } }: ListObjectsV2Command) {
    const from = this.#placeOf(ContinuationToken ?? Prefix);
    const keys = this.#keys.slice(from, from + PAGE_SIZE + 1).filter((key) => key.startsWith(Prefix));
    const NextContinuationToken = keys[PAGE_SIZE];
    return { Contents: keys.slice(0, PAGE_SIZE).map((Key) => ({ Key })), NextContinuationToken };
  }

  #delete({ input: { Key = '' } }: DeleteObjectCommand) {
    if (this.#objects.delete(Key)) this.#keys.splice(this.#placeOf(Key), 1);
    return {};
  }

  /** Of a key in the order of all. */
  #placeOf(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function refusal(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode, attempts: 1 } });
}
