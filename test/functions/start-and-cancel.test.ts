import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { jest } from '@jest/globals';
import type { RemotionProgress } from '../../functions/render/remotion-progress.ts';
import type { RenderEventDetail } from '../../statemachine/contract.ts';
import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import { MemoryBucket, s3Error } from './memory-bucket.ts';
import { remotionError, remotionProgress } from './remotion-progress.ts';

interface RenderInput {
  metadata: Record<string, string>;
  requestHandler: { invoked: boolean };
}
const renderMediaOnLambda = jest.fn<(input: RenderInput) => Promise<unknown>>();
const cancelRenderOnLambda = jest.fn<(input: { renderId: string }) => Promise<void>>();
const LambdaClientInternals = {
  getCloudwatchMethodUrl: ({ renderId }: { renderId: string }) => `https://logs.example/${renderId}`,
  getS3RenderUrl: ({ renderId }: { renderId: string }) => `https://s3.example/${renderId}`,
};
const getRenderProgress = jest.fn<(input: { renderId: string }) => Promise<RemotionProgress>>();
jest.unstable_mockModule('@remotion/lambda/client', () => ({
  renderMediaOnLambda,
  getRenderProgress,
  cancelRenderOnLambda,
  LambdaClientInternals,
}));
const publishEvent = jest.fn<(bus: string, type: string, detail: RenderEventDetail) => Promise<void>>();
jest.unstable_mockModule('../../functions/cancel-render/publish-event.ts', () => ({ publishEvent }));
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => {
    now += milliseconds;
    await new Promise(setImmediate);
  },
}));
for (const level of ['info', 'warn', 'error'] as const) jest.spyOn(console, level).mockReturnValue();

const BUCKET = 'remotionlambda-useast1-example';
Object.assign(process.env, {
  AWS_REGION: 'us-east-1',
  REMOTION_FUNCTION_NAME: 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
  REMOTION_BUCKET_NAME: BUCKET,
  DESTINATION_BUCKET_NAMES: 'videos',
  EVENT_BUS_ARN: 'arn:aws:events:us-east-1:123456789012:event-bus/renders',
  POWERTOOLS_DEV: 'true',
});
const { handler: startRender } = await import('../../functions/start-render/start-render.ts');
const { lookAtRender: look } = await import('../../functions/render/look-at-render.ts');
const { handler: cancelRender } = await import('../../functions/cancel-render/cancel-render.ts');

const deployment = {
  region: 'us-east-1' as const,
  functionName: process.env.REMOTION_FUNCTION_NAME ?? '',
  bucketName: BUCKET,
};
let now: number;
const bucket = new MemoryBucket();
const CLAIM = 'render-jobs/order-4711.json';
const render = { serveUrl: 'https://example.com', composition: 'Invoice', codec: 'h264' as const };
const execution = (name: string) => `arn:aws:states:us-east-1:123456789012:execution:Machine:${name}`;
const ENTERED_AT = Date.parse('2026-01-01T12:00:00Z');

beforeEach(() => {
  jest.clearAllMocks();
  bucket.reset();
  now = ENTERED_AT;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  let renders = 0;
  renderMediaOnLambda.mockImplementation(async () => {
    renders += 1;
    return { renderId: `render-${renders}`, bucketName: BUCKET };
  });
  cancelRenderOnLambda.mockResolvedValue();
  publishEvent.mockResolvedValue();
  getRenderProgress.mockResolvedValue(remotionProgress());
});

const start = (name: string, request: object = { render }) =>
  startRender({
    jobId: 'order-4711',
    request,
    executionArn: execution(name),
    enteredAt: '2026-01-01T12:00:00Z',
  });

/** Remotion has the render, with the token that came with it, in its progress. */
function writeProgress(
  renderId: string,
  metadata: Record<string, string> | undefined,
  startedDate = now,
): void {
  bucket.put({
    Key: `renders/${renderId}/progress.json`,
    Body: JSON.stringify({ renderMetadata: metadata && { metadata, startedDate } }),
  });
}
const loseTheAnswer = (effect: (metadata: Record<string, string>) => void = () => {}) =>
  renderMediaOnLambda.mockImplementationOnce(async ({ metadata, requestHandler }) => {
    requestHandler.invoked = true;
    effect(metadata);
    throw Object.assign(new Error('socket hang up'), { $metadata: {} });
  });

