import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { startTestGateway, type TestGateway } from '../test-gateway.ts';

const Bucket = 'videos';
let machine: TestGateway;
let s3: S3Client;

beforeAll(async () => {
  machine = await startTestGateway({
    buckets: [
      { name: Bucket, acceptsAcls: false },
      { name: 'remotionlambda-useast1-local', acceptsAcls: true },
    ],
  });
  s3 = new S3Client(machine.client());
});

afterAll(async () => {
  s3.destroy();
  await machine.stop();
});

const put = (Key: string, Body: string | Buffer | Readable = 'content', more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const head = (Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key }));
const get = async (Key: string, more: object = {}) => {
  const { Body, ...rest } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return { ...rest, body: await buffer(Body as Readable) };
};
const error = (name: string, httpStatusCode: number) => ({ name, $metadata: { httpStatusCode } });

describe('objects', () => {
  test('come back with their content, type, headers and metadata', async () => {
    const { ETag } = await put('a/video one+ü.mp4', 'content', {
      ContentType: 'video/mp4',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment',
      Metadata: { job: '4711' },
    });
    expect(await get('a/video one+ü.mp4')).toMatchObject({
      body: Buffer.from('content'),
      ContentType: 'video/mp4',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment',
      Metadata: { job: '4711' },
      ContentLength: 7,
      ETag,
    });
    expect(await head('a/video one+ü.mp4')).toMatchObject({
      ContentLength: 7,
      ContentType: 'video/mp4',
      ETag,
    });
  });

  test('may be empty and may have long keys', async () => {
    const Key = `renders/${'x'.repeat(300)}/progress.json`;
    await put(Key, Buffer.alloc(0));
    expect((await get(Key)).body.length).toBe(0);
  });

  test('can be uploaded as a stream, which the SDK sends in signed chunks', async () => {
    await put('stream', Readable.from([Buffer.from('one '), Buffer.from('two')]), { ContentLength: 7 });
    const { body, ContentEncoding } = await get('stream');
    expect({ text: body.toString(), ContentEncoding }).toEqual({
      text: 'one two',
      ContentEncoding: undefined,
    });
  });

  test('can be read in ranges', async () => {
    await put('range', '0123456789');
    const { body, ContentRange, $metadata } = await get('range', { Range: 'bytes=2-4' });
    expect({ text: body.toString(), ContentRange, status: $metadata.httpStatusCode }).toEqual({
      text: '234',
      ContentRange: 'bytes 2-4/10',
      status: 206,
    });
    await expect(get('range', { Range: 'bytes=20-30' })).rejects.toMatchObject(error('InvalidRange', 416));
  });

  test('above 11 MiB are refused by name', async () => {
    await expect(put('large', Buffer.alloc(11 * 1024 * 1024 + 1))).rejects.toMatchObject(
      error('EntityTooLarge', 400),
    );
    await put('largest', Buffer.alloc(10.9 * 1024 * 1024));
    expect(await head('largest')).toMatchObject({ ContentLength: Math.floor(10.9 * 1024 * 1024) });
  });

  test('that do not exist are NoSuchKey, in a bucket that does not exist NoSuchBucket', async () => {
    await expect(get('missing')).rejects.toMatchObject(error('NoSuchKey', 404));
    await expect(head('missing')).rejects.toMatchObject(error('NotFound', 404));
    await expect(s3.send(new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'a' }))).rejects.toMatchObject(
      error('NoSuchBucket', 404),
    );
  });

  test('can be listed by prefix and deleted, one or several at once', async () => {
    for (const Key of ['list/1', 'list/2', 'list/sub/3', 'list/r&b']) await put(Key);
    const list = async () => {
      const { Contents = [], CommonPrefixes = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket, Prefix: 'list/', Delimiter: '/' }),
      );
      return [...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix)];
    };
    expect(await list()).toEqual(['list/1', 'list/2', 'list/r&b', 'list/sub/']);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'list/1' }));
    await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'list/2' }, { Key: 'list/r&b' }] } }),
    );
    expect(await list()).toEqual(['list/sub/']);
  });
});

