import { randomUUID } from 'node:crypto';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { readObject } from './read-object.ts';
import { statusOf } from './status-of.ts';

/** What an object said, and which writing of it that was. */
export interface StoredValue<Value> {
  readonly value: Value;
  readonly etag: string;
}

/** Another request has won, or is being decided at this moment. */
const CONFLICTS = [409, 412];

/**
 * Objects in JSON that are only ever written on a condition, so that of all who want to change one exactly one does.
 * `Value` is what all objects of a prefix are.
 */
export class ConditionalObjects<Value extends object> {
  readonly #s3: S3Client;
  readonly #bucketName: string;

  constructor(s3: S3Client, bucketName: string) {
    this.#s3 = s3;
    this.#bucketName = bucketName;
  }

  async read(key: string): Promise<StoredValue<Value> | undefined> {
    const stored = await this.#get(key);
    return stored && { value: stored.value, etag: stored.etag };
  }

  /** Writes an object that is not there; undefined when it is. */
  create(key: string, value: Value): Promise<StoredValue<Value> | undefined> {
    return this.#put(key, value, { IfNoneMatch: '*' });
  }

  /** Replaces an object; undefined when somebody has changed it since it was read. */
  replace(key: string, etag: string, value: Value): Promise<StoredValue<Value> | undefined> {
    return this.#put(key, value, { IfMatch: etag });
  }

  async #put(
    Key: string,
    value: Value,
    condition: { IfNoneMatch: string } | { IfMatch: string },
  ): Promise<StoredValue<Value> | undefined> {
    const writeId = randomUUID();
    try {
      const { ETag = '' } = await this.#s3.send(
        new PutObjectCommand({
          Bucket: this.#bucketName,
          Key,
          Body: JSON.stringify({ ...value, writeId }),
          ContentType: 'application/json',
          ...condition,
        }),
      );
      return { value, etag: ETag };
    } catch (error) {
      const status = statusOf(error);
      const isConflict = CONFLICTS.includes(status);
      if (!isConflict && status >= 400 && status < 500) throw error;
      if (isConflict && attemptsOf(error) === 1) return undefined;
      // Our own write may have taken effect, its answer lost and the request sent again by the SDK.
      const stored = await this.#get(Key);
      if (stored?.writeId === writeId) return { value, etag: stored.etag };
      if (isConflict) return undefined;
      throw error;
    }
  }

  async #get(Key: string): Promise<(StoredValue<Value> & { writeId: string }) | undefined> {
    const found = await readObject(this.#s3, { Bucket: this.#bucketName, Key });
    if (!found) return undefined;
    const { writeId, ...value } = JSON.parse(found.text);
    return { value, etag: found.etag, writeId };
  }
}

/** How often the SDK has sent a request that was refused; undefined where that is not known. */
function attemptsOf(error: unknown): number | undefined {
  return (error as { $metadata?: { attempts?: number } }).$metadata?.attempts;
}
