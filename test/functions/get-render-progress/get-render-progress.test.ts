import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { finishedProgress, remotionError, remotionProgress, startedRender } from '../remotion-progress.ts';
import { BUCKET, execution, loadSteps, REMOTION_FUNCTION } from '../steps.ts';

const { getProgress, getRenderProgress, bucket, clock } = await loadSteps();
const { s3 } = bucket;
const executionArn = execution('order-4711');
const look = () => getProgress({ render: startedRender, previous: startedRender, executionArn });

beforeEach(() => {
  clock.now = startedRender.startedAt + 10_000;
});

test('takes no render capacity', async () => {
  getRenderProgress.mockResolvedValue(remotionProgress());
  await look();
  expect(getRenderProgress.mock.calls[0]?.[0]).toEqual({
    region: 'us-east-1',
    functionName: REMOTION_FUNCTION,
    bucketName: startedRender.bucketName,
    renderId: 'abcde12345',
    skipLambdaInvocation: true,
  });
});

test('goes by the function that the render was started with, also when another has been deployed since', async () => {
  const functionName = 'remotion-render-4-0-400-mem3008mb-disk2048mb-900sec';
  const past = remotionProgress();
  clock.now = startedRender.startedAt + 600_000;
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
      bucket: BUCKET,
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