describe('conditional writes', () => {
  test('with If-None-Match * create an object once', async () => {
    await put('once', 'first', { IfNoneMatch: '*' });
    await expect(put('once', 'second', { IfNoneMatch: '*' })).rejects.toMatchObject(
      error('PreconditionFailed', 412),
    );
    expect((await get('once')).body.toString()).toBe('first');
  });

  test('let exactly one of many writers at the same time win', async () => {
    const writers = Array.from({ length: 20 }, (_, i) => put('race', `writer ${i}`, { IfNoneMatch: '*' }));
    const results = await Promise.allSettled(writers);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect((await get('race')).body.toString()).toBe(`writer ${winner}`);
  });

  test('with If-Match replace only the object that was read', async () => {
    const { ETag } = await put('match', 'first');
    await put('match', 'second', { IfMatch: ETag });
    await expect(put('match', 'third', { IfMatch: ETag })).rejects.toMatchObject(
      error('PreconditionFailed', 412),
    );
    await expect(put('match-missing', 'x', { IfMatch: ETag })).rejects.toMatchObject(error('NoSuchKey', 404));
    expect((await get('match')).body.toString()).toBe('second');
  });

  test('with another If-None-Match than * are refused, as S3 does', async () => {
    await expect(put('once', 'x', { IfNoneMatch: '"etag"' })).rejects.toMatchObject(
      error('NotImplemented', 501),
    );
  });

  test('hold for deletes', async () => {
    const { ETag } = await put('delete-me', 'first');
    await put('delete-me', 'second');
    await expect(
      s3.send(new DeleteObjectCommand({ Bucket, Key: 'delete-me', IfMatch: ETag })),
    ).rejects.toMatchObject(error('PreconditionFailed', 412));
  });
});

