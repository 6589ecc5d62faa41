import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  type DeleteObjectCommandInput,
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';

/** S3 lists no more at once. */
const PAGE_SIZE = 1000;

interface StoredObject {
  body: string;
  etag: string;
  lastModified: Date;
}

/** A bucket in memory behind a mocked S3 client, with S3's conditional writes. */
export class MemoryBucket {
  readonly objects = new Map<string, StoredObject>();
  // biome-ignore lint/suspicious/noExplicitAny: the mock's own type for any command.
  readonly s3: AwsStub<any, any, any> = mockClient(S3Client);
  /** What happens to the next writes, in their order; the rest succeed. */
  readonly nextPuts: ('succeeds' | 'fails' | 'loses its answer')[] = [];
  #writes = 0;

  constructor() {
    this.reset();
  }

  reset(): void {
    this.s3.reset();
    this.objects.clear();
    this.nextPuts.length = 0;
    this.s3.on(PutObjectCommand).callsFake((input) => this.#send(input));
    this.s3.on(GetObjectCommand).callsFake((input) => this.#get(input));
    this.s3.on(DeleteObjectCommand).callsFake(({ Key = '' }: DeleteObjectCommandInput) => {
      this.objects.delete(Key);
      return {};
    });
    this.s3.on(ListObjectsV2Command).callsFake((input) => this.#list(input));
  }

  /** Puts an object as S3 does, for the mock and for tests. */
  put({ Key = '', Body, IfNoneMatch, IfMatch }: Partial<PutObjectCommandInput>): { ETag: string } {
    const existing = this.objects.get(Key);
    if (IfNoneMatch === '*' && existing) throw s3Error('PreconditionFailed', 412);
    if (IfMatch !== undefined && IfMatch !== existing?.etag) throw s3Error('PreconditionFailed', 412);
    this.#writes += 1;
    const etag = `"${this.#writes}"`;
    this.objects.set(Key, { body: String(Body), etag, lastModified: new Date(Date.now()) });
    return { ETag: etag };
  }

  json(key: string): Record<string, unknown> {
    return JSON.parse(this.objects.get(key)?.body ?? 'null');
  }

  /** A put as the SDK sends it: one whose answer is lost is sent again. */
  #send(input: PutObjectCommandInput): { ETag: string } {
    const fate = this.nextPuts.shift();
    if (fate === 'fails') throw s3Error('InternalError', 500);
    if (fate === 'loses its answer') this.put(input);
    try {
      return this.put(input);
    } catch (error) {
      Object.assign((error as S3Error).$metadata, { attempts: fate === 'loses its answer' ? 2 : 1 });
      throw error;
    }
  }

  #get({ Key = '' }: GetObjectCommandInput) {
    const object = this.objects.get(Key);
    if (!object) throw s3Error('AccessDenied', 403);
    const Body = Object.assign(Readable.from([Buffer.from(object.body)]), {
      transformToString: async () => object.body,
    });
    return { ETag: object.etag, Body };
  }

  #list({ Prefix = '', StartAfter = '', ContinuationToken: after = StartAfter }: ListObjectsV2CommandInput) {
    const found = [...this.objects]
      .filter(([key]) => key.startsWith(Prefix) && key > after)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const isTruncated = found.length > PAGE_SIZE;
    return {
      IsTruncated: isTruncated,
      ...(isTruncated && { NextContinuationToken: found[PAGE_SIZE - 1]?.[0] }),
      Contents: found.slice(0, PAGE_SIZE).map(([Key, { body, lastModified }]) => ({
        Key,
        Size: body.length,
        LastModified: lastModified,
      })),
    };
  }
}

interface S3Error extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
}

export function s3Error(name: string, httpStatusCode: number): S3Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}
