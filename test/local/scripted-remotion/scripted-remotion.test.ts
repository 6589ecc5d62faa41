import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  cancelRenderOnLambda,
  getRenderProgress,
  renderMediaOnLambda,
  speculateFunctionName,
} from '@remotion/lambda/client';
import type { LocalService } from '../../../local/aws.ts';
import type { RenderScript } from '../../../local/scripted-remotion/render-script.ts';
import { ScriptedRemotion } from '../../../local/scripted-remotion/scripted-remotion.ts';
import { startTestGateway, type TestGateway } from '../gateway/test-gateway.ts';

const region = 'us-east-1';
const bucketName = 'remotionlambda-useast1-test';
const functionName = speculateFunctionName({
  memorySizeInMb: 2048,
  diskSizeInMb: 2048,
  timeoutInSeconds: 240,
});
const environment = { ...process.env };

let machine: TestGateway;
let remotion: ScriptedRemotion;
/** Lets the next second of the render pass. */
let nextSecond: () => Promise<void>;

beforeEach(async () => {
  const sleepers: (() => void)[] = [];
  nextSecond = async () => {
    while (sleepers.length === 0) await new Promise((resolve) => setImmediate(resolve));
    sleepers.shift()?.();
  };
  machine = await startTestGateway({
    buckets: [{ name: bucketName, acceptsAcls: true }],
    more: () => [lambda((event) => remotion.handler(event, { getRemainingTimeInMillis: () => 240_000 }))],
  });
  const client = machine.client();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: client.endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: client.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: client.credentials.secretAccessKey,
  });
  remotion = new ScriptedRemotion({
    clock: {
      now: Date.now,
      sleep: () => new Promise((resolve) => sleepers.push(resolve)),
    },
    functionName,
    clientConfig: () => ({ ...client, credentials: { sessionToken: '', ...client.credentials } }),
    newRenderId: () => 'abcdefghij',
  });
});
afterEach(async () => {
  process.env = environment;
  await machine.stop();
});

/** Lambda with Remotion's function alone. */
function lambda(handler: (event: unknown) => Promise<unknown>): LocalService {
  return {
    signingName: 'lambda',
    authorizations: () => [],
    async handle({ body, headers }) {
      const answer = handler(JSON.parse(body.toString()));
      if (headers['x-amz-invocation-type'] === 'Event') return { status: 202 };
      return { status: 200, body: JSON.stringify(await answer) };
    },
    errorResponse: ({ status, message }) => ({ status, body: JSON.stringify({ message }) }),
  };
}

const start = (script: RenderScript = {}) =>
  renderMediaOnLambda({
    region,
    functionName,
    forceBucketName: bucketName,
    serveUrl: 'https://example.com',
    composition: 'Scripted',
    codec: 'h264',
    inputProps: { job: 'job-1', scripts: [script] },
    metadata: { job: 'job-1/1' },
    enableCancellation: true,
  });
const look = () =>
  getRenderProgress({ region, functionName, bucketName, renderId: 'abcdefghij', skipLambdaInvocation: true });

/** Looks, a second after the other, until the client sees what is waited for. */
async function lookUntil(seen: (progress: Awaited<ReturnType<typeof look>>) => boolean) {
  for (;;) {
    const progress = await look();
    if (seen(progress)) return progress;
    await nextSecond();
  }
}

describe("the scripted Remotion, seen by Remotion's own client", () => {
  test('starts a render that has no metadata yet', async () => {
    expect(await start()).toMatchObject({ renderId: 'abcdefghij', bucketName });
    expect(await look()).toMatchObject({ done: false, renderMetadata: null, overallProgress: 0 });
    expect(remotion.renders).toMatchObject([{ job: 'job-1', earlier: [] }]);
  });

  test("carries the request's metadata once it has read the composition", async () => {
    await start();
    const progress = await lookUntil(({ renderMetadata }) => renderMetadata !== null);
    expect(progress).toMatchObject({ done: false, renderMetadata: { metadata: { job: 'job-1/1' } } });
  });

  test('finishes with an output of the size that was asked for', async () => {
    await start({ seconds: 2, outputSizeInBytes: 100 });
    const progress = await lookUntil(({ done }) => done);
    expect(progress).toMatchObject({
      overallProgress: 1,
      outBucket: bucketName,
      outKey: 'renders/abcdefghij/out.mp4',
      outputSizeInBytes: 100,
      framesRendered: 100,
      fatalErrorEncountered: false,
    });
    const Key = progress.outKey as string;
    const s3 = new S3Client(machine.client());
    expect(await s3.send(new HeadObjectCommand({ Bucket: bucketName, Key }))).toMatchObject({
      ContentLength: 100,
    });
  });

  test('fails where its script says', async () => {
    await start({ failAtPercent: 40 });
    const progress = await lookUntil(({ fatalErrorEncountered }) => fatalErrorEncountered);
    expect(progress.errors).toMatchObject([{ isFatal: true, message: 'The script fails at 40 %' }]);
    expect(progress.overallProgress).toBeLessThan(0.6);
    expect(remotion.renders).toMatchObject([{ status: 'failed' }]);
  });

  test('stops within a second of being cancelled', async () => {
    await start({ seconds: 100 });
    await lookUntil(({ renderMetadata }) => renderMetadata !== null);
    await cancelRenderOnLambda({ region, bucketName, renderId: 'abcdefghij' });
    await nextSecond();
    await lookUntil(({ fatalErrorEncountered }) => fatalErrorEncountered);
    expect(remotion.renders).toMatchObject([{ status: 'cancelled' }]);
  });

  test("refuses a start with Remotion's own error", async () => {
    await expect(start({ refusesStart: 'Not today.' })).rejects.toThrow('Not today.');
    expect(remotion.renders).toEqual([]);
  });

  test('refuses a script that it does not understand, by name', async () => {
    await expect(start({ speed: 2 } as RenderScript)).rejects.toThrow(
      `A render's script has no field "speed".`,
    );
  });
});
