import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { RenderOrigin } from '../../../functions/render/render-token.ts';
import { CLAIM, loadJob } from '../job.ts';
import { s3Error } from '../memory-bucket.ts';
import { execution, render } from '../steps.ts';

const { start, writeProgress, bucket, clock, renderMediaOnLambda } = await loadJob();

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
    const { downloadBehavior } = renderMediaOnLambda.mock.calls[0]?.[0] ?? {};
    writeProgress('render-1', { downloadBehavior } as RenderOrigin);
    clock.now += 70_000;
    await expect(start('b')).resolves.toMatchObject({ renderId: 'render-1', joined: true });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
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
    clock.now += 599_000;
    await expect(start('a', request)).rejects.toMatchObject({ name: 'RenderStartThrottled' });
    throttle();
    clock.now += 2_000;
    await expect(start('a', request)).rejects.toMatchObject({ name: 'RenderThrottled' });
  });
});

describe('when S3 does not answer', () => {
  test('a start is tried again while there is time, and then was not made', async () => {
    bucket.s3.on(PutObjectCommand).rejects(s3Error('SlowDown', 503));
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderStartPending' });
    clock.now += 301_000;
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderNotStarted' });
    expect(renderMediaOnLambda).not.toHaveBeenCalled();
  });

  test('a start that may not write its claim is not made', async () => {
    bucket.s3.on(PutObjectCommand).rejects(s3Error('AccessDenied', 403));
    await expect(start('a')).rejects.toMatchObject({ name: 'RenderNotStarted' });
  });
});
