import { S3Client } from '@aws-sdk/client-s3';
import { WORKFLOW_ERRORS } from '../../../statemachine/errors.ts';
import { CLAIM, loadJob } from '../job.ts';
import { s3Error } from '../memory-bucket.ts';
import { remotionError, remotionProgress } from '../remotion-progress.ts';
import { BUCKET, execution, REMOTION_FUNCTION, render } from '../steps.ts';

const job = await loadJob();
const { start, failed, stopped, clock, loseTheAnswer, writeProgress, firstRenderDies, bucket, cancelRender } =
  job;
const { renderMediaOnLambda, getRenderProgress, cancelRenderOnLambda } = job;

const { lookAtRender: look } = await import('../../../functions/render/look-at-render.ts');
const deployment = { region: 'us-east-1', functionName: REMOTION_FUNCTION, bucketName: BUCKET } as const;

/** What Remotion's client makes of an error that its function answers. */
function refusal(message: string, name = 'Error'): Error {
  return Object.assign(new Error(message), { stack: `${name}: ${message}\n    at startHandler` });
}

/** As GetRenderProgress looks. */
const lookAtRender = (known: { renderId: string; startedAt: number }) =>
  look(new S3Client({}), deployment, known);

describe('a failed execution', () => {
  test('says what happened, what to do and where the logs are', async () => {
    await start('a');
    const cause = JSON.stringify({ errorType: 'RenderFailed', errorMessage: 'It broke.', trace: [] });
    const report = await failed('a', 'RenderFailed', 'render-1', cause);
    expect(report?.error).toBe('RenderFailed');
    expect(JSON.parse(report?.cause ?? '')).toEqual({
      jobId: 'order-4711',
      context: { tenant: 'acme' },
      renderId: 'render-1',
      costInUsd: 0.0012,
      message: 'It broke.',
      remedy: WORKFLOW_ERRORS.RenderFailed.remedy,
      logsUrl: 'https://logs.example',
      retryable: true,
    });
  });

  test('tells what the render has cost that fails in its first look, with those before it that were throttled', async () => {
    await start('a');
    const cost = (report?: { cause: string }) => JSON.parse(report?.cause ?? '').costInUsd;
    const failure = { step: 'GetRenderProgress' as const, error: 'RenderFailed', cause: '' };
    const failedWith = (known: object) =>
      cancelRender({
        executionArn: execution('a'),
        jobId: 'order-4711',
        request: { render },
        render: { renderId: 'render-1', spentBeforeInUsd: 0.2 } as never,
        failure,
        ...known,
      });
    expect(cost(await failedWith({}))).toBe(0.2012);
    getRenderProgress.mockRejectedValue(new Error('SlowDown'));
    expect(cost(await failedWith({ costInUsd: 0.15 }))).toBe(0.15);
    expect(cost(await failedWith({}))).toBeNull();
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
    const looked = await lookAtRender({ renderId: 'render-1', startedAt: clock.now }).catch(
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
