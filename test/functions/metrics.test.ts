import { CopyObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { jest } from '@jest/globals';
import type { RemotionProgress } from '../../functions/render/remotion-progress.ts';
import { METRICS, type MetricName } from '../../functions/runtime/metric-definitions.ts';
import type { RenderProgressReport } from '../../statemachine/contract.ts';
import { collectMetrics } from './collect-metrics.ts';
import { MemoryBucket, s3Error } from './memory-bucket.ts';
import { finishedProgress, remotionError, remotionProgress, startedRender } from './remotion-progress.ts';

const renderMediaOnLambda = jest.fn<() => Promise<unknown>>();
const getRenderProgress = jest.fn<() => Promise<RemotionProgress>>();
jest.unstable_mockModule('@remotion/lambda/client', () => ({
  renderMediaOnLambda,
  getRenderProgress,
  cancelRenderOnLambda: async () => {},
  LambdaClientInternals: { getCloudwatchMethodUrl: () => '', getS3RenderUrl: () => '' },
}));
jest.unstable_mockModule('../../functions/cancel-render/publish-event.ts', () => ({
  publishEvent: async () => {},
}));
for (const level of ['info', 'warn', 'error'] as const) jest.spyOn(console, level).mockReturnValue();
const printed = collectMetrics();

const BUCKET = 'remotionlambda-useast1-example';
Object.assign(process.env, {
  AWS_REGION: 'us-east-1',
  REMOTION_FUNCTION_NAME: 'remotion-render-4-0-527-mem2048mb-disk2048mb-200sec',
  REMOTION_BUCKET_NAME: BUCKET,
  DESTINATION_BUCKET_NAMES: 'videos',
  EVENT_BUS_ARN: 'arn:aws:events:us-east-1:123456789012:event-bus/renders',
  MAX_SECONDS_BETWEEN_UPDATES: '1',
  POWERTOOLS_DEV: 'true',
  // Off by default in that mode.
  POWERTOOLS_METRICS_DISABLED: 'false',
  POWERTOOLS_SERVICE_NAME: 'Videos-RenderWorkflow',
});
const { handler: startRender } = await import('../../functions/start-render/start-render.ts');
const { handler: getProgress } = await import('../../functions/get-render-progress/get-render-progress.ts');
const { handler: copyToBucket } = await import('../../functions/copy-to-bucket/copy-to-bucket.ts');
const { handler: cancelRender } = await import('../../functions/cancel-render/cancel-render.ts');

const BEGUN = startedRender.startedAt;
let now = BEGUN;
const bucket = new MemoryBucket();
const render = { serveUrl: 'https://example.com', composition: 'Invoice', codec: 'h264' as const };
const execution = (name: string) => `arn:aws:states:us-east-1:123456789012:execution:Machine:${name}`;

beforeEach(() => {
  bucket.reset();
  now = BEGUN;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  renderMediaOnLambda.mockReset().mockResolvedValue({ renderId: 'abcde12345', bucketName: BUCKET });
  getRenderProgress.mockReset().mockResolvedValue(remotionProgress());
  printed.length = 0;
});

/** What was printed, by name, after a look at whether each is as it is documented. */
function values(): Partial<Record<MetricName, unknown>> {
  for (const { namespace, name, unit, dimensions } of printed) {
    const definition: { unit: string; dimensions?: readonly string[] } = METRICS[name as MetricName];
    expect({ namespace, unit }).toEqual({ namespace: 'RemotionStepFunctions', unit: definition.unit });
    expect(Object.keys(dimensions)).toEqual(['service', ...(definition.dimensions ?? [])]);
    expect(dimensions.service).toBe('Videos-RenderWorkflow');
  }
  expect(new Set(printed.map(({ name }) => name)).size).toBe(printed.length);
  return Object.fromEntries(printed.map(({ name, value }) => [name, value]));
}

const start = (name = 'a', jobId = 'order-4711') =>
  startRender({
    jobId,
    request: { render: { ...render, inputProps: { customer: 'Jane Doe' } } },
    executionArn: execution(name),
    enteredAt: new Date(BEGUN).toISOString(),
  });

describe('a start', () => {
  test('counts once, with what it has waited', async () => {
    now += 2_500;
    await start();
    expect(values()).toEqual({ RendersStarted: 1, StartWait: 2.5 });
  });

  test('does not count when it joins a render, its own or that of another execution', async () => {
    await start();
    printed.length = 0;
    await expect(start()).resolves.toMatchObject({ joined: true });
    await expect(start('b')).resolves.toMatchObject({ joined: true, ofOtherExecution: true });
    expect(values()).toEqual({});
  });

  test('tells how long it has waited while it is throttled', async () => {
    renderMediaOnLambda.mockRejectedValueOnce(s3Error('TooManyRequestsException', 429));
    now += 100_000;
    await start().catch(() => {});
    expect(values()).toEqual({ StartWait: 100 });
  });

  test('that was refused counts nothing', async () => {
    await start('a', 'not a job').catch(() => {});
    expect(values()).toEqual({});
  });
});

describe('a look', () => {
  const look = (previous?: Partial<RenderProgressReport>, of: object = {}) =>
    getProgress({
      render: { ...startedRender, ...of },
      previous: previous
        ? ({ pace: { phase: 'starting', frames: 0, at: now, framesPerSecond: null }, ...previous } as never)
        : startedRender,
      executionArn: execution('a'),
    });
  const costs = (accruedSoFar: number) => ({ costs: { accruedSoFar } as RemotionProgress['costs'] });

  test('counts what was spent since the look before, and the age of a render that runs', async () => {
    now += 20_000;
    await expect(look()).resolves.toMatchObject({ looks: 1 });
    expect(values()).toEqual({ RenderCost: 0.0012, DeadlineUsed: 10 });
    printed.length = 0;
    getRenderProgress.mockResolvedValue(remotionProgress(costs(0.003)));
    await expect(look({ costInUsd: 0.002, looks: 4 })).resolves.toMatchObject({ looks: 5 });
    expect(values()).toEqual({ RenderCost: expect.closeTo(0.001), DeadlineUsed: 10 });
  });

  test('at a finished render counts its time and the looks that it took', async () => {
    getRenderProgress.mockResolvedValue(finishedProgress);
    await look({ costInUsd: 0.0012, looks: 2 });
    expect(values()).toEqual({ RenderTime: 8, Looks: 3 });
  });

  test('at a render that has failed counts what it has cost', async () => {
    getRenderProgress.mockResolvedValue(remotionProgress({ errors: [remotionError()] }));
    await look().catch(() => {});
    expect(values()).toEqual({ RenderCost: 0.0012 });
  });

  test('that will be taken again counts nothing', async () => {
    getRenderProgress.mockRejectedValue(new Error('Reduce your rate'));
    await look().catch(() => {});
    expect(values()).toEqual({});
  });

  test('at the render of another execution counts nothing', async () => {
    await look(undefined, { joined: true, ofOtherExecution: true });
    expect(values()).toEqual({});
  });

  test('at a render of its own that it has found again counts', async () => {
    await look(undefined, { joined: true });
    expect(values()).toMatchObject({ RenderCost: 0.0012 });
  });
});

describe('a copy', () => {
  const progress = { costInUsd: 0.002, framesRendered: 90, lambdasInvoked: 2 } as RenderProgressReport;
  const copy = (executionStartedAt?: string) =>
    copyToBucket({
      render: { ...startedRender, bucketName: BUCKET },
      progress: {
        ...progress,
        output: { bucket: BUCKET, key: 'renders/abcde12345/out.mp4', sizeInBytes: 5, renderTimeInMs: 8_000 },
      },
      executionArn: execution('a'),
      ...(executionStartedAt && { executionStartedAt }),
    });
  const metadata = new Map<string, Record<string, string> | undefined>();
  beforeEach(() => {
    metadata.clear();
    bucket.put({ Key: 'renders/abcde12345/out.mp4', Body: 'video' });
    bucket.s3.on(HeadObjectCommand).callsFake(async ({ Key }) => {
      const found = bucket.objects.get(Key);
      if (!found) throw s3Error('NotFound', 404);
      return { ContentLength: found.body.length, ETag: found.etag, Metadata: metadata.get(Key) };
    });
    bucket.s3.on(CopyObjectCommand).callsFake(async (input) => {
      if (bucket.objects.has(input.Key)) throw s3Error('PreconditionFailed', 412);
      now += 1_500;
      bucket.put({ Key: input.Key, Body: 'video' });
      metadata.set(input.Key, input.Metadata);
      return {};
    });
  });

  test('counts the delivery, its size, its time and that since the request', async () => {
    await copy(new Date(BEGUN - 30_000).toISOString());
    expect(values()).toEqual({
      RendersSucceeded: 1,
      CopyTime: 1.5,
      BytesCopied: 5,
      TimeToDelivery: 31.5,
    });
  });

  test('that finds its own finished work counts nothing', async () => {
    await copy();
    printed.length = 0;
    await copy();
    expect(values()).toEqual({});
  });

  test('that fails counts nothing', async () => {
    bucket.s3.on(CopyObjectCommand).rejects(s3Error('AccessDenied', 403));
    await copy().catch(() => {});
    expect(values()).toEqual({});
  });
});

describe('the end of an execution', () => {
  const ended = (status: 'ABORTED' | 'TIMED_OUT' | 'FAILED', more: object = {}) =>
    cancelRender({
      'detail-type': 'Step Functions Execution Status Change',
      detail: {
        executionArn: execution('a'),
        name: 'a',
        status,
        input: JSON.stringify({ jobId: 'order-4711', render }),
        startDate: 0,
        stopDate: 1_000,
        ...more,
      },
    });

  test.each([
    ['the name of its error', 'FAILED', { error: 'RenderFailed' }, 'RenderFailed'],
    ["Other, when the name is not the workflow's", 'FAILED', { error: 'States.Runtime' }, 'Other'],
    ['Other, without a name', 'FAILED', { error: null }, 'Other'],
    ['ExecutionTimedOut', 'TIMED_OUT', {}, 'ExecutionTimedOut'],
  ] as const)('counts as failed, by %s', async (_what, status, more, error) => {
    await ended(status, more);
    expect(values()).toEqual({ RendersFailed: 1 });
    expect(printed[0]?.dimensions.error).toBe(error);
  });

  test('counts as cancelled when it was stopped and its render had to stop', async () => {
    await start();
    printed.length = 0;
    await ended('ABORTED');
    expect(values()).toEqual({ RendersCancelled: 1 });
  });

  test('does not count as cancelled when there was nothing to cancel', async () => {
    await ended('ABORTED');
    expect(values()).toEqual({});
  });

  test('is not counted by the failure path, which may run more than once', async () => {
    await start();
    printed.length = 0;
    await cancelRender({
      jobId: 'order-4711',
      executionArn: execution('a'),
      render: startedRender,
      request: { render },
      failure: { step: 'GetRenderProgress', error: 'RenderFailed', cause: '' },
    });
    expect(values()).toEqual({});
  });

  test('of a redrive is not counted beside the first', async () => {
    await ended('FAILED', { error: 'RenderFailed', redriveCount: 1 });
    expect(values()).toEqual({});
  });
});

test('nothing of a request gets into the metrics', async () => {
  await start();
  const [line] = jest.mocked(console.log).mock.lastCall ?? [];
  const { _aws, ...rest } = JSON.parse(line);
  expect(Object.keys(rest).sort()).toEqual(['RendersStarted', 'StartWait', 'service']);
});
