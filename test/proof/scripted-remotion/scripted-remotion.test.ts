import { Readable } from 'node:stream';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { jest } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { VERSION } from 'remotion/version';
import { lookAtRender } from '../../../functions/render/look-at-render.ts';
import { VirtualClock } from '../../../local/clock.ts';
import type { RenderScript } from '../../../proof/scripted-remotion/render-script.ts';
import { ScriptedRemotion } from '../../../proof/scripted-remotion/scripted-remotion.ts';
import { MemoryBucket, s3Error } from '../../functions/memory-bucket.ts';

const bucketName = 'remotionlambda-useast1-example';
const functionName = 'remotion-render-4-0-527-mem2048mb-disk2048mb-120sec';
const FUNCTION_TIMEOUT = 120;
const deployment = { region: 'us-east-1', bucketName, functionName } as const;
Object.assign(process.env, {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  POWERTOOLS_DEV: 'true',
});

const STARTED_AT = Date.parse('2026-01-01T12:00:00Z');
const bucket = new MemoryBucket();
const lambda = mockClient(LambdaClient);
let clock: VirtualClock;
let remotion: ScriptedRemotion;

beforeEach(() => {
  clock = new VirtualClock(STARTED_AT);
  jest.spyOn(Date, 'now').mockImplementation(() => clock.now());
  bucket.reset();
  bucket.s3.on(HeadObjectCommand).callsFake(async ({ Key }) => {
    if (!bucket.objects.has(Key)) throw s3Error('NotFound', 404);
    return {};
  });
  lambda.reset();
  lambda.on(InvokeCommand).callsFake(async ({ Payload }) => {
    void invoke(JSON.parse(Buffer.from(Payload).toString()));
    return {};
  });
  let renders = 0;
  remotion = new ScriptedRemotion({
    timeoutInSeconds: 120,
    clock,
    functionName,
    clientConfig: () => ({
      endpoint: 'http://127.0.0.1',
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' },
    }),
    newRenderId: () => `r${String(renders++).padStart(9, '0')}`,
  });
});

/** No render goes on into the next test. */
afterEach(() => clock.sleep(10 * 60_000));

function invoke(payload: object): Promise<unknown> {
  const deadline = clock.now() + FUNCTION_TIMEOUT * 1000;
  return remotion.handler(payload, { getRemainingTimeInMillis: () => Math.max(0, deadline - clock.now()) });
}

/** Starts a render as Remotion's client does. */
function start(scripts: readonly object[], more: object = {}): Promise<unknown> {
  return invoke({
    type: 'start',
    version: VERSION,
    bucketName,
    composition: 'Scripted',
    serveUrl: 'https://example.com/site',
    codec: 'h264',
    audioCodec: null,
    inputProps: { type: 'payload', payload: JSON.stringify({ job: 'order-4711', scripts }) },
    metadata: { token: 'order-4711/1' },
    muted: false,
    everyNthFrame: 1,
    enableCancellation: true,
    ...more,
  });
}

/** Starts a render and lets so many seconds pass. */
async function renderFor(seconds: number, script: RenderScript): Promise<void> {
  await start([script]);
  await clock.sleep(seconds * 1000);
}

/** What Remotion's client and the workflow make of the first render's files. */
function look() {
  const requestHandler = {
    async handle({ method, path }: { method: string; path: string }) {
      const object = bucket.objects.get(path.slice(path.indexOf('renders/')));
      const body = method === 'GET' ? (object?.body ?? '') : '';
      const headers = { 'content-length': String(object?.body.length ?? 0) };
      return {
        response: { statusCode: object ? 200 : 404, headers, body: Readable.from([Buffer.from(body)]) },
      };
    },
    httpHandlerConfigs: () => ({}),
    updateHttpClientConfig() {},
    destroy() {},
  };
  const render = { renderId: 'r000000000', startedAt: STARTED_AT };
  const surroundings = { now: () => clock.now(), requestHandler: requestHandler as never };
  return clock.holdDuring(() => lookAtRender(new S3Client({}), deployment, render, surroundings));
}

const status = () => remotion.renders[0]?.status;
const output = () => bucket.objects.get('renders/r000000000/out.mp4')?.body;

