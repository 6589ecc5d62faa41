import { jest } from '@jest/globals';
import type { RemotionProgress } from '../../functions/render/remotion-progress.ts';
import type { RenderEventDetail } from '../../statemachine/contract.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { remotionProgress, STARTED_AT } from './remotion-progress.ts';

export const BUCKET = 'remotionlambda-useast1-example';
export const REMOTION_FUNCTION = 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec';

export const JOBS_PREFIX = 'render-workflows/Machine/jobs/';

export const TURNS_PREFIX = 'render-workflows/Machine/turns/';

interface RenderInput {
  downloadBehavior: { type: 'download'; fileName: string };
  metadata?: Record<string, string>;
  requestHandler: { invoked: boolean };
}

/**
 * The functions of the steps, with Remotion's client, S3, EventBridge and the clock replaced: a wait passes at once.
 * Every test begins at `STARTED_AT` with an empty bucket, renders called render-1, render-2, … that are half done.
 */
export async function loadSteps(environment: Record<string, string> = {}) {
  const clock = { now: STARTED_AT };
  const bucket = new MemoryBucket();
  const renderMediaOnLambda = jest.fn<(input: RenderInput) => Promise<unknown>>();
  const getRenderProgress = jest.fn<(input: { renderId: string }) => Promise<RemotionProgress>>();
  const cancelRenderOnLambda = jest.fn<(input: { renderId: string }) => Promise<void>>();
  /** What Step Functions makes of a call with a token: whether somebody waits with it. */
  const call = jest.fn<(taskToken: string, output: object) => Promise<boolean>>();
  const sendAway = jest.fn<(taskToken: string, error: string, cause: string) => Promise<boolean>>();
  const publishEvent = jest.fn<(bus: string, type: string, detail: RenderEventDetail) => Promise<void>>();
  jest.unstable_mockModule('@remotion/lambda/client', () => ({
    renderMediaOnLambda,
    getRenderProgress,
    cancelRenderOnLambda,
    LambdaClientInternals: {
      getCloudwatchMethodUrl: ({ renderId }: { renderId: string }) => `https://logs.example/${renderId}`,
      LAMBDA_VERSION_STRING: '4-0-527',
      convertToServeUrlImplementation: ({ urlOrId }: { urlOrId: string }) => urlOrId,
      getS3RenderUrl: ({ renderId }: { renderId: string }) => `https://s3.example/${renderId}`,
    },
  }));
  jest.unstable_mockModule('../../functions/runtime/publish-event.ts', () => ({ publishEvent }));
  jest.unstable_mockModule('../../functions/turns/call-waiting.ts', () => ({ call, sendAway }));
  jest.unstable_mockModule('node:timers/promises', () => ({
    setTimeout: async (milliseconds: number) => {
      clock.now += milliseconds;
      await new Promise(setImmediate);
    },
  }));
  for (const level of ['info', 'warn', 'error'] as const) jest.spyOn(console, level).mockReturnValue();
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    REMOTION_FUNCTION_NAME: REMOTION_FUNCTION,
    REMOTION_BUCKET_NAME: BUCKET,
    DESTINATION_BUCKET_NAMES: 'videos,archive',
    JOBS_PREFIX,
    EVENT_BUS_ARN: 'arn:aws:events:us-east-1:123456789012:event-bus/renders',
    MAX_SECONDS_BETWEEN_UPDATES: '1',
    POWERTOOLS_DEV: 'true',
    ...environment,
  });

  beforeEach(() => {
    jest.clearAllMocks();
    bucket.reset();
    clock.now = STARTED_AT;
    jest.spyOn(Date, 'now').mockImplementation(() => clock.now);
    let renders = 0;
    renderMediaOnLambda.mockImplementation(async () => {
      renders += 1;
      return { renderId: `render-${renders}`, bucketName: BUCKET };
    });
    getRenderProgress.mockResolvedValue(remotionProgress());
    cancelRenderOnLambda.mockResolvedValue();
    publishEvent.mockResolvedValue();
    call.mockResolvedValue(true);
    sendAway.mockResolvedValue(true);
  });

  const { handler: startRender } = await import('../../functions/start-render/start-render.ts');
  const { handler: getProgress } = await import('../../functions/get-render-progress/get-render-progress.ts');
  const { handler: copyToBucket } = await import('../../functions/copy-to-bucket/copy-to-bucket.ts');
  const { handler: cancelRender } = await import('../../functions/cancel-render/cancel-render.ts');
  const remotion = { renderMediaOnLambda, getRenderProgress, cancelRenderOnLambda };
  const calls = { call, sendAway };
  return {
    ...calls,
    startRender,
    getProgress,
    copyToBucket,
    cancelRender,
    bucket,
    clock,
    publishEvent,
    ...remotion,
  };
}

export const render = { serveUrl: 'https://example.com', composition: 'Invoice', codec: 'h264' as const };

export const execution = (name: string): string =>
  `arn:aws:states:us-east-1:123456789012:execution:Machine:${name}`;
