import { CLAIM, loadJob } from '../job.ts';
import { STARTED_AT } from '../remotion-progress.ts';
import { BUCKET, execution } from '../steps.ts';

const { start, writeProgress, loseTheAnswer, firstRenderDies, bucket, clock, renderMediaOnLambda } =
  await loadJob();

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
    clock.now += 80_000;
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderStartPending' });
  });

  test('is never repeated: its outcome is unknown, for every execution of the job', async () => {
    loseTheAnswer();
    await start('a').catch(() => {});
    clock.now += 100_000;
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
    clock.now += 100_000;
    await start('a').catch(() => {});
    writeProgress('late-render', token);
    await expect(start('b')).resolves.toMatchObject({ renderId: 'late-render' });
  });

  test('has its time counted from when its render began, however late that was', async () => {
    const begun = STARTED_AT + 20 * 60_000;
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
