import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { jest } from '@jest/globals';
import { sdkStreamMixin } from '@smithy/util-stream';
import { BUCKET, execution, loadSteps, REMOTION_FUNCTION } from '../steps.ts';

const { startRender, renderMediaOnLambda, bucket } = await loadSteps({
  POWERTOOLS_SERVICE_NAME: 'remotion-step-functions',
});
const { s3 } = bucket;
const logLines: string[] = [];
for (const level of ['info', 'error'] as const) {
  jest.spyOn(console, level).mockImplementation((line) => void logLines.push(String(line)));
}

const executionArn = execution('order-4711');
const render = {
  serveUrl: 'https://example.com/site',
  composition: 'Invoice',
  codec: 'h264' as const,
  inputProps: { customer: 'Jane Doe' },
};
const start = (request: unknown = { render }) =>
  startRender({ jobId: 'order-4711', request, executionArn, enteredAt: new Date().toISOString() });

beforeEach(() => {
  logLines.length = 0;
  renderMediaOnLambda.mockResolvedValue({
    renderId: 'abcde12345',
    bucketName: BUCKET,
    cloudWatchMainLogs: 'https://logs.example/abcde12345',
    launchBy: expect.any(Number),
    folderInS3Console: 'https://s3.example/abcde12345',
  });
});

test("gives the caller's context back, also to one who joins the render, and not to Remotion", async () => {
  const first = await start({ render, context: { tenant: 'acme' } });
  expect(first.context).toEqual({ tenant: 'acme' });
  const second = await start({ render, context: { tenant: 'other' } });
  expect(second).toMatchObject({ joined: true, context: { tenant: 'other' } });
  expect(renderMediaOnLambda.mock.calls[0]?.[0]).not.toHaveProperty('context');
});

test('hands the request to Remotion unchanged, private, without props in the logs, and with the options that the workflow owns', async () => {
  await start({ render: { ...render, crf: 18, aNewRemotionOption: true } });
  expect(renderMediaOnLambda).toHaveBeenCalledTimes(1);
  expect(renderMediaOnLambda.mock.calls[0]?.[0]).toEqual({
    ...render,
    privacy: 'private',
    logLevel: 'warn',
    crf: 18,
    aNewRemotionOption: true,
    region: 'us-east-1',
    functionName: REMOTION_FUNCTION,
    forceBucketName: BUCKET,
    enableCancellation: true,
    licenseKey: null,
    downloadBehavior: { type: 'download', fileName: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    requestHandler: expect.anything(),
  });
});

test('answers with what the next steps and a watcher need, and no props', async () => {
  const before = Date.now();
  const started = await start({ render, destination: { bucket: 'archive', key: '{jobId}.mp4' } });
  expect(started).toEqual({
    jobId: 'order-4711',
    renderId: 'abcde12345',
    bucketName: BUCKET,
    destination: { bucket: 'archive', key: '{jobId}.mp4' },
    startedAt: expect.any(Number),
    functionName: REMOTION_FUNCTION,
    logsUrl: 'https://logs.example/abcde12345',
    launchBy: expect.any(Number),
    folderInS3Console: 'https://s3.example/abcde12345',
  });
  expect(started.startedAt).toBeGreaterThanOrEqual(before);
});

test.each([
  ['a bad request', { render: { ...render, codec: 'x' } }, 'render.codec'],
  [
    'a bucket that the stack may not write to',
    { render, destination: { bucket: 'x' } },
    'destination.bucket',
  ],
  ['no site', { render: { ...render, serveUrl: undefined } }, 'render.serveUrl'],
  [
    'props elsewhere',
    { render: { ...render, inputProps: undefined, inputPropsUri: 's3://other/input-props/a.json' } },
    'render.inputPropsUri',
  ],
])('starts no render for %s', async (_what, request, field) => {
  await expect(start(request)).rejects.toMatchObject({
    name: 'InvalidRenderRequest',
    message: expect.stringContaining(field),
  });
  expect(renderMediaOnLambda).not.toHaveBeenCalled();
});

test('says that an input is null, which is not nothing', async () => {
  await expect(
    startRender({ input: null, executionArn, enteredAt: new Date().toISOString() }),
  ).rejects.toMatchObject({ message: expect.stringContaining('request: given null') });
});

test('writes job, render and execution on its log lines, and no props', async () => {
  await start();
  const lines = logLines.map((line) => JSON.parse(line));
  expect(lines).toContainEqual(
    expect.objectContaining({
      service: 'remotion-step-functions',
      jobId: 'order-4711',
      renderId: 'abcde12345',
      executionArn,
    }),
  );
  expect(logLines.join()).not.toContain('Jane Doe');
});

describe('with inputPropsUri', () => {
  const inputPropsUri = `s3://${BUCKET}/input-props/order 4711.json`;
  const request = { render: { ...render, inputProps: undefined, inputPropsUri } };
  const bodyOf = (text: string) => sdkStreamMixin(Readable.from([Buffer.from(text)]));

  test('reads the props from S3', async () => {
    s3.on(GetObjectCommand, {
      Bucket: BUCKET,
      Key: 'input-props/order 4711.json',
    }).resolves({ Body: bodyOf('{"customer":"John"}') });
    await start(request);
    const input = renderMediaOnLambda.mock.calls[0]?.[0];
    expect(input).toMatchObject({ inputProps: { customer: 'John' } });
    expect(input).not.toHaveProperty('inputPropsUri');
  });

  test.each(['[1]', 'null', 'not JSON', ''])('refuses an object that holds %j', async (text) => {
    s3.on(GetObjectCommand).resolves({ Body: bodyOf(text) });
    await expect(start(request)).rejects.toMatchObject({
      name: 'InvalidRenderRequest',
      message: expect.stringContaining('holds a JSON object'),
    });
  });

  test.each([403, 404])('refuses an object that answers %i', async (httpStatusCode) => {
    s3.on(GetObjectCommand).rejects(Object.assign(new Error('no'), { $metadata: { httpStatusCode } }));
    await expect(start(request)).rejects.toMatchObject({
      name: 'InvalidRenderRequest',
      message: expect.stringContaining('an object that exists'),
    });
  });
});
