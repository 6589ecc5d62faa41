import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { RenderOrigin } from '../../../functions/render/render-token.ts';
import { CLAIM, loadJob } from '../job.ts';
import { STARTED_AT } from '../remotion-progress.ts';
import { BUCKET, execution, render } from '../steps.ts';

const { start, writeProgress, loseTheAnswer, firstRenderDies, bucket, clock, renderMediaOnLambda } =
  await loadJob();

describe('a start whose answer is lost', () => {
  test('is found at once by the token that Remotion has in the progress of the render', async () => {
    loseTheAnswer((origin) => writeProgress('lost-render', origin));
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
    let token: RenderOrigin = {};
    loseTheAnswer((origin) => {
      token = origin;
    });
    await start('a').catch(() => {});
    clock.now += 100_000;
    await start('a').catch(() => {});
    writeProgress('late-render', token);
    await expect(start('b')).resolves.toMatchObject({ renderId: 'late-render' });
  });

  test('has its time counted from when its render began, however late that was', async () => {
    const begun = STARTED_AT + 20 * 60_000;
    loseTheAnswer((origin) => writeProgress('late-render', origin, begun));
    await start('a').catch(() => {});
    await expect(start('a')).resolves.toMatchObject({ renderId: 'late-render', startedAt: begun });
  });

  test('is rendered anew by a new execution when the render that is found has died', async () => {
    loseTheAnswer((origin) => writeProgress('render-1', origin));
    await start('a').catch(() => {});
    firstRenderDies();
    renderMediaOnLambda.mockResolvedValueOnce({ renderId: 'render-2', bucketName: BUCKET });
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-2' });
    expect(bucket.json(CLAIM)).toMatchObject({ state: 'started', owner: execution('b'), attempt: 2 });
  });

  test('is not looked for while it may still be answered, but waited for', async () => {
    const answer = Promise.withResolvers<{ renderId: string; bucketName: string }>();
    renderMediaOnLambda.mockImplementationOnce(() => answer.promise);
    const first = start('a');
    for (const seconds of [0, 30, 60]) {
      clock.now = STARTED_AT + seconds * 1000;
      await expect(start('b')).rejects.toMatchObject({ name: 'RenderStartPending' });
    }
    expect(bucket.s3.commandCalls(ListObjectsV2Command)).toHaveLength(0);
    answer.resolve({ renderId: 'render-1', bucketName: BUCKET });
    await first;
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1', joined: true });
  });

  test('is looked for when the function that made it can no longer run, whatever has become of it', async () => {
    renderMediaOnLambda.mockImplementationOnce(({ downloadBehavior }) => {
      writeProgress('lost-render', { downloadBehavior });
      return new Promise(() => {});
    });
    void start('a');
    while (renderMediaOnLambda.mock.calls.length === 0) await new Promise(setImmediate);
    clock.now += 66_000;
    await expect(start('a')).resolves.toMatchObject({ renderId: 'lost-render', joined: true });
  });

  test.each([undefined, '1-day', '30-days'] as const)(
    'is found among thousands of renders of every kind when its files are kept %s',
    async (deleteAfter) => {
      const kept = deleteAfter ? `${deleteAfter}-` : '';
      for (const kind of ['', '1-day-', '3-days-', '30-days-'])
        for (let index = 0; index < 1_200; index += 1)
          bucket.put({ Key: `renders/${kind}3${String(index).padStart(9, '0')}/out.mp4`, Body: '' });
      loseTheAnswer((origin) => writeProgress(`${kept}3zzzzzzzzz`, origin));
      const request = { render: { ...render, ...(deleteAfter && { deleteAfter }) } };
      await start('a', request).catch(() => {});
      await expect(start('a', request)).resolves.toMatchObject({ renderId: `${kept}3zzzzzzzzz` });
    },
  );

  test('is not mixed up with the render of another job, nor hidden by one that cannot be read', async () => {
    loseTheAnswer();
    writeProgress('other', { downloadBehavior: { type: 'download', fileName: 'another token' } });
    writeProgress('former', { metadata: { RemotionStepFunctionsJob: 'order-4711/1' } });
    bucket.put({ Key: 'renders/broken/progress.json', Body: '{' });
    await start('a').catch(() => {});
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderStartPending' });
  });
});