describe('conditional reads', () => {
  test('answer 304 for what the reader has and 412 for what has changed', async () => {
    const { ETag } = await put('read', 'content');
    await expect(get('read', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(get('read', { IfMatch: '"other"' })).rejects.toMatchObject(error('PreconditionFailed', 412));
    await expect(
      s3.send(new HeadObjectCommand({ Bucket, Key: 'read', IfMatch: '"other"' })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
    expect((await get('read', { IfMatch: ETag })).body.toString()).toBe('content');
  });
});

describe('CopyObject', () => {
  const copy = (Key: string, source: string, more: object = {}) =>
    s3.send(
      new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${encodeURIComponent(source)}`, ...more }),
    );

  test('copies content, type and metadata, or replaces them', async () => {
    const { ETag } = await put('source ü.mp4', 'video', {
      ContentType: 'video/mp4',
      Metadata: { from: 'source' },
    });
    const { CopyObjectResult } = await copy('copied', 'source ü.mp4');
    expect(CopyObjectResult?.ETag).toBe(ETag);
    expect(await get('copied')).toMatchObject({ ContentType: 'video/mp4', Metadata: { from: 'source' } });

    await copy('replaced', 'source ü.mp4', {
      MetadataDirective: 'REPLACE',
      TaggingDirective: 'REPLACE',
      ContentType: 'video/webm',
      Metadata: { from: 'request' },
    });
    expect(await get('replaced')).toMatchObject({
      body: Buffer.from('video'),
      ContentType: 'video/webm',
      Metadata: { from: 'request' },
    });
  });

  test('copies only the pinned source and only over what it may', async () => {
    const { ETag } = await put('pinned', 'first');
    await put('pinned', 'second');
    await expect(copy('copy-pinned', 'pinned', { CopySourceIfMatch: ETag })).rejects.toMatchObject(
      error('PreconditionFailed', 412),
    );
    await copy('copy-once', 'pinned', { IfNoneMatch: '*' });
    await expect(copy('copy-once', 'pinned', { IfNoneMatch: '*' })).rejects.toMatchObject(
      error('PreconditionFailed', 412),
    );
    await expect(copy('x', 'missing')).rejects.toMatchObject(error('NoSuchKey', 404));
  });
});

describe('multipart uploads', () => {
  const MIB = 1024 * 1024;
  const begin = async (Key: string, more: object = {}) => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
    return { Bucket, Key, UploadId };
  };
  const openUploads = async () =>
    ((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).map(({ Key }) => Key);

  test('copy a large object by ranges of the pinned source', async () => {
    const content = Buffer.alloc(10 * MIB, 'ab');
    const { ETag } = await put('large-source', content);
    const upload = await begin('large-copy', { ContentType: 'video/mp4', ChecksumAlgorithm: 'CRC64NVME' });
    expect(await openUploads()).toEqual(['large-copy']);
    const copyPart = (PartNumber: number, CopySourceRange: string, CopySourceIfMatch = ETag) =>
      s3.send(
        new UploadPartCopyCommand({
          ...upload,
          PartNumber,
          CopySource: `${Bucket}/large-source`,
          CopySourceRange,
          CopySourceIfMatch,
        }),
      );
    const parts = await Promise.all([
      copyPart(1, `bytes=0-${6 * MIB - 1}`),
      copyPart(2, `bytes=${6 * MIB}-${10 * MIB - 1}`),
    ]);
    await expect(copyPart(3, 'bytes=0-1', '"other"')).rejects.toMatchObject(error('PreconditionFailed', 412));
    await s3.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        IfNoneMatch: '*',
        MultipartUpload: {
          Parts: parts.map(({ CopyPartResult }, i) => ({ PartNumber: i + 1, ETag: CopyPartResult?.ETag })),
        },
      }),
    );
    const copied = await get('large-copy');
    expect({ type: copied.ContentType, same: copied.body.equals(content) }).toEqual({
      type: 'video/mp4',
      same: true,
    });
    expect(await openUploads()).toEqual([]);
  });

  test('that would overwrite stay open until they are aborted', async () => {
    await put('taken', 'first');
    const upload = await begin('taken');
    const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'second' }));
    await expect(
      s3.send(
        new CompleteMultipartUploadCommand({
          ...upload,
          IfNoneMatch: '*',
          MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
        }),
      ),
    ).rejects.toMatchObject(error('PreconditionFailed', 412));
    expect(await openUploads()).toEqual(['taken']);
    await s3.send(new AbortMultipartUploadCommand(upload));
    expect(await openUploads()).toEqual([]);
    expect((await get('taken')).body.toString()).toBe('first');
  });
});

describe('buckets', () => {
  test('of the machine are listed, found and located', async () => {
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toEqual(['remotionlambda-useast1-local', 'videos']);
    expect(await s3.send(new HeadBucketCommand({ Bucket }))).toMatchObject({ BucketRegion: 'us-east-1' });
    expect((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined();
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'no-such-bucket' }))).rejects.toMatchObject(
      error('NotFound', 404),
    );
  });

  test('take an ACL only where their ownership setting lets them', async () => {
    await expect(put('acl', 'x', { ACL: 'private' })).rejects.toMatchObject(
      error('AccessControlListNotSupported', 400),
    );
    await s3.send(
      new PutObjectCommand({ Bucket: 'remotionlambda-useast1-local', Key: 'acl', Body: 'x', ACL: 'private' }),
    );
  });

  test('belong to this account, and who expects another owner is refused', async () => {
    await put('owned', 'x', { ExpectedBucketOwner: '123456789012' });
    await expect(put('owned', 'x', { ExpectedBucketOwner: '999999999999' })).rejects.toMatchObject(
      error('AccessDenied', 403),
    );
  });
});

describe('what is not done', () => {
  test.each([
    [
      'PutObjectTagging',
      () => s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet: [] } })),
    ],
    ['GetObjectTagging', () => s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'a' }))],
    ['GetObjectVersionId', () => s3.send(new GetObjectCommand({ Bucket, Key: 'a', VersionId: '1' }))],
    [
      'a copy source with a versionId',
      () => s3.send(new CopyObjectCommand({ Bucket, Key: 'a', CopySource: 'b/c?versionId=1' })),
    ],
    ['the key "a/../b"', () => s3.send(new GetObjectCommand({ Bucket, Key: 'a/../b' }))],
  ])('is refused by name: %s', async (name, call) => {
    await expect(call()).rejects.toMatchObject({
      ...error('NotImplemented', 501),
      message: expect.stringContaining(name),
    });
  });
});