/** What Remotion's client makes of an error that its function answers. */
function refusal(message: string, name = 'Error'): Error {
  return Object.assign(new Error(message), { stack: `${name}: ${message}\n    at startHandler` });
}

/** As GetRenderProgress looks. */
const lookAtRender = (known: { renderId: string; startedAt: number }) =>
  look(new S3Client({}), deployment, known);

function failed(name: string, error: string, renderId: string | null = 'render-1', cause = '') {
  return cancelRender({
    jobId: 'order-4711',
    executionArn: execution(name),
    render: renderId === null ? null : ({ renderId, logsUrl: 'https://logs.example' } as never),
    request: { render },
    failure: { step: 'StartRender', error, cause },
  });
}
/** Remotion has ended the first render without a video. */
const firstRenderDies = () =>
  getRenderProgress.mockImplementation(async ({ renderId }) =>
    remotionProgress({ errors: renderId === 'render-1' ? [remotionError()] : [] }),
  );
const stopped = (
  name: string,
  request: unknown = { jobId: 'order-4711', render },
  status: 'ABORTED' | 'TIMED_OUT' | 'FAILED' = 'ABORTED',
) =>
  cancelRender({
    'detail-type': 'Step Functions Execution Status Change',
    detail: {
      executionArn: execution(name),
      name,
      status,
      input: JSON.stringify(request),
      startDate: ENTERED_AT,
      stopDate: ENTERED_AT + 60_000,
    },
  });

