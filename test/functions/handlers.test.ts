import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { jest } from '@jest/globals';
import { sdkStreamMixin } from '@smithy/util-stream';
import { mockClient } from 'aws-sdk-client-mock';
import { finishedProgress, remotionError, remotionProgress, startedRender } from './remotion-progress.ts';

const renderMediaOnLambda = jest.fn<(input: Record<string, unknown>) => Promise<unknown>>();
const getRenderProgress = jest.fn<(input: Record<string, unknown>) => Promise<unknown>>();
const LambdaClientInternals = {
  getCloudwatchMethodUrl: ({ renderId }: { renderId: string }) => `https://logs.example/${renderId}`,
  getS3RenderUrl: ({ renderId }: { renderId: string }) => `https://s3.example/${renderId}`,
};
jest.unstable_mockModule('@remotion/lambda/client', () => ({
  renderMediaOnLambda,
  getRenderProgress,
  LambdaClientInternals,
}));

const s3 = mockClient(S3Client);
const logLines: string[] = [];
for (const level of ['info', 'error'] as const) {
  jest.spyOn(console, level).mockImplementation((line) => void logLines.push(String(line)));
}

const environment = {
  AWS_REGION: 'us-east-1',
  REMOTION_FUNCTION_NAME: 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
  REMOTION_BUCKET_NAME: 'remotionlambda-useast1-example',
  MAX_SECONDS_BETWEEN_UPDATES: '1',
  DESTINATION_BUCKET_NAMES: 'videos,archive',
};
Object.assign(process.env, environment, {
  POWERTOOLS_DEV: 'true',
  POWERTOOLS_SERVICE_NAME: 'remotion-step-functions',
});

const { handler: startRender } = await import('../../functions/start-render/start-render.ts');
const { handler: getProgress } = await import('../../functions/get-render-progress/get-render-progress.ts');
const { handler: copyToBucket } = await import('../../functions/copy-to-bucket/copy-to-bucket.ts');

const executionArn = 'arn:aws:states:us-east-1:123456789012:execution:Machine:order-4711';
const render = {
  serveUrl: 'https://example.com/site',
  composition: 'Invoice',
  codec: 'h264' as const,
  inputProps: { customer: 'Jane Doe' },
};
const enteredAt = new Date().toISOString();
const start = (request: unknown = { render }) =>
  startRender({ jobId: 'order-4711', request, executionArn, enteredAt });

beforeEach(() => {
  jest.clearAllMocks();
  s3.reset();
  logLines.length = 0;
  s3.on(PutObjectCommand).resolves({ ETag: '"1"' });
  s3.on(ListObjectsV2Command).resolves({});
  renderMediaOnLambda.mockResolvedValue({
    renderId: 'abcde12345',
    bucketName: environment.REMOTION_BUCKET_NAME,
    cloudWatchMainLogs: 'https://logs.example/abcde12345',
    folderInS3Console: 'https://s3.example/abcde12345',
  });
});

