import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { startedRender } from '../remotion-progress.ts';
import { execution, loadSteps } from '../steps.ts';

const { copyToBucket, bucket } = await loadSteps();
const { s3 } = bucket;
const executionArn = execution('order-4711');
const progress = {
  jobId: 'order-4711',
  renderId: 'abcde12345',
  finished: true,
  progressInPercent: 100,
  framesRendered: 90,
  framesTotal: 90,
  lambdasInvoked: 2,
  pace: {
    phase: 'finished',
    frames: 90,
    at: startedRender.startedAt + 8_000,
    framesPerSecond: null,
  } as const,
  secondsLeft: 0,
  costInUsd: 0.0021,
  looks: 1,
  secondsUntilNextLook: 0,
  logsUrl: startedRender.logsUrl,
  output: {
    bucket: 'remotionlambda-useast1-example',
    key: 'renders/abcde12345/out.mp4',
    sizeInBytes: 123_456,
    renderTimeInMs: 8_000,
  },
};
const context = { tenant: 'acme' };
const copy = () => copyToBucket({ render: { ...startedRender, context }, progress, executionArn });
const source = { Bucket: 'remotionlambda-useast1-example', Key: 'renders/abcde12345/out.mp4' };
const destination = { Bucket: 'videos', Key: 'videos/order-4711/abcde12345.mp4' };
const notFound = Object.assign(new Error('no'), { $metadata: { httpStatusCode: 404 } });

test('copies the pinned output with its content type and returns the result of the execution', async () => {
  s3.on(HeadObjectCommand, source).resolves({ ContentLength: 123_456, ETag: '"source"' });
  s3.on(HeadObjectCommand, destination)
    .rejectsOnce(notFound)
    .resolves({
      ContentLength: 123_456,
      ETag: '"copy"',
      Metadata: { 'render-id': 'abcde12345' },
    });
  await expect(copy()).resolves.toEqual({
    jobId: 'order-4711',
    renderId: 'abcde12345',
    bucket: 'videos',
    key: 'videos/order-4711/abcde12345.mp4',
    s3Uri: 's3://videos/videos/order-4711/abcde12345.mp4',
    sizeInBytes: 123_456,
    etag: 'copy',
    costInUsd: 0.0021,
    renderTimeInMs: 8_000,
    framesRendered: 90,
    lambdasInvoked: 2,
    artifacts: [],
    context,
  });
  expect(s3.commandCalls(CopyObjectCommand)[0]?.args[0].input).toEqual({
    ...destination,
    CopySource: 'remotionlambda-useast1-example/renders%2Fabcde12345%2Fout.mp4',
    CopySourceIfMatch: '"source"',
    ExpectedSourceBucketOwner: '123456789012',
    IfNoneMatch: '*',
    ChecksumAlgorithm: 'CRC64NVME',
    MetadataDirective: 'REPLACE',
    Metadata: { 'render-id': 'abcde12345' },
    TaggingDirective: 'REPLACE',
    ContentType: 'video/mp4',
  });
});

test('writes nothing where something is already, also on a storage that does not know the condition', async () => {
  s3.on(HeadObjectCommand, source).resolves({ ContentLength: 123_456, ETag: '"source"' });
  s3.on(HeadObjectCommand, destination).resolves({ ContentLength: 99, ETag: '"other"' });
  await expect(copy()).rejects.toMatchObject({ name: 'DestinationExists' });
  expect(s3.commandCalls(CopyObjectCommand)).toEqual([]);
});

describe('in a stack that deletes the files of a delivered render', () => {
  const deliver = async (output: typeof progress.output & { isOnlyProof?: true }) => {
    process.env.DELETE_SOURCE = 'true';
    const separately = '../../../functions/copy-to-bucket/copy-to-bucket.ts?deletes';
    const { handler }: { handler: typeof copyToBucket } = await import(separately);
    s3.on(HeadObjectCommand, source).resolves({ ContentLength: 123_456, ETag: '"source"' });
    s3.on(HeadObjectCommand, destination).resolves({
      ContentLength: 123_456,
      Metadata: { 'render-id': 'abcde12345' },
    });
    s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: source.Key }] });
    s3.on(DeleteObjectsCommand).resolves({});
    await handler({ render: startedRender, progress: { ...progress, output }, executionArn });
    return s3.commandCalls(DeleteObjectsCommand).flatMap(({ args }) => args[0].input.Delete?.Objects);
  };

  test('deletes them', async () => {
    expect(await deliver(progress.output)).toEqual([{ Key: source.Key }]);
  });
  test('keeps them where only the video shows that the render is finished: another execution would render again', async () => {
    expect(await deliver({ ...progress.output, isOnlyProof: true })).toEqual([]);
  });
});

