import { CLAIM, loadJob } from '../job.ts';
import { s3Error } from '../memory-bucket.ts';
import { remotionProgress, STARTED_AT } from '../remotion-progress.ts';
import { BUCKET, execution, render } from '../steps.ts';

const job = await loadJob();
const { start, stopped, loseTheAnswer, writeProgress, firstRenderDies, bucket, clock, publishEvent } = job;
const { renderMediaOnLambda, getRenderProgress, cancelRenderOnLambda } = job;

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
    clock.now = STARTED_AT + 300_000;
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

  test('that claims its job anew meanwhile, after a render that was throttled, has its second render cancelled too', async () => {
    await start('a');
    firstRenderDies();
    cancelRenderOnLambda.mockImplementationOnce(async () => {
      await start('a', { render }, 'render-1');
    });
    await stopped('a');
    expect(cancelRenderOnLambda.mock.calls.map(([{ renderId }]) => renderId)).toEqual([
      'render-1',
      'render-2',
    ]);
    expect(bucket.json(CLAIM)).toMatchObject({ state: 'failed', render: { renderId: 'render-2' } });
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
    expect(clock.now - STARTED_AT).toBeLessThan(100_000);
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

  test("with the request's context", async () => {
    const context = { tenant: 'acme' };
    await stopped('a', { jobId: 'order-4711', render, context });
    await stopped('b', { jobId: 'order-4712', render, context: { tenant: 7 } });
    expect(published().map((event) => event.context)).toEqual([context, null]);
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
