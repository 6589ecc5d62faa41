import type { StartedRender } from '../../../statemachine/contract.ts';
import { CLAIM, loadJob } from '../job.ts';
import { remotionError, remotionProgress } from '../remotion-progress.ts';
import { execution, render } from '../steps.ts';

const { start, failed, stopped, firstRenderDies, getRenderProgress, ...job } = await loadJob();
const { bucket, clock, renderMediaOnLambda, cancelRenderOnLambda } = job;

/** What Remotion's main function says when Lambda throttles one of the functions of its render. */
const CONCURRENCY_LIMIT = {
  name: 'Error',
  message:
    'Error: AWS Concurrency limit reached (Original Error: Rate Exceeded.). See https://www.remotion.dev/docs/lambda/troubleshooting/rate-limit for tips to fix this.',
};
const firstRenderIsThrottled = () => firstRenderDies(CONCURRENCY_LIMIT);
/** StartRender of an execution that has seen its first render end. */
const startAnew = (name: string, request: object = { render }) => start(name, request, 'render-1');

describe('a render that has ended because a function of it was throttled', () => {
  test('is started anew by its execution, as the next attempt of the job', async () => {
    await start('a');
    firstRenderIsThrottled();
    const second = await startAnew('a');
    expect(second).toMatchObject({ renderId: 'render-2' });
    expect(second.joined).toBeUndefined();
    expect(bucket.json(CLAIM)).toMatchObject({ state: 'started', owner: execution('a'), attempt: 2 });
  });

  test('is started anew once, also by two executions of the job that come together and again', async () => {
    await start('a');
    await start('b');
    firstRenderIsThrottled();
    const names = ['a', 'b'];
    await Promise.all(names.map((name) => startAnew(name).catch(() => {})));
    const ends = await Promise.all(names.map((name) => startAnew(name)));
    expect(ends.map(({ renderId }) => renderId)).toEqual(['render-2', 'render-2']);
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(2);
  });

  test('is waited for while it is not seen to have ended', async () => {
    await start('a');
    getRenderProgress.mockRejectedValue(new Error('SlowDown'));
    await expect(startAnew('a')).rejects.toMatchObject({ name: 'RenderStartPending' });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });

  test('is delivered when its video is there all the same', async () => {
    await start('a');
    getRenderProgress.mockResolvedValue(remotionProgress({ done: true }));
    await expect(startAnew('a')).resolves.toMatchObject({ renderId: 'render-1', joined: true });
  });

  test('is not started anew when its execution was stopped', async () => {
    await start('a');
    firstRenderIsThrottled();
    await stopped('a');
    await expect(startAnew('a')).rejects.toMatchObject({ name: 'RenderCancelled' });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });

  test('is given up by name when the request allows no new start any more, and the job is free', async () => {
    const request = { render, startTimeoutInSeconds: 600 };
    await start('a', request);
    firstRenderIsThrottled();
    clock.now += 600_000;
    const error = await startAnew('a', request).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'RenderThrottled', message: expect.stringContaining('render-1') });
    const cause = JSON.stringify({ errorMessage: (error as Error).message });
    const report = await failed('a', 'RenderThrottled', 'render-1', cause, 'render-1');
    expect(report?.error).toBe('RenderThrottled');
    expect(JSON.parse(report?.cause ?? '')).toMatchObject({ retryable: true, renderId: 'render-1' });
    const later = { render, startTimeoutInSeconds: 3_600 };
    await expect(start('b', later)).resolves.toMatchObject({ renderId: 'render-2' });
  });

  test('is what its execution has failed for, also when StartRender has not got any further', async () => {
    await start('a');
    firstRenderIsThrottled();
    const report = await failed('a', 'Runtime.ExitError', 'render-1', '', 'render-1');
    expect(report?.error).toBe('RenderThrottled');
  });

  test('does not hide the next one: that is cancelled when its start was not answered', async () => {
    await start('a');
    firstRenderIsThrottled();
    job.loseTheAnswer((metadata) => job.writeProgress('render-2', metadata));
    await expect(startAnew('a')).rejects.toMatchObject({ name: 'RenderStartPending' });
    await failed('a', 'States.Timeout', 'render-1', '', 'render-1');
    expect(cancelRenderOnLambda.mock.calls.map(([{ renderId }]) => renderId)).toEqual(['render-2']);
  });
});