test('fails when the copy has not the size of the video', async () => {
  s3.on(HeadObjectCommand, source).resolves({ ContentLength: 123_456, ETag: '"source"' });
  s3.on(HeadObjectCommand, destination).resolves({
    ContentLength: 1,
    Metadata: { 'render-id': 'abcde12345' },
  });
  await expect(copy()).rejects.toMatchObject({ name: 'VideoNotCopied' });
});

test('finds its own finished work when it is repeated', async () => {
  s3.on(HeadObjectCommand, source).resolves({ ContentLength: 123_456, ETag: '"source"' });
  s3.on(CopyObjectCommand).rejects(Object.assign(new Error('412'), { $metadata: { httpStatusCode: 412 } }));
  s3.on(HeadObjectCommand, destination).resolves({
    ContentLength: 123_456,
    ETag: '"copy"',
    Metadata: { 'render-id': 'abcde12345' },
  });
  await expect(copy()).resolves.toMatchObject({ etag: 'copy' });
});

test('finds the video that was delivered when the files of its render are gone', async () => {
  s3.on(HeadObjectCommand, source).rejects(
    Object.assign(new Error('no'), { $metadata: { httpStatusCode: 403 } }),
  );
  s3.on(HeadObjectCommand, destination).resolves({
    ContentLength: 123_456,
    ETag: '"copy"',
    Metadata: { 'render-id': 'abcde12345' },
  });
  await expect(copy()).resolves.toMatchObject({ sizeInBytes: 123_456, etag: 'copy' });
  expect(s3.commandCalls(CopyObjectCommand)).toEqual([]);
});

test('leaves another object as it is and says where both are', async () => {
  s3.on(HeadObjectCommand, source).resolves({ ContentLength: 123_456, ETag: '"source"' });
  s3.on(CopyObjectCommand).rejects(Object.assign(new Error('412'), { $metadata: { httpStatusCode: 412 } }));
  s3.on(HeadObjectCommand, destination).resolves({ ContentLength: 99, ETag: '"other"' });
  await expect(copy()).rejects.toMatchObject({
    name: 'DestinationExists',
    message: expect.stringMatching(/Another object \(99 bytes.*s3:\/\/videos\/.*The video is at s3:/),
  });
});

test('replaces another object when the request says so', async () => {
  s3.on(HeadObjectCommand).resolves({ ContentLength: 1, Metadata: { 'render-id': 'abcde12345' } });
  s3.on(HeadObjectCommand, destination)
    .resolvesOnce({ ContentLength: 99 })
    .resolves({ ContentLength: 1, Metadata: { 'render-id': 'abcde12345' } });
  const render = { ...startedRender, destination: { bucket: 'videos', overwrite: true } };
  await copyToBucket({ render, progress, executionArn });
  expect(s3.commandCalls(CopyObjectCommand)[0]?.args[0].input).not.toHaveProperty('IfNoneMatch');
});

test('gives the copy what the request asks for', async () => {
  s3.on(HeadObjectCommand).resolves({ ContentLength: 1, Metadata: { 'render-id': 'abcde12345' } });
  s3.on(HeadObjectCommand, destination)
    .rejectsOnce(notFound)
    .resolves({ ContentLength: 1, Metadata: { 'render-id': 'abcde12345' } });
  const wishes = {
    cacheControl: 'max-age=60',
    contentDisposition: 'attachment',
    storageClass: 'STANDARD_IA' as const,
    tags: { team: 'sales & more', cost: '1' },
  };
  const render = { ...startedRender, destination: { bucket: 'videos', ...wishes } };
  await copyToBucket({ render, progress, executionArn });
  expect(s3.commandCalls(CopyObjectCommand)[0]?.args[0].input).toMatchObject({
    CacheControl: 'max-age=60',
    ContentDisposition: 'attachment',
    StorageClass: 'STANDARD_IA',
    Tagging: 'team=sales%20%26%20more&cost=1',
    TaggingDirective: 'REPLACE',
  });
});

test('says where the video still is when it cannot be copied', async () => {
  s3.on(HeadObjectCommand, source).resolves({ ContentLength: 123_456, ETag: '"source"' });
  s3.on(HeadObjectCommand, destination).rejects(notFound);
  s3.on(CopyObjectCommand).rejects(Object.assign(new Error('Access Denied'), { name: 'AccessDenied' }));
  await expect(copy()).rejects.toMatchObject({
    name: 'VideoNotCopied',
    message:
      'Cannot copy s3://remotionlambda-useast1-example/renders/abcde12345/out.mp4 to s3://videos/videos/order-4711/abcde12345.mp4: AccessDenied: Access Denied',
  });
});
