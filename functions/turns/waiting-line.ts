import {
  DeleteObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { readObject } from '../runtime/read-object.ts';

/** What a render that waits has left. */
export interface Ticket {
  readonly id: string;
  readonly executionArn: string;
  readonly jobId: string;
  /** With which its execution goes on. */
  readonly taskToken: string;
}

/** The tickets of the renders that wait: an object each, whose keys in their order are the line. */
export class WaitingLine {
  readonly #s3: S3Client;
  readonly #bucketName: string;
  readonly #prefix: string;

  constructor(s3: S3Client, bucketName: string, prefix: string) {
    this.#s3 = s3;
    this.#bucketName = bucketName;
    this.#prefix = prefix;
  }

  async join({ id, ...ticket }: Ticket): Promise<void> {
    const Body = JSON.stringify(ticket);
    const ContentType = 'application/json';
    await this.#s3.send(new PutObjectCommand({ ...this.#object(id), Body, ContentType }));
  }

  /** Undefined when it is not there any more. */
  async read(id: string): Promise<Ticket | undefined> {
    const found = await readObject(this.#s3, this.#object(id));
    return found && { id, ...JSON.parse(found.text) };
  }

  async leave(...ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#s3.send(new DeleteObjectCommand(this.#object(id)))));
  }

  /** Ids of the first thousand. */
  async head(): Promise<string[]> {
    const { value = [] } = await this.#pages().next();
    return value;
  }

  async all(): Promise<string[]> {
    const all: string[] = [];
    for await (const ids of this.#pages()) all.push(...ids);
    return all;
  }

  async *#pages(): AsyncGenerator<string[], undefined> {
    const list = { Bucket: this.#bucketName, Prefix: this.#prefix };
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#s3 }, list))
      yield Contents.map(({ Key = '' }) => Key.slice(this.#prefix.length));
  }

  #object(id: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucketName, Key: `${this.#prefix}${id}` };
  }
}
