import type { RemotionProgress } from '../../../functions/render/remotion-progress.ts';
import type { StartedRender } from '../../../statemachine/contract.ts';
import { finishedProgress, remotionError, remotionProgress, STARTED_AT } from '../remotion-progress.ts';
import { execution, loadSteps, render } from '../steps.ts';

const steps = await loadSteps({ MAX_SECONDS_BETWEEN_UPDATES: '900', MAX_COST_IN_USD: '0.5' });
const { startRender, getProgress, cancelRender, bucket, clock } = steps;
const { renderMediaOnLambda, getRenderProgress, cancelRenderOnLambda } = steps;

const start = (name: string, request: object = { maxCostInUsd: 0.1 }) =>
  startRender({
    jobId: 'order-4711',
    request: { render, ...request },
    executionArn: execution(name),
    enteredAt: new Date(STARTED_AT).toISOString(),
  });
const look = (name: string, started: StartedRender) =>
  getProgress({ render: started, previous: started, executionArn: execution(name) });
const costs = (accruedSoFar: number) => ({ costs: { accruedSoFar } as RemotionProgress['costs'] });
const cancelled = { errors: [remotionError({ message: 'renderFrames() got cancelled' })] };

/** The failure path of an execution whose look has failed. */
async function fail(name: string, started: StartedRender): Promise<void> {
  const { name: error, message } = await look(name, started).then(
    () => Promise.reject(new Error('The look has not failed.')),
    (thrown: Error) => thrown,
  );
  const report = await cancelRender({
    jobId: 'order-4711',
    executionArn: execution(name),
    render: started,
    request: { render },
    failure: { step: 'GetRenderProgress', error, cause: JSON.stringify({ errorMessage: message }) },
  });
  expect(report?.error).toBe('RenderOverBudget');
}

describe('a render that costs more than it may', () => {
  test('ends by name, with what it has cost, and is cancelled', async () => {
    const started = await start('a');
    getRenderProgress.mockResolvedValue(remotionProgress(costs(0.11)));
    await expect(look('a', started)).rejects.toMatchObject({
      name: 'RenderOverBudget',
      message: 'Render render-1 has cost 0.11 USD at 50 %, more than its maxCostInUsd of 0.1.',
    });
    await fail('a', started);
    expect(cancelRenderOnLambda.mock.calls.map(([{ renderId }]) => renderId)).toEqual(['render-1']);
  });

  test('is delivered when it is finished, whatever it has cost', async () => {
    const started = await start('a');
    getRenderProgress.mockResolvedValue({ ...finishedProgress, ...costs(7) });
    await expect(look('a', started)).resolves.toMatchObject({ finished: true, costInUsd: 7 });
  });

  test('is delivered when its video is there, though Remotion has not said so yet', async () => {
    const started = await start('a');
    getRenderProgress.mockResolvedValue(remotionProgress(costs(7)));
    bucket.put({ Key: 'renders/render-1/out.mp4', Body: 'video' });
    await expect(look('a', started)).resolves.toMatchObject({ finished: true, costInUsd: 7 });
  });

  test('goes on at exactly its limit, and without one', async () => {
    const started = await start('a');
    getRenderProgress.mockResolvedValueOnce(remotionProgress(costs(0.1)));
    getRenderProgress.mockResolvedValue({ ...finishedProgress, ...costs(0.1) });
    await expect(look('a', started)).resolves.toMatchObject({ finished: true });
    const { maxCostInUsd: _, ...unlimited } = started;
    getRenderProgress.mockResolvedValueOnce(remotionProgress(costs(99)));
    await expect(look('a', unlimited)).resolves.toMatchObject({ finished: true });
  });

  test('has failed if it has failed, and is not called too expensive', async () => {
    const started = await start('a');
    getRenderProgress.mockResolvedValue(remotionProgress({ ...costs(7), errors: [remotionError()] }));
    await expect(look('a', started)).rejects.toMatchObject({ name: 'RenderFailed' });
  });
});

describe('the limit', () => {
  test("is the request's, else the stack's", async () => {
    await expect(start('a')).resolves.toMatchObject({ maxCostInUsd: 0.1 });
    bucket.reset();
    await expect(start('a', {})).resolves.toMatchObject({ maxCostInUsd: 0.5 });
  });

  test('is that of the execution that has started the render, for all that join it', async () => {
    await start('a');
    getRenderProgress.mockResolvedValue(remotionProgress());
    const joined = await start('b', { maxCostInUsd: 9 });
    expect(joined).toMatchObject({ joined: true, renderId: 'render-1', maxCostInUsd: 0.1 });
    getRenderProgress.mockResolvedValue(remotionProgress({ ...costs(0.2), ...cancelled }));
    await expect(look('b', joined)).rejects.toMatchObject({ name: 'RenderOverBudget' });
  });

  test('is noticed although no update is due for long', async () => {
    const started = await start('a');
    // 1,000 frames at one a second, at 0.001 USD a second: the limit is reached after 100 s.
    getRenderProgress.mockImplementation(async () => {
      const seconds = (clock.now - STARTED_AT) / 1000;
      return remotionProgress({
        ...costs(seconds * 0.001),
        framesRendered: Math.ceil(seconds) + 1,
        renderMetadata: { type: 'video', frameRange: [0, 999], everyNthFrame: 1 } as never,
      });
    });
    const report = await look('a', started);
    clock.now += report.secondsUntilNextLook * 1000;
    expect(clock.now).toBeLessThanOrEqual(STARTED_AT + 100_000);
    const last = getProgress({ render: started, previous: report, executionArn: execution('a') });
    await expect(last).rejects.toMatchObject({ name: 'RenderOverBudget' });
    expect(clock.now).toBeLessThan(STARTED_AT + 103_000);
  });
});

describe('after RenderOverBudget', () => {
  async function overBudget(): Promise<void> {
    const started = await start('a');
    getRenderProgress.mockResolvedValue(remotionProgress(costs(0.2)));
    await fail('a', started);
  }
  const firstRenderHasStopped = () =>
    getRenderProgress.mockImplementation(async ({ renderId }) =>
      remotionProgress({ ...costs(0.2), ...(renderId === 'render-1' && cancelled) }),
    );

  test('the same execution, redriven to the start, ends in it again', async () => {
    await overBudget();
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderOverBudget' });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });

  test('a new execution of the job starts no second render beside one that has not stopped yet', async () => {
    await overBudget();
    await expect(start('b')).rejects.toMatchObject({ name: 'RenderStartPending' });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });

  test('a new execution of the job renders anew, with a limit of its own', async () => {
    await overBudget();
    firstRenderHasStopped();
    await expect(start('b', { maxCostInUsd: 9 })).resolves.toMatchObject({
      renderId: 'render-2',
      maxCostInUsd: 9,
    });
  });

  test('a new execution of the job delivers a video that was finished all the same', async () => {
    await overBudget();
    getRenderProgress.mockResolvedValue({ ...finishedProgress, ...costs(0.2) });
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1', joined: true });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });
});