describe('start-render', () => {
  test('hands the request to Remotion unchanged, private and with the options that the workflow owns', async () => {
    await start({ render: { ...render, crf: 18, aNewRemotionOption: true } });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
    expect(renderMediaOnLambda.mock.calls[0]?.[0]).toEqual({
      ...render,
      privacy: 'private',
      crf: 18,
      aNewRemotionOption: true,
      region: 'us-east-1',
      functionName: environment.REMOTION_FUNCTION_NAME,
      forceBucketName: environment.REMOTION_BUCKET_NAME,
      enableCancellation: true,
      licenseKey: null,
      metadata: { RemotionStepFunctionsJob: 'order-4711/1' },
      requestHandler: expect.anything(),
    });
  });

  test('answers with what the next steps and a watcher need, and no props', async () => {
    const before = Date.now();
    const started = await start({ render, destination: { bucket: 'archive', key: '{jobId}.mp4' } });
    expect(started).toEqual({
      jobId: 'order-4711',
      renderId: 'abcde12345',
      bucketName: environment.REMOTION_BUCKET_NAME,
      destination: { bucket: 'archive', key: '{jobId}.mp4' },
      startedAt: expect.any(Number),
      functionName: environment.REMOTION_FUNCTION_NAME,
      logsUrl: 'https://logs.example/abcde12345',
      folderInS3Console: 'https://s3.example/abcde12345',
    });
    expect(started.startedAt).toBeGreaterThanOrEqual(before);
  });

  test.each([
    ['a bad request', { render: { ...render, codec: 'x' } }, 'render.codec'],
    [
      'a bucket that the stack may not write to',
      { render, destination: { bucket: 'x' } },
      'destination.bucket',
    ],
    ['no site', { render: { ...render, serveUrl: undefined } }, 'render.serveUrl'],
    [
      'props elsewhere',
      { render: { ...render, inputProps: undefined, inputPropsUri: 's3://other/input-props/a.json' } },
      'render.inputPropsUri',
    ],
  ])('starts no render for %s', async (_what, request, field) => {
    await expect(start(request)).rejects.toMatchObject({
      name: 'InvalidRenderRequest',
      message: expect.stringContaining(field),
    });
    expect(renderMediaOnLambda).not.toHaveBeenCalled();
  });

  test('writes job, render and execution on its log lines, and no props', async () => {
    await start();
    const lines = logLines.map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({
        service: 'remotion-step-functions',
        jobId: 'order-4711',
        renderId: 'abcde12345',
        executionArn,
      }),
    );
    expect(logLines.join()).not.toContain('Jane Doe');
  });

  describe('with inputPropsUri', () => {
    const inputPropsUri = `s3://${environment.REMOTION_BUCKET_NAME}/input-props/order 4711.json`;
    const request = { render: { ...render, inputProps: undefined, inputPropsUri } };
    const bodyOf = (text: string) => sdkStreamMixin(Readable.from([Buffer.from(text)]));

    test('reads the props from S3', async () => {
      s3.on(GetObjectCommand, {
        Bucket: environment.REMOTION_BUCKET_NAME,
        Key: 'input-props/order 4711.json',
      }).resolves({ Body: bodyOf('{"customer":"John"}') });
      await start(request);
      const input = renderMediaOnLambda.mock.calls[0]?.[0];
      expect(input).toMatchObject({ inputProps: { customer: 'John' } });
      expect(input).not.toHaveProperty('inputPropsUri');
    });

    test.each(['[1]', 'null', 'not JSON', ''])('refuses an object that holds %j', async (text) => {
      s3.on(GetObjectCommand).resolves({ Body: bodyOf(text) });
      await expect(start(request)).rejects.toMatchObject({
        name: 'InvalidRenderRequest',
        message: expect.stringContaining('holds a JSON object'),
      });
    });

    test.each([403, 404])('refuses an object that answers %i', async (httpStatusCode) => {
      s3.on(GetObjectCommand).rejects(Object.assign(new Error('no'), { $metadata: { httpStatusCode } }));
      await expect(start(request)).rejects.toMatchObject({
        name: 'InvalidRenderRequest',
        message: expect.stringContaining('an object that exists'),
      });
    });
  });
});

describe('get-render-progress', () => {
  const look = () => getProgress({ render: startedRender, previous: startedRender, executionArn });
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(startedRender.startedAt + 10_000);
  });
  afterEach(() => {
    jest.spyOn(Date, 'now').mockRestore();
  });

  test('takes no render capacity', async () => {
    getRenderProgress.mockResolvedValue(remotionProgress());
    await look();
    expect(getRenderProgress.mock.calls[0]?.[0]).toEqual({
      region: 'us-east-1',
      functionName: environment.REMOTION_FUNCTION_NAME,
      bucketName: startedRender.bucketName,
      renderId: 'abcde12345',
      skipLambdaInvocation: true,
    });
  });

  test('goes by the function that the render was started with, also when another has been deployed since', async () => {
    const functionName = 'remotion-render-4-0-400-mem3008mb-disk2048mb-900sec';
    const past = remotionProgress();
    jest.spyOn(Date, 'now').mockReturnValue(startedRender.startedAt + 600_000);
    getRenderProgress.mockResolvedValue(past);
    const render = { ...startedRender, functionName };
    await expect(getProgress({ render, previous: render, executionArn })).resolves.toMatchObject({
      finished: false,
    });
    expect(getRenderProgress.mock.calls[0]?.[0]).toMatchObject({ functionName });
  });

  test('shows a watcher how far the render is and what it costs, without props, metadata or stacks', async () => {
    const problem = remotionError({ willRetry: true, message: 'm'.repeat(10_000) });
    getRenderProgress.mockResolvedValue(remotionProgress({ errors: [problem] }));
    const report = await look();
    expect(report).toEqual({
      jobId: 'order-4711',
      renderId: 'abcde12345',
      finished: false,
      progressInPercent: 50,
      framesRendered: 45,
      framesTotal: 90,
      lambdasInvoked: 2,
      pace: { phase: 'rendering', frames: 45, at: startedRender.startedAt + 10_000, framesPerSecond: null },
      secondsLeft: null,
      costInUsd: 0.0012,
      looks: 1,
      secondsUntilNextLook: expect.any(Number),
      logsUrl: 'https://logs.example/abcde12345',
      warning: expect.stringMatching(/^TypeError: m+…$/),
      output: null,
    });
    expect(JSON.stringify(report).length).toBeLessThan(800);
  });

  test('does not know the total before Remotion has read the composition', async () => {
    getRenderProgress.mockResolvedValue(remotionProgress({ renderMetadata: null, overallProgress: 0 }));
    await expect(look()).resolves.toMatchObject({ framesTotal: null, progressInPercent: 0 });
  });

  test('says where the finished video is', async () => {
    getRenderProgress.mockResolvedValue(finishedProgress);
    await expect(look()).resolves.toMatchObject({
      finished: true,
      progressInPercent: 100,
      secondsUntilNextLook: 0,
      output: {
        bucket: 'remotionlambda-useast1-example',
        key: 'renders/abcde12345/out.mp4',
        sizeInBytes: 123_456,
        renderTimeInMs: 8_000,
      },
    });
  });

  test('fails by name when the render is lost', async () => {
    getRenderProgress.mockResolvedValue(remotionProgress({ errors: [remotionError()] }));
    await expect(look()).rejects.toMatchObject({ name: 'RenderFailed' });
  });

  test('takes a render that is called failed for finished when its output is there', async () => {
    getRenderProgress.mockResolvedValue(remotionProgress({ errors: [remotionError()] }));
    const Key = 'renders/abcde12345/out.mp4';
    s3.on(ListObjectsV2Command, { Prefix: 'renders/abcde12345/out.' }).resolves({
      Contents: [{ Key, Size: 7 }],
    });
    await expect(look()).resolves.toMatchObject({
      finished: true,
      progressInPercent: 100,
      output: {
        bucket: environment.REMOTION_BUCKET_NAME,
        key: Key,
        sizeInBytes: 7,
        renderTimeInMs: 10_000,
        isOnlyProof: true,
      },
    });
  });

  test('fails by a name that the workflow retries when the progress cannot be read', async () => {
    getRenderProgress.mockRejectedValue(Object.assign(new Error('Reduce your rate'), { name: 'SlowDown' }));
    await expect(look()).rejects.toMatchObject({
      name: 'RenderProgressUnavailable',
      message: expect.stringContaining('SlowDown: Reduce your rate'),
    });
  });
});

