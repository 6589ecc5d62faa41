import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { jest } from '@jest/globals';
import { type ExecutionEnd, type ExecutionUpdate, followExecution } from '../../cli/follow-execution.ts';
import { startByEvent } from '../../cli/start-by-event.ts';
import { startByRequest } from '../../cli/start-execution.ts';
import { METRICS, type MetricName } from '../../functions/runtime/metric-definitions.ts';
import { type Launched, launch, REMOTION_BUCKET } from '../../local/launch.ts';
import { readMetrics } from '../../proof/dashboard/embedded-metrics.ts';
import type { FailureCause, RenderResult } from '../../statemachine/contract.ts';
import { probeObject } from './probe-video.ts';

jest.setTimeout(120_000);

let machine: Launched;
let sfn: SFNClient;
let s3: S3Client;
let stateMachineArn: string;

beforeAll(async () => {
  machine = await launch();
  sfn = new SFNClient(machine.clientConfig);
  s3 = new S3Client(machine.clientConfig);
  stateMachineArn = machine.stack.outputs.StateMachineArn ?? '';
});
afterAll(() => machine?.stop());

/** One second of the example, small. */
const smallRender = {
  composition: 'HelloWorld',
  codec: 'h264',
  inputProps: { durationInSeconds: 1 },
  framesPerLambda: 30,
  scale: 0.25,
};

async function run(input: unknown, updates: ExecutionUpdate[] = []): Promise<ExecutionEnd> {
  const executionArn = await startByRequest(sfn, stateMachineArn, input);
  return followExecution(sfn, executionArn, (update) => updates.push(update), 100);
}

function causeOf({ cause }: ExecutionEnd): FailureCause {
  return JSON.parse(cause ?? '');
}

async function startedRenders(): Promise<string[]> {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: REMOTION_BUCKET, Prefix: 'renders/' }),
  );
  return [...new Set(Contents.map(({ Key = '' }) => Key.split('/')[1] ?? ''))];
}

describe('a bad request', () => {
  test.each([
    ['no render', {}, 'render: given nothing'],
    ['text in place of a request', 'render it', 'request: given a string'],
    ['null', null, 'request: given null'],
    ['an array', [smallRender], 'request: given an array'],
    [
      'no composition',
      { render: { ...smallRender, composition: undefined } },
      'render.composition: given nothing',
    ],
    ['an unknown codec', { render: { ...smallRender, codec: 'h266' } }, 'render.codec: given "h266"'],
    ['a region', { render: { ...smallRender, region: 'eu-west-1' } }, 'render.region: given a string'],
    ['a licence key', { render: { ...smallRender, licenseKey: 'key' } }, 'render.licenseKey: given a string'],
    [
      'props that are text',
      { render: { ...smallRender, inputProps: '{}' } },
      'render.inputProps: given a string',
    ],
    [
      'a webhook secret',
      { render: { ...smallRender, webhook: { url: 'http://127.0.0.1', secret: 'x' } } },
      'render.webhook.secret: given a string',
    ],
    [
      'props that are not there',
      {
        render: {
          ...smallRender,
          inputProps: undefined,
          inputPropsUri: `s3://${REMOTION_BUCKET}/input-props/missing.json`,
        },
      },
      'render.inputPropsUri: given',
    ],
    ['an unknown field', { render: smallRender, priority: 1 }, 'priority: not a field'],
    ['a number as job id', { jobId: 7, render: smallRender }, 'jobId: given 7'],
    [
      'a bucket that is not ours',
      { render: smallRender, destination: { bucket: 'theirs' } },
      'destination.bucket: given "theirs"',
    ],
    [
      'an unknown placeholder',
      { render: smallRender, destination: { key: '{date}.mp4' } },
      'destination.key: given "{date}.mp4"',
    ],
  ])('(%s) fails, names the field and starts no render', async (_what, input, message) => {
    const end = await run(input);
    expect(end).toMatchObject({ status: 'FAILED', error: 'InvalidRenderRequest' });
    expect(causeOf(end).message).toContain(message);
    expect(await startedRenders()).toEqual([]);
  });
});

