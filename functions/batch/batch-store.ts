import { PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { readObject } from '../runtime/read-object.ts';
import { type BatchKeys, batchKeys } from './batch-keys.ts';
import { LinesUpload } from './lines-upload.ts';
import { type RowRecord, readRecordName } from './row-record.ts';

/** A row's result and where it is. */
export type StoredRecord = RowRecord & { readonly key: string };

/** The objects of a workflow's batches in the Remotion bucket. */
export class BatchStore {
  readonly keys: BatchKeys;
  readonly bucketName: string;
  readonly #s3: S3Client;

  /** @param prefix `render-workflows/<workflow>/` */
  constructor(s3: S3Client, bucketName: string, prefix: string) {
    this.#s3 = s3;
    this.bucketName = bucketName;
    this.keys = batchKeys(prefix);
  }

  uriOf(key: string): string {
    return `s3://${this.bucketName}/${key}`;
  }

  /** The results of a batch's rows, of all attempts, by row and then by time. */
  async listRecords(batchId: string): Promise<StoredRecord[]> {
    const prefix = this.keys.rows(batchId);
    const records: StoredRecord[] = [];
    const list = { Bucket: this.bucketName, Prefix: prefix };
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#s3 }, list))
      for (const { Key = '' } of Contents) {
        const record = readRecordName(Key.slice(prefix.length));
        if (record) records.push({ ...record, key: Key });
      }
    return records;
  }

  /** Undefined when there is no such object. */
  async read(key: string): Promise<string | undefined> {
    return (await readObject(this.#s3, { Bucket: this.bucketName, Key: key }))?.text;
  }

  async readJson<Content>(key: string): Promise<Content | undefined> {
    const text = await this.read(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async writeJson(key: string, content: object): Promise<void> {
    const Body = JSON.stringify(content);
    const object = { Bucket: this.bucketName, Key: key, Body, ContentType: 'application/json' };
    await this.#s3.send(new PutObjectCommand(object));
  }

  /** A text of as many lines as there are. */
  async writeLines(key: string, lines: Iterable<string>, contentType = 'application/jsonl'): Promise<void> {
    const upload = this.openLines(key, contentType);
    for (const line of lines) await upload.write(line);
    await upload.end();
  }

  openLines(key: string, contentType = 'application/jsonl'): LinesUpload {
    return new LinesUpload(this.#s3, this.bucketName, key, contentType);
  }
}
