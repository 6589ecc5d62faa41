import type { handler as cancelHandler } from '../../../functions/cancel-render/cancel-render.ts';
import type { handler as startHandler } from '../../../functions/start-render/start-render.ts';
import { CLAIM, loadJob } from '../job.ts';
import { BUCKET, execution, JOBS_PREFIX, render } from '../steps.ts';

const { start, stopped, bucket, clock, renderMediaOnLambda, firstRenderDies, cancelRenderOnLambda } =
  await loadJob({ DEFAULT_SERVE_URL: 'remotion-staging' });

/** The functions once more, as another stack on the same Remotion bucket deploys them. */
async function otherWorkflow(name: string, environment: Record<string, string>) {
  const before = { ...process.env };
  Object.assign(process.env, { JOBS_PREFIX: `render-workflows/${name}/jobs/` }, environment);
  const load = (step: string) => import(`../../../functions/${step}/${step}.ts?${name}`);
  const { handler: startRender }: { handler: typeof startHandler } = await load('start-render');
  const { handler: cancelRender }: { handler: typeof cancelHandler } = await load('cancel-render');
  process.env = before;
  const executionArn = execution('b').replace(':Machine:', `:${name}:`);
  return {
    start: (request: object) =>
      startRender({ jobId: 'order-4711', request, executionArn, enteredAt: '2026-01-01T12:00:00Z' }),
    fail: () =>
      cancelRender({
        jobId: 'order-4711',
        executionArn,
        render: null,
        request: {},
        failure: { step: 'StartRender', error: 'States.Timeout', cause: '' },
      }),
  };
}

const request = { render: { composition: 'Invoice', codec: 'h264' as const } };
const production = await otherWorkflow('Production', { DEFAULT_SERVE_URL: 'remotion-production' });

describe('two workflows on one Remotion bucket', () => {
  test('render a job of the same id each with its own site', async () => {
    await expect(start('a', request)).resolves.toMatchObject({ renderId: 'render-1' });
    const other = await production.start(request);
    expect(other).toMatchObject({ renderId: 'render-2' });
    expect(other).not.toHaveProperty('joined');
    const sites = renderMediaOnLambda.mock.calls.map(([input]) => (input as { serveUrl?: string }).serveUrl);
    expect(sites).toEqual(['remotion-staging', 'remotion-production']);
    expect([...bucket.objects.keys()]).toEqual([CLAIM, 'render-workflows/Production/jobs/order-4711.json']);
  });

  test('cancel each its own render', async () => {
    await start('a', request);
    await production.start(request);
    await stopped('a', { jobId: 'order-4711', ...request });
    expect(cancelRenderOnLambda.mock.calls.map(([{ renderId }]) => renderId)).toEqual(['render-1']);
    expect(bucket.json('render-workflows/Production/jobs/order-4711.json')).toMatchObject({
      state: 'started',
    });
  });

  test('do not find the render of the other when an answer is lost', async () => {
    await start('a', request);
    const { downloadBehavior } = renderMediaOnLambda.mock.calls[0]?.[0] ?? {};
    bucket.put({
      Key: 'renders/render-1/progress.json',
      Body: JSON.stringify({ renderMetadata: { downloadBehavior, startedDate: clock.now } }),
    });
    renderMediaOnLambda.mockImplementationOnce(async ({ requestHandler }) => {
      requestHandler.invoked = true;
      throw Object.assign(new Error('socket hang up'), { $metadata: {} });
    });
    await production.start(request).catch(() => {});
    await expect(production.start(request)).rejects.toMatchObject({ name: 'RenderStartPending' });
    await production.fail();
    expect(cancelRenderOnLambda).not.toHaveBeenCalled();
  });
});