describe('a render', () => {
  test('started by an event is delivered, under the job id of the event', async () => {
    const Detail = JSON.stringify({ jobId: 'by-event', render: smallRender });
    const event = { Source: 'test', DetailType: 'Render Requested', Detail };
    const busName = machine.stack.outputs.EventBusName ?? '';
    const executionArn = await startByEvent(
      sfn,
      new EventBridgeClient(machine.clientConfig),
      stateMachineArn,
      event,
      busName,
    );
    const updates: ExecutionUpdate[] = [];
    const end = await followExecution(sfn, executionArn, (update) => updates.push(update), 100);
    expect(end).toMatchObject({ status: 'SUCCEEDED' });
    const result = end.output as RenderResult;
    const bucket = machine.stack.outputs.DestinationBucketName;
    expect(result).toEqual({
      jobId: 'by-event',
      renderId: expect.stringMatching(/^[a-z0-9]{10}$/),
      bucket,
      key: `videos/by-event/${result.renderId}.mp4`,
      s3Uri: `s3://${bucket}/videos/by-event/${result.renderId}.mp4`,
      sizeInBytes: expect.any(Number),
      etag: expect.stringMatching(/^[0-9a-f]{32}/),
      costInUsd: expect.any(Number),
      renderTimeInMs: expect.any(Number),
      framesRendered: 30,
      lambdasInvoked: 1,
    });
    const video = await probeObject(s3, result.bucket, result.key);
    expect(video).toMatchObject({
      contentType: 'video/mp4',
      sizeInBytes: result.sizeInBytes,
      video: { codec_name: 'h264', width: 320, height: 180, r_frame_rate: '30/1', nb_frames: '30' },
      audio: { codec_name: 'aac' },
    });
    expect(updates.find(({ progress }) => progress?.framesTotal)?.progress).toMatchObject({
      progressInPercent: expect.any(Number),
      framesTotal: expect.any(Number),
      costInUsd: expect.any(Number),
      secondsUntilNextLook: expect.any(Number),
      logsUrl: expect.stringContaining('cloudwatch'),
    });
  });

  test('that fails says where and why', async () => {
    const inputProps = { durationInSeconds: 1, failAtFrame: 10 };
    const end = await run({ render: { ...smallRender, inputProps, maxRetries: 0 } });
    expect(end).toMatchObject({ status: 'FAILED', error: 'RenderFailed' });
    expect(causeOf(end)).toMatchObject({
      message: expect.stringMatching(/failed.* in chunk 0: Error: .*frame 10/),
      logsUrl: expect.stringContaining('cloudwatch'),
      remedy: expect.stringContaining('composition'),
    });
  });

  test('that names a composition which is not there fails by name', async () => {
    const end = await run({ render: { ...smallRender, composition: 'Nothing' } });
    expect(end).toMatchObject({ status: 'FAILED', error: 'RenderFailed' });
    expect(causeOf(end).message).toContain('Nothing');
  });

  test('asked for twice is rendered once and delivered to both', async () => {
    const request = { jobId: 'twice', render: smallRender };
    const before = (await startedRenders()).length;
    const ends = await Promise.all([run(request), run(request)]);
    expect(ends.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    const [first, second] = ends.map(({ output }) => output as RenderResult);
    expect(first?.s3Uri).toBe(second?.s3Uri);
    expect((await startedRenders()).length - before).toBe(1);
  });

  test('that is stopped stops its work in Chromium within 15 seconds, and stays stopped when it is redriven', async () => {
    const inputProps = { durationInSeconds: 20, delayPerFrameInMilliseconds: 200 };
    const request = { jobId: 'stopped', render: { ...smallRender, framesPerLambda: 600, inputProps } };
    const executionArn = await startByRequest(sfn, stateMachineArn, request);
    const rendering = () => machine.functions.processes.filter(({ requestId }) => requestId).length;
    await followExecution(sfn, executionArn, async ({ progress }) => {
      if ((progress?.framesRendered ?? 0) === 0) return;
      await sfn.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'Test' }));
    });
    const stoppedAt = Date.now();
    const end = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(end).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'Test' });
    while (rendering() > 0 && Date.now() - stoppedAt < 20_000) await sleep(100);
    expect(rendering()).toBe(0);
    expect(Date.now() - stoppedAt).toBeLessThan(15_000);
    const redriven = await sfn.send(new RedriveExecutionCommand({ executionArn }));
    expect(redriven.redriveDate).toBeDefined();
    const second = await followExecution(sfn, executionArn, () => {});
    expect(second).toMatchObject({ status: 'FAILED', error: 'RenderCancelled' });
  });
});

describe('an event', () => {
  test('of another detail-type starts nothing', async () => {
    const count = async () =>
      (await sfn.send(new ListExecutionsCommand({ stateMachineArn }))).executions?.length;
    const before = await count();
    const { FailedEntryCount } = await new EventBridgeClient(machine.clientConfig).send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: machine.stack.outputs.EventBusName,
            Source: 'test',
            DetailType: 'Render Wanted',
            Detail: '{}',
          },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(0);
    await sleep(200);
    expect(await count()).toBe(before);
  });
});

test('no step ever asked for more than its role allows', () => {
  const denied = machine.calls.filter(({ decision }) => decision === 'Deny');
  expect(denied).toEqual([]);
  expect(new Set(machine.calls.map(({ principal }) => principal)).size).toBeGreaterThan(5);
});

describe('the metrics that the functions print', () => {
  const printed = () =>
    readFileSync(machine.logFile, 'utf8')
      .split('\n')
      .flatMap((line) => readMetrics(line.slice(line.indexOf(': ') + 2)));

  test('are those that are documented, all of them, with the dimensions that alarms and dashboard look for', () => {
    const services = new Set(
      machine.stack.functions.map(({ environment }) => environment.POWERTOOLS_SERVICE_NAME),
    );
    expect(services.size).toBe(1);
    for (const { namespace, name, unit, dimensions } of printed()) {
      const definition: { unit: string; dimensions?: readonly string[] } = METRICS[name as MetricName];
      expect({ namespace, unit }).toEqual({ namespace: 'RemotionStepFunctions', unit: definition.unit });
      expect(Object.keys(dimensions)).toEqual(['service', ...(definition.dimensions ?? [])]);
      expect(services).toContain(dimensions.service);
    }
    expect(new Set(printed().map(({ name }) => name))).toEqual(new Set(Object.keys(METRICS)));
  });

  test('count every render that was started and every video that was delivered once', async () => {
    const sum = (name: MetricName) =>
      printed().reduce((total, metric) => total + (metric.name === name ? metric.value : 0), 0);
    expect(sum('RendersStarted')).toBe((await startedRenders()).length);
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: machine.stack.outputs.DestinationBucketName }),
    );
    expect(sum('RendersSucceeded')).toBe(Contents.length);
    expect(sum('BytesCopied')).toBe(Contents.reduce((total, { Size = 0 }) => total + Size, 0));
  });
});