describe('a job is rendered once', () => {
  test('also when ten executions come at once: one starts the render and the others join it', async () => {
    const attempts = Array.from({ length: 10 }, (_, index) =>
      start(`execution-${index}`).catch((error: Error) => error.name),
    );
    const first = await Promise.all(attempts);
    expect(first.filter((outcome) => typeof outcome === 'object')).toHaveLength(1);
    expect(first.filter((outcome) => outcome === 'RenderStartPending')).toHaveLength(9);
    await expect(start('execution-9')).resolves.toMatchObject({ renderId: 'render-1', joined: true });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });

  test('and its claim tells who renders it, without anything that the request holds', async () => {
    await start('a', { render: { ...render, inputProps: { customer: 'Jane Doe' } } });
    expect(bucket.json(CLAIM)).toMatchObject({
      state: 'started',
      owner: execution('a'),
      attempt: 1,
      render: { renderId: 'render-1', functionName: process.env.REMOTION_FUNCTION_NAME },
    });
    expect(bucket.objects.get(CLAIM)?.body).not.toContain('Jane');
  });

  test('for a request with its fields in another order or more patience, too', async () => {
    await start('a');
    const { codec, ...rest } = render;
    const same = { startTimeoutInSeconds: 900, render: { codec, ...rest } };
    await expect(start('b', same)).resolves.toMatchObject({ joined: true });
  });

  test('but another request under the same jobId is refused', async () => {
    await start('a');
    const other = { render: { ...render, composition: 'Letter' } };
    await expect(start('b', other)).rejects.toMatchObject({ name: 'DuplicateRenderRequest' });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });

  test('when the answer to the write of the claim is lost and the SDK writes again', async () => {
    bucket.nextPuts.push('loses its answer');
    await expect(start('a')).resolves.toMatchObject({ renderId: 'render-1' });
  });

  test('when the claim cannot be completed: its render is found by the next execution', async () => {
    bucket.nextPuts.push('succeeds', 'fails');
    await start('a');
    writeProgress('render-1', renderMediaOnLambda.mock.calls[0]?.[0].metadata);
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1', joined: true });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });
});

describe('a start whose answer is lost', () => {
  test('is found by the token that Remotion has in the progress of the render', async () => {
    loseTheAnswer((metadata) => writeProgress('lost-render', metadata));
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderStartPending' });
    await expect(start('a')).resolves.toMatchObject({
      renderId: 'lost-render',
      joined: true,
      logsUrl: 'https://logs.example/lost-render',
    });
  });

  test('is waited for while Remotion has not read the composition', async () => {
    loseTheAnswer(() => writeProgress('lost-render', undefined));
    await start('a').catch(() => {});
    now += 80_000;
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderStartPending' });
  });

  test('is never repeated: its outcome is unknown, for every execution of the job', async () => {
    loseTheAnswer();
    await start('a').catch(() => {});
    now += 100_000;
    await expect(start('a')).rejects.toMatchObject({ name: 'StartOutcomeUnknown' });
    await expect(start('b')).rejects.toMatchObject({ name: 'StartOutcomeUnknown' });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });

  test('is still found when its render turns up late', async () => {
    let token: Record<string, string> = {};
    loseTheAnswer((metadata) => {
      token = metadata;
    });
    await start('a').catch(() => {});
    now += 100_000;
    await start('a').catch(() => {});
    writeProgress('late-render', token);
    await expect(start('b')).resolves.toMatchObject({ renderId: 'late-render' });
  });

  test('has its time counted from when its render began, however late that was', async () => {
    const begun = ENTERED_AT + 20 * 60_000;
    loseTheAnswer((metadata) => writeProgress('late-render', metadata, begun));
    await start('a').catch(() => {});
    await expect(start('a')).resolves.toMatchObject({ renderId: 'late-render', startedAt: begun });
  });

  test('is rendered anew by a new execution when the render that is found has died', async () => {
    loseTheAnswer((metadata) => writeProgress('render-1', metadata));
    await start('a').catch(() => {});
    firstRenderDies();
    renderMediaOnLambda.mockResolvedValueOnce({ renderId: 'render-2', bucketName: BUCKET });
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-2' });
    expect(bucket.json(CLAIM)).toMatchObject({ state: 'started', owner: execution('b'), attempt: 2 });
  });

  test('is not mixed up with the render of another job, nor hidden by one that cannot be read', async () => {
    loseTheAnswer();
    writeProgress('other', { RemotionStepFunctionsJob: 'order-4712/1' });
    bucket.put({ Key: 'renders/broken/progress.json', Body: '{' });
    await start('a').catch(() => {});
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderStartPending' });
  });
});

describe('a throttled start', () => {
  const throttle = () => renderMediaOnLambda.mockRejectedValueOnce(s3Error('TooManyRequestsException', 429));

  test('waits its turn and then starts the one render', async () => {
    throttle();
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderStartThrottled' });
    await expect(start('a')).resolves.toMatchObject({ renderId: 'render-1' });
  });

  test('leaves its turn to another execution of the job', async () => {
    throttle();
    await start('a').catch(() => {});
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1' });
    await expect(start('a')).resolves.toMatchObject({ renderId: 'render-1', joined: true });
  });

  test('waits for as long as the request allows', async () => {
    const request = { render, startTimeoutInSeconds: 600 };
    throttle();
    now += 599_000;
    await expect(start('a', request)).rejects.toMatchObject({ name: 'RenderStartThrottled' });
    throttle();
    now += 2_000;
    await expect(start('a', request)).rejects.toMatchObject({ name: 'RenderThrottled' });
  });
});

describe('when S3 does not answer', () => {
  test('a start is tried again while there is time, and then was not made', async () => {
    bucket.s3.on(PutObjectCommand).rejects(s3Error('SlowDown', 503));
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderStartPending' });
    now += 301_000;
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderNotStarted' });
    expect(renderMediaOnLambda).not.toHaveBeenCalled();
  });

  test('a start that may not write its claim is not made', async () => {
    bucket.s3.on(PutObjectCommand).rejects(s3Error('AccessDenied', 403));
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderNotStarted' });
  });
});

describe('a stopped execution', () => {
  test('has its render cancelled, and the job can be rendered again by a new execution only', async () => {
    await start('a');
    await stopped('a');
    expect(cancelRenderOnLambda.mock.calls.map(([{ renderId }]) => renderId)).toEqual(['render-1']);
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderCancelled' });
    await expect(start('b')).rejects.toMatchObject({ name: 'RenderStartPending' });
    firstRenderDies();
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-2' });
  });

  test('whose render finished all the same is not rendered again', async () => {
    await start('a');
    await stopped('a');
    getRenderProgress.mockResolvedValue(remotionProgress({ done: true }));
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1', joined: true });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });

  test('whose render is not seen to stop keeps the next one waiting, for as long as its request allows', async () => {
    await start('a');
    await stopped('a');
    getRenderProgress.mockRejectedValue(s3Error('AccessDenied', 403));
    await expect(start('b')).rejects.toMatchObject({ name: 'RenderStartPending' });
    now = ENTERED_AT + 300_000;
    await expect(start('b')).rejects.toMatchObject({
      name: 'RenderNotStarted',
      message: 'Render render-1 was cancelled and has not stopped yet.',
    });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });

  test('that joined the render of another one leaves it alone', async () => {
    await start('a');
    await start('b');
    await stopped('b');
    expect(cancelRenderOnLambda).not.toHaveBeenCalled();
  });

  test('whose StartRender has not come to its claim yet does not render any more', async () => {
    await stopped('a');
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderCancelled' });
    expect(renderMediaOnLambda).not.toHaveBeenCalled();
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1' });
  });

  test('while its render is being started: it is cancelled as soon as it is known', async () => {
    let cancelled: Promise<unknown> | undefined;
    renderMediaOnLambda.mockImplementationOnce(async () => {
      cancelled = stopped('a');
      await new Promise(setImmediate);
      return { renderId: 'render-1', bucketName: BUCKET };
    });
    await start('a');
    await cancelled;
    expect(cancelRenderOnLambda).toHaveBeenCalledTimes(1);
    expect(bucket.json(CLAIM)).toMatchObject({ state: 'failed', failure: 'RenderCancelled' });
  });

  test('whose start was not answered has the render that is found cancelled', async () => {
    loseTheAnswer((metadata) => writeProgress('lost-render', metadata));
    await start('a').catch(() => {});
    await stopped('a');
    expect(cancelRenderOnLambda.mock.calls.map(([{ renderId }]) => renderId)).toEqual(['lost-render']);
  });

  test('whose start was not answered and whose render cannot be found is given up after the start could be', async () => {
    loseTheAnswer();
    await start('a').catch(() => {});
    await stopped('a');
    expect(now - ENTERED_AT).toBeLessThan(100_000);
    expect(bucket.json(CLAIM)).toMatchObject({ state: 'unknown' });
  });

  test('with a finished video keeps it for the next execution', async () => {
    await start('a');
    bucket.put({ Key: 'renders/render-1/out.mp4', Body: 'video' });
    await stopped('a');
    expect(cancelRenderOnLambda).not.toHaveBeenCalled();
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1', joined: true });
  });

  test('may be told of twice', async () => {
    await start('a');
    await stopped('a');
    await stopped('a');
    expect(cancelRenderOnLambda).toHaveBeenCalledTimes(1);
  });

  test('of a bad request needs nothing', async () => {
    await stopped('a', { jobId: 'order-4711', render: {} });
    await stopped('a', 'render it');
    expect(bucket.objects.size).toBe(0);
  });
});

describe('a failed execution', () => {
  test('says what happened, what to do and where the logs are', async () => {
    await start('a');
    const cause = JSON.stringify({ errorType: 'RenderFailed', errorMessage: 'It broke.', trace: [] });
    const report = await failed('a', 'RenderFailed', 'render-1', cause);
    expect(report?.error).toBe('RenderFailed');
    expect(JSON.parse(report?.cause ?? '')).toEqual({
      jobId: 'order-4711',
      renderId: 'render-1',
      message: 'It broke.',
      remedy: WORKFLOW_ERRORS.RenderFailed.remedy,
      logsUrl: 'https://logs.example',
      retryable: true,
    });
  });

  test('lets exactly one new execution claim the job anew', async () => {
    await start('a');
    firstRenderDies();
    await failed('a', 'RenderFailed');
    const outcomes = await Promise.all(
      ['b', 'c', 'd'].map((name) => start(name).catch((error: Error) => error.name)),
    );
    const started = outcomes.filter((outcome) => typeof outcome === 'object' && !outcome.joined);
    expect(started).toMatchObject([{ renderId: 'render-2' }]);
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(2);
    expect(bucket.json(CLAIM)).toMatchObject({ attempt: 2 });
  });

  test('that could not say so leaves no dead render for others to join', async () => {
    await start('a');
    firstRenderDies();
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-2' });
  });

  test('does not open the job again by what a later attempt says: an earlier one may have started it', async () => {
    loseTheAnswer((metadata) => writeProgress('lost-render', metadata));
    await start('a').catch(() => {});
    await expect(failed('a', 'RenderNotStarted', null)).resolves.toMatchObject({ error: 'RenderCancelled' });
    expect(cancelRenderOnLambda.mock.calls.map(([{ renderId }]) => renderId)).toEqual(['lost-render']);
  });

  test('whose earlier attempt may have started a render that is not found is unknown', async () => {
    loseTheAnswer();
    await start('a').catch(() => {});
    await expect(failed('a', 'InvalidRenderRequest', null)).resolves.toMatchObject({
      error: 'StartOutcomeUnknown',
    });
    await expect(start('b')).rejects.toMatchObject({ name: 'StartOutcomeUnknown' });
  });

  test('cancels the render that it knows also when its claim cannot be read', async () => {
    await start('a');
    bucket.objects.delete(CLAIM);
    await failed('a', 'RenderProgressUnavailable');
    expect(cancelRenderOnLambda).toHaveBeenCalledTimes(1);
  });

  test('of a refused option lets the corrected request have the jobId', async () => {
    renderMediaOnLambda.mockRejectedValueOnce(new TypeError('no such option'));
    await expect(start('a')).rejects.toMatchObject({ name: 'InvalidRenderRequest' });
    const corrected = { render: { ...render, crf: 18 } };
    await expect(start('b', corrected)).resolves.toMatchObject({ renderId: 'render-1' });
  });

  test('of options that Remotion refuses in the render says that it will fail again, and the corrected request has the jobId', async () => {
    await start('a', { render: { ...render, scale: 100 } });
    const tooLarge = remotionError({
      name: 'Error',
      message: '"scale" must be smaller or equal than 16, but is 100',
      chunk: 0,
    });
    getRenderProgress.mockImplementation(async ({ renderId }) =>
      remotionProgress({ errors: renderId === 'render-1' ? [tooLarge] : [] }),
    );
    const looked = await lookAtRender({ renderId: 'render-1', startedAt: now }).catch(
      (error: Error) => error,
    );
    const { name, message } = looked as Error;
    expect(message).toContain('"scale" must be smaller or equal than 16, but is 100');
    const report = await failed('a', name, 'render-1', JSON.stringify({ errorMessage: message }));
    expect(report?.error).toBe('RenderFailed');
    expect(JSON.parse(report?.cause ?? '')).toMatchObject({ message, retryable: false });
    await expect(start('b', { render: { ...render, scale: 1 } })).resolves.toMatchObject({
      renderId: 'render-2',
    });
    expect(bucket.json(CLAIM)).toMatchObject({ state: 'started', owner: execution('b'), attempt: 2 });
  });

  test('whose video is there all the same does not leave its jobId to another request', async () => {
    await start('a');
    await stopped('a');
    getRenderProgress.mockResolvedValue(remotionProgress({ done: true }));
    const other = { render: { ...render, composition: 'Letter' } };
    await expect(start('b', other)).rejects.toMatchObject({ name: 'DuplicateRenderRequest' });
  });

  test.each([
    [
      'a site that is a local file',
      refusal(
        'Remotion Lambda can only render based on a URL in the cloud. It seems like you passed a local file: src/index.ts.',
      ),
      'InvalidRenderRequest',
    ],
    [
      'a role that may not invoke',
      refusal('User: x is not authorized to perform: lambda:InvokeFunction', 'AccessDeniedException'),
      'RenderNotStarted',
    ],
  ])('by an answer of Remotion (%s) is named at once, and the jobId is free', async (_what, error, name) => {
    renderMediaOnLambda.mockImplementationOnce(async ({ requestHandler }) => {
      requestHandler.invoked = true;
      throw error;
    });
    await expect(start('a')).rejects.toMatchObject({ name, message: expect.stringContaining(error.message) });
    await expect(failed('a', name, null)).resolves.toMatchObject({ error: name });
    const corrected = { render: { ...render, serveUrl: 'https://example.com/other' } };
    await expect(start('b', corrected)).resolves.toMatchObject({ renderId: 'render-1' });
  });

  test.each(['States.Timeout', 'StartOutcomeUnknown', 'RenderNotStarted'])(
    'whose start was not answered (%s) but whose video is finished says so, and a new execution copies it',
    async (error) => {
      loseTheAnswer((metadata) => writeProgress('lost-render', metadata));
      await start('a').catch(() => {});
      bucket.put({ Key: 'renders/lost-render/out.mp4', Body: 'video' });
      const report = await failed('a', error, null);
      expect(report?.error).toBe('VideoNotCopied');
      expect(JSON.parse(report?.cause ?? '')).toMatchObject({ retryable: true });
      expect(bucket.json(CLAIM)).toMatchObject({ state: 'started', render: { renderId: 'lost-render' } });
      await expect(start('b')).resolves.toMatchObject({ renderId: 'lost-render', joined: true });
      expect(cancelRenderOnLambda).not.toHaveBeenCalled();
    },
  );

  test('keeps a finished video whose copy failed for the next execution', async () => {
    await start('a');
    bucket.put({ Key: 'renders/render-1/out.mp4', Body: 'video' });
    await failed('a', 'VideoNotCopied');
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1', joined: true });
  });

  test('with a refused start opens the job again', async () => {
    renderMediaOnLambda.mockRejectedValueOnce(s3Error('ResourceNotFoundException', 404));
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderNotStarted' });
    await expect(failed('a', 'RenderNotStarted', null)).resolves.toMatchObject({ error: 'RenderNotStarted' });
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1' });
  });

  test.each([
    ['Lambda.TooManyRequestsException', 'RenderThrottled'],
    ['Lambda.AWSLambdaException', 'RenderNotStarted'],
    ['States.Timeout', 'RenderNotStarted'],
  ])(
    'in which StartRender never got to its claim (%s) is %s, and starts nothing any more',
    async (error, name) => {
      await expect(failed('a', error, null)).resolves.toMatchObject({ error: name });
      await expect(start('a')).rejects.toMatchObject({ name: 'RenderCancelled' });
      await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1' });
    },
  );

  test('whose jobId is not valid is reported without it', async () => {
    const report = await cancelRender({
      jobId: 5,
      executionArn: execution('a'),
      render: null,
      request: { render },
      failure: { step: 'StartRender', error: 'InvalidRenderRequest', cause: 'jobId: given 5' },
    });
    expect(report?.error).toBe('InvalidRenderRequest');
    expect(JSON.parse(report?.cause ?? '')).toMatchObject({ jobId: null, message: 'jobId: given 5' });
  });
});

describe('an execution that is stopped is told of', () => {
  const published = () => publishEvent.mock.calls.map(([, type, detail]) => ({ type, ...detail }));

  test('by one event, with the render that was cancelled and what it has cost', async () => {
    const { renderId } = await start('a');
    await stopped('a');
    expect(published()).toEqual([
      expect.objectContaining({
        type: 'Render Cancelled',
        jobId: 'order-4711',
        renderId,
        executionArn: execution('a'),
        outcome: 'Cancelled',
        costInUsd: remotionProgress().costs.accruedSoFar,
      }),
    ]);
  });

  test('also when it ran out of time, but not when it failed, which the state machine tells itself', async () => {
    await stopped('a', undefined, 'TIMED_OUT');
    await stopped('b', undefined, 'FAILED');
    expect(published()).toEqual([
      expect.objectContaining({ status: 'TIMED_OUT', outcome: 'NothingStarted' }),
    ]);
  });

  test('without touching the render of another execution of its job', async () => {
    const { renderId } = await start('a');
    await stopped('b');
    expect(published()).toEqual([expect.objectContaining({ outcome: 'NotOurs', renderId })]);
    expect(cancelRenderOnLambda).not.toHaveBeenCalled();
  });

  test('without a jobId where the request has none that is valid', async () => {
    await stopped('a', { jobId: '../secret', render });
    expect(published()).toEqual([expect.objectContaining({ jobId: null, outcome: 'NothingStarted' })]);
  });

  test('without what it has cost where that cannot be read', async () => {
    await start('a');
    getRenderProgress.mockRejectedValue(new Error('SlowDown'));
    await stopped('a');
    expect(published()).toEqual([expect.objectContaining({ outcome: 'Cancelled', costInUsd: null })]);
  });

  test('as well as can be: the cancel is done and is not repeated when the event cannot be published', async () => {
    await start('a');
    publishEvent.mockRejectedValue(new Error('EventBridge is away'));
    await expect(stopped('a')).resolves.toBeUndefined();
    expect(cancelRenderOnLambda).toHaveBeenCalledTimes(1);
    expect(bucket.json(CLAIM)).toMatchObject({ state: 'failed' });
  });
});