describe('a scripted render', () => {
  test('answers the start as Remotion does, and has a progress that its client can read at once', async () => {
    await expect(start([{}])).resolves.toEqual({ type: 'success', bucketName, renderId: 'r000000000' });
    await expect(look()).resolves.toMatchObject({ done: false, overallProgress: 0, renderMetadata: null });
  });

  test('reads the composition after its delay, and then says whose render it is', async () => {
    await renderFor(9.5, { startDelay: 10 });
    await expect(look()).resolves.toMatchObject({ renderMetadata: null });
    await clock.sleep(1_000);
    await expect(look()).resolves.toMatchObject({
      renderMetadata: { type: 'video', frameRange: [0, 99], metadata: { token: 'order-4711/1' } },
    });
  });

  test('goes at the speed of its script', async () => {
    await renderFor(11.5, { seconds: 20 });
    await expect(look()).resolves.toMatchObject({ done: false, framesRendered: 50, lambdasInvoked: 1 });
    await clock.sleep(10_000);
    await expect(look()).resolves.toMatchObject({
      done: true,
      overallProgress: 1,
      framesRendered: 100,
      outBucket: bucketName,
      outKey: 'renders/r000000000/out.mp4',
      outputSizeInBytes: 4096,
      errors: [],
    });
    expect(output()).toHaveLength(4096);
    expect(status()).toBe('finished');
  });

  test('fails where its script says so, without a video', async () => {
    await renderFor(30, { seconds: 10, failAtPercent: 40 });
    await expect(look()).rejects.toMatchObject({
      name: 'RenderFailed',
      message: expect.stringContaining('The script fails at 40 %'),
    });
    expect(JSON.parse(bucket.objects.get('renders/r000000000/progress.json')?.body ?? '')).toMatchObject({
      framesRendered: 30,
    });
    expect([status(), output()]).toEqual(['failed', undefined]);
  });

  test.each([
    ['before-metadata', { renderMetadata: null, framesRendered: 0 }],
    ['at-99', { framesRendered: 99 }],
  ] as const)('hangs %s until the time of its function is up', async (hang, progress) => {
    await renderFor(FUNCTION_TIMEOUT - 10, { hang });
    await expect(look()).resolves.toMatchObject({ done: false, ...progress });
    await clock.sleep(60_000);
    await expect(look()).rejects.toMatchObject({ name: 'RenderTimedOut' });
    expect([status(), output()]).toEqual(['timed out', undefined]);
  });

  test('can lie about a timeout: its video is there, and its progress never says so', async () => {
    await renderFor(10, { liesAboutTimeout: true });
    await expect(look()).resolves.toMatchObject({ done: false });
    await clock.sleep(FUNCTION_TIMEOUT * 1000 + 60_000);
    await expect(look()).resolves.toMatchObject({ done: true, isOutputOnlyProof: true });
    expect([status(), output()?.length]).toEqual(['finished', 4096]);
  });

  test('stops within seconds when cancel.json is written', async () => {
    await renderFor(5, { seconds: 60 });
    bucket.put({ Key: 'renders/r000000000/cancel.json', Body: '{}' });
    await clock.sleep(2_000);
    await expect(look()).rejects.toMatchObject({ name: 'RenderCancelled' });
    expect([status(), output()]).toEqual(['cancelled', undefined]);
  });

  test('can finish although it was cancelled', async () => {
    await renderFor(5, { seconds: 10, finishesAfterCancel: true });
    bucket.put({ Key: 'renders/r000000000/cancel.json', Body: '{}' });
    await clock.sleep(10_000);
    await expect(look()).resolves.toMatchObject({ done: true });
    expect(status()).toBe('finished');
  });
});

describe('the scripts of a job', () => {
  test('are one for each start, the last for all further ones, and a refused start counts', async () => {
    const scripts = [{ refusesStart: 'No.' }, { failAtPercent: 0 }, {}];
    await expect(start(scripts)).resolves.toMatchObject({ type: 'error', message: 'No.' });
    for (let again = 0; again < 3; again++) await start(scripts);
    await clock.sleep(60_000);
    expect(remotion.renders.map((render) => render.status)).toEqual(['failed', 'finished', 'finished']);
    expect(remotion.renders[1]?.earlier).toHaveLength(1);
  });

  test('may have no field that does nothing', async () => {
    await expect(start([{ failsAtPercent: 40 }])).resolves.toMatchObject({
      type: 'error',
      message: 'A render\'s script has no field "failsAtPercent".',
    });
  });
});

test('a start of another version of Remotion is refused as Remotion does, and starts nothing', async () => {
  await expect(start([{}], { version: '4.0.1' })).resolves.toMatchObject({
    type: 'error',
    message: expect.stringMatching(/^Version mismatch/),
  });
  expect(remotion.renders).toEqual([]);
});

test('what Remotion does and this one does not is refused by name', async () => {
  await expect(invoke({ type: 'still' })).rejects.toThrow(
    'The scripted Remotion does start and launch, not "still".',
  );
});
