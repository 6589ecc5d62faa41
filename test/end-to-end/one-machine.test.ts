import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { type ExecutionUpdate, followExecution } from '../../cli/follow-execution.ts';
import { startByEvent } from '../../cli/start-by-event.ts';
import type { RenderResult } from '../../statemachine/contract.ts';
import { probeObject } from './probe-video.ts';
import { causeOf, smallRender, testMachine } from './test-machine.ts';

const on = testMachine();
const { run, startedRenders } = on;

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
          inputPropsUri: `s3://REMOTION_BUCKET/input-props/missing.json`,
        },
      },
      'render.inputPropsUri: given',
    ],
    ['an unknown field', { render: smallRender, urgency: 1 }, 'urgency: not a field'],
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
    const named = JSON.stringify(input).replace('REMOTION_BUCKET', on.machine.remotionBucketName);
    const end = await run(JSON.parse(named));
    expect(end).toMatchObject({ status: 'FAILED', error: 'InvalidRenderRequest' });
    expect(causeOf(end).message).toContain(message);
    expect(await startedRenders()).toEqual([]);
  });
});

describe('a render', () => {
  test('started by an event is delivered, under the job id of the event', async () => {
    const Detail = JSON.stringify({ jobId: 'by-event', render: smallRender });
    const event = { Source: 'test', DetailType: 'Render Requested', Detail };
    const busName = on.machine.stack.outputs.EventBusName ?? '';
    const executionArn = await startByEvent(
      on.sfn,
      new EventBridgeClient(on.machine.clientConfig),
      on.stateMachineArn,
      event,
      busName,
    );
    const updates: ExecutionUpdate[] = [];
    const end = await followExecution(on.sfn, executionArn, (update) => updates.push(update), 100);
    expect(end).toMatchObject({ status: 'SUCCEEDED' });
    const result = end.output as RenderResult;
    const bucket = on.machine.stack.outputs.DestinationBucketName;
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
      artifacts: [
        {
          filename: 'captions.srt',
          key: `videos/by-event/${result.renderId}/captions.srt`,
          sizeInBytes: expect.any(Number),
        },
      ],
    });
    const video = await probeObject(on.s3, result.bucket, result.key);
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
});

describe('an event', () => {
  test('of another detail-type starts nothing', async () => {
    const count = async () =>
      (await on.sfn.send(new ListExecutionsCommand({ stateMachineArn: on.stateMachineArn }))).executions
        ?.length;
    const before = await count();
    const { FailedEntryCount } = await new EventBridgeClient(on.machine.clientConfig).send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: on.machine.stack.outputs.EventBusName,
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
  const denied = on.machine.calls.filter(({ decision }) => decision === 'Deny');
  expect(denied).toEqual([]);
  expect(new Set(on.machine.calls.map(({ principal }) => principal)).size).toBeGreaterThan(5);
});