describe('what is the same request', () => {
  test.each([
    ['the default site', { render: { ...request.render, serveUrl: 'remotion-staging' } }],
    ['the default destination', { ...request, destination: { bucket: 'videos' } }],
    ['another context', { ...request, context: { tenant: 'acme' } }],
  ])('includes one that names %s', async (_, same) => {
    await start('a', request);
    await expect(start('b', same)).resolves.toMatchObject({ joined: true });
  });

  test.each([
    ['site', { DEFAULT_SERVE_URL: 'remotion-new' }],
    ['function', { REMOTION_FUNCTION_NAME: 'remotion-render-4-0-527-mem3008mb-disk2048mb-900sec' }],
    ['default destination', { DESTINATION_BUCKET_NAMES: 'archive,videos' }],
  ])('is no longer one after the stack has got another %s', async (what, environment) => {
    await start('a', request);
    const settings = { DEFAULT_SERVE_URL: 'remotion-staging', JOBS_PREFIX, ...environment };
    const after = await otherWorkflow(`Machine-${what}`.replace(' ', '-'), settings);
    await expect(after.start(request)).rejects.toMatchObject({ name: 'DuplicateRenderRequest' });
    expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  });

  test('but an execution that is under way when the stack changes goes on with its own render', async () => {
    await start('b', request);
    const after = await otherWorkflow('Machine', { DEFAULT_SERVE_URL: 'remotion-new' });
    await expect(after.start(request)).resolves.toMatchObject({ renderId: 'render-1', joined: true });
  });
});

describe('what 0.1.0 has claimed', () => {
  const FORMER = 'render-jobs/order-4711.json';
  /** Of the request in `request`, by version 0.1.0. */
  const claimed = (claim: object, name = 'former') =>
    bucket.put({
      Key: FORMER,
      Body: JSON.stringify({
        state: 'started',
        owner: execution(name),
        attempt: 1,
        claimedAt: clock.now,
        requestHash: '748408e7e4aaa51d61a66ef78d0adbd2e840afc69e03804a8dd124cb2ad5c1cd',
        writeId: 'any',
        ...claim,
      }),
    });

  test('is joined by the same request, and by no other', async () => {
    claimed({ render: { renderId: 'former-render', startedAt: clock.now } });
    await expect(start('b', request)).resolves.toMatchObject({ renderId: 'former-render', joined: true });
    const other = { render: { ...request.render, codec: 'vp8' as const } };
    await expect(start('c', other)).rejects.toMatchObject({ name: 'DuplicateRenderRequest' });
    expect(renderMediaOnLambda).not.toHaveBeenCalled();
  });

  test('is looked for by the token of that version, wherever its files are', async () => {
    claimed({ state: 'starting' });
    const origin = { metadata: { RemotionStepFunctionsJob: 'order-4711/1' }, startedDate: clock.now };
    bucket.put({
      Key: 'renders/7-days-abcdefghij/progress.json',
      Body: JSON.stringify({ renderMetadata: origin }),
    });
    clock.now += 70_000;
    await expect(start('b', request)).resolves.toMatchObject({ renderId: '7-days-abcdefghij' });
  });

  test('is cancelled with the execution that has claimed it', async () => {
    claimed({ render: { renderId: 'former-render', startedAt: clock.now } });
    await stopped('former', { jobId: 'order-4711', ...request });
    expect(cancelRenderOnLambda.mock.calls).toEqual([
      [expect.objectContaining({ renderId: 'former-render' })],
    ]);
    expect(bucket.json(CLAIM)).toMatchObject({ state: 'failed' });
  });

  test('is rendered anew once its render has died', async () => {
    claimed({ render: { renderId: 'render-1', startedAt: clock.now } });
    firstRenderDies();
    renderMediaOnLambda.mockResolvedValueOnce({ renderId: 'render-2', bucketName: BUCKET });
    await expect(start('b', request)).resolves.toMatchObject({ renderId: 'render-2' });
  });

  test('is not touched when it belongs to another state machine', async () => {
    claimed({ owner: execution('former').replace(':Machine:', ':Other:') });
    await expect(start('b', request)).resolves.toMatchObject({ renderId: 'render-1' });
    expect(bucket.json(FORMER)).toMatchObject({ state: 'started' });
  });
});

test('the render of a job carries nothing that tells the job', async () => {
  await start('a', { render: { ...render, metadata: { title: 'Your invoice' } } });
  const input = renderMediaOnLambda.mock.calls[0]?.[0];
  expect(JSON.stringify({ ...input, requestHandler: undefined })).not.toContain('4711');
  expect(input?.metadata).toEqual({ title: 'Your invoice' });
});