describe('copy-to-bucket', () => {
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
  const copy = () => copyToBucket({ render: startedRender, progress, executionArn });
  const source = { Bucket: 'remotionlambda-useast1-example', Key: 'renders/abcde12345/out.mp4' };
  const destination = { Bucket: 'videos', Key: 'videos/order-4711/abcde12345.mp4' };

  test('copies the pinned output with its content type and returns the result of the execution', async () => {
    s3.on(HeadObjectCommand, source).resolves({ ContentLength: 123_456, ETag: '"source"' });
    s3.on(HeadObjectCommand, destination).resolves({
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
    });
    expect(s3.commandCalls(CopyObjectCommand)[0]?.args[0].input).toEqual({
      ...destination,
      CopySource: 'remotionlambda-useast1-example/renders%2Fabcde12345%2Fout.mp4',
      CopySourceIfMatch: '"source"',
      ExpectedSourceBucketOwner: '123456789012',
      IfNoneMatch: '*',
      ChecksumAlgorithm: 'CRC64NVME',
      MetadataDirective: 'REPLACE',
      Metadata: { 'job-id': 'order-4711', 'render-id': 'abcde12345' },
      TaggingDirective: 'REPLACE',
      ContentType: 'video/mp4',
    });
  });

  describe('in a stack that deletes the files of a delivered render', () => {
    const deliver = async (output: typeof progress.output & { isOnlyProof?: true }) => {
      process.env.DELETE_SOURCE = 'true';
      const separately = '../../functions/copy-to-bucket/copy-to-bucket.ts?deletes';
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
    const render = { ...startedRender, destination: { bucket: 'videos', overwrite: true } };
    await copyToBucket({ render, progress, executionArn });
    expect(s3.commandCalls(CopyObjectCommand)[0]?.args[0].input).not.toHaveProperty('IfNoneMatch');
  });

  test('gives the copy what the request asks for', async () => {
    s3.on(HeadObjectCommand).resolves({ ContentLength: 1, Metadata: { 'render-id': 'abcde12345' } });
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
    s3.on(HeadObjectCommand).resolves({ ContentLength: 123_456, ETag: '"source"' });
    s3.on(CopyObjectCommand).rejects(Object.assign(new Error('Access Denied'), { name: 'AccessDenied' }));
    await expect(copy()).rejects.toMatchObject({
      name: 'VideoNotCopied',
      message:
        'Cannot copy s3://remotionlambda-useast1-example/renders/abcde12345/out.mp4 to s3://videos/videos/order-4711/abcde12345.mp4: AccessDenied: Access Denied',
    });
  });
});

describe('a function whose deployment is incomplete', () => {
  test('fails while it loads and names every missing variable', async () => {
    const { requireEnvironment } = await import('../../functions/runtime/environment.ts');
    expect(() => requireEnvironment('AWS_REGION', 'NOT_SET', 'NOT_SET_EITHER')).toThrow(
      expect.objectContaining({
        name: 'MissingEnvironmentVariable',
        message: 'The function needs the environment variable NOT_SET and NOT_SET_EITHER.',
      }),
    );
  });

  test('fails while it loads when its Remotion function has a name from which no timeout can be read', async () => {
    const { remotionFunctionTimeoutInMs } = await import('../../functions/render/remotion-function-name.ts');
    expect(() => remotionFunctionTimeoutInMs('my-function')).toThrow(
      expect.objectContaining({ name: 'InvalidRemotionFunctionName' }),
    );
  });
});
