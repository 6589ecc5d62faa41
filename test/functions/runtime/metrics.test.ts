import { CopyObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { jest } from '@jest/globals';
import type { RemotionProgress } from '../../../functions/render/remotion-progress.ts';
import { METRICS, type MetricName } from '../../../functions/runtime/metric-definitions.ts';
import type { RenderProgressReport } from '../../../statemachine/contract.ts';
import { s3Error } from '../memory-bucket.ts';
import {
  finishedProgress,
  remotionError,
  remotionProgress,
  STARTED_AT,
  startedRender,
} from '../remotion-progress.ts';
import { BUCKET, execution, loadSteps, render } from '../steps.ts';
import { collectMetrics } from './collect-metrics.ts';

const steps = await loadSteps({
  REMOTION_FUNCTION_NAME: 'remotion-render-4-0-527-mem2048mb-disk2048mb-200sec',
  // Off by default in development.
  POWERTOOLS_METRICS_DISABLED: 'false',
  POWERTOOLS_SERVICE_NAME: 'Videos-RenderWorkflow',
});
const { startRender, getProgress, copyToBucket, cancelRender, bucket, clock } = steps;
const { renderMediaOnLambda, getRenderProgress } = steps;
const printed = collectMetrics();

beforeEach(() => {
  renderMediaOnLambda.mockReset().mockResolvedValue({ renderId: 'abcde12345', bucketName: BUCKET });
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
    enteredAt: new Date(STARTED_AT).toISOString(),
  });

describe('a start', () => {
  test('counts once, with what it has waited', async () => {
    clock.now += 2_500;
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
    clock.now += 100_000;
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
        ? ({
            pace: { phase: 'starting', frames: 0, at: clock.now, framesPerSecond: null },
            ...previous,
          } as never)
        : startedRender,
      executionArn: execution('a'),
    });
  const costs = (accruedSoFar: number) => ({ costs: { accruedSoFar } as RemotionProgress['costs'] });

  test('counts what was spent since the look before, and the age of a render that runs', async () => {
    clock.now += 20_000;
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
      clock.now += 1_500;
      bucket.put({ Key: input.Key, Body: 'video' });
      metadata.set(input.Key, input.Metadata);
      return {};
    });
  });

  test('counts the delivery, its size, its time and that since the request', async () => {
    await copy(new Date(STARTED_AT - 30_000).toISOString());
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