describe('what throttled renders have cost', () => {
  const costs = (accruedSoFar: number) => ({ costs: { ...remotionProgress().costs, accruedSoFar } });
  const look = (started: StartedRender) =>
    job.getProgress({ render: started, previous: started, executionArn: execution('a') });
  const throttledAt = (accruedSoFar: number) =>
    getRenderProgress.mockImplementation(async ({ renderId }) =>
      remotionProgress({
        ...costs(accruedSoFar),
        done: renderId === 'render-2',
        errors: renderId === 'render-1' ? [remotionError(CONCURRENCY_LIMIT)] : [],
      }),
    );
  const request = { render, maxCostInUsd: 0.5 };

  test('is in what the job has cost in the end', async () => {
    await start('a', request);
    throttledAt(0.1);
    const second = await startAnew('a', request);
    expect(second).toMatchObject({ renderId: 'render-2', spentBeforeInUsd: 0.1 });
    throttledAt(0.2);
    await expect(look(second)).resolves.toMatchObject({ finished: true, costInUsd: 0.3 });
  });

  test('counts against the budget of the next one', async () => {
    await start('a', request);
    throttledAt(0.3);
    const second = await startAnew('a', request);
    getRenderProgress.mockResolvedValue(remotionProgress(costs(0.21)));
    await expect(look(second)).rejects.toMatchObject({
      name: 'RenderOverBudget',
      message:
        'Render render-2 has cost 0.51 USD at 50 %, with 0.3 USD for those before it that were throttled, more than its maxCostInUsd of 0.5.',
    });
  });

  test('lets none be started for which nothing is left, and leaves the job to a new execution', async () => {
    await start('a', request);
    throttledAt(0.5);
    await expect(startAnew('a', request)).rejects.toMatchObject({
      name: 'RenderOverBudget',
      message:
        'The renders of this execution that were throttled have cost 0.5 USD, and its maxCostInUsd is 0.5.',
    });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
    await failed('a', 'RenderOverBudget', 'render-1', '', 'render-1');
    const later = await start('b', request);
    expect(later).toMatchObject({ renderId: 'render-2' });
    expect(later.spentBeforeInUsd).toBeUndefined();
  });

  test('is not forgotten when the new start is throttled, too', async () => {
    await start('a', request);
    throttledAt(0.1);
    renderMediaOnLambda.mockRejectedValueOnce(
      Object.assign(new Error('Rate Exceeded.'), {
        name: 'TooManyRequestsException',
        $metadata: { httpStatusCode: 429 },
      }),
    );
    const anew = () => startAnew('a', { ...request, startTimeoutInSeconds: 1_209_600 });
    await expect(anew()).rejects.toMatchObject({ name: 'RenderStartThrottled' });
    await expect(anew()).resolves.toMatchObject({ renderId: 'render-2', spentBeforeInUsd: 0.1 });
  });
});

describe('a render that waits in the queue of Lambda', () => {
  const queued = () =>
    getRenderProgress.mockImplementation(async ({ renderId }) =>
      remotionProgress(renderId === 'render-1' ? { renderMetadata: null, serveUrlOpened: null } : {}),
    );

  test('is joined, however long it waits', async () => {
    await start('a');
    queued();
    clock.now += 3_000_000;
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1', joined: true });
  });

  test('and was cancelled leaves the job to the next, for it stops as soon as it begins', async () => {
    await start('a');
    queued();
    await stopped('a');
    await expect(start('b')).rejects.toMatchObject({ name: 'RenderStartPending' });
    clock.now += 300_000;
    await expect(start('b', { render, startTimeoutInSeconds: 600 })).resolves.toMatchObject({
      renderId: 'render-2',
    });
  });
});
