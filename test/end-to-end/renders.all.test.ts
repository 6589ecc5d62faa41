import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, RedriveExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { jest } from '@jest/globals';
import { followExecution } from '../../cli/follow-execution.ts';
import { startByRequest } from '../../cli/start-execution.ts';
import { METRICS, type MetricName } from '../../functions/runtime/metric-definitions.ts';
import { readMetrics } from '../../proof/dashboard/embedded-metrics.ts';
import type { RenderResult } from '../../statemachine/contract.ts';
import { probeObject } from './probe-video.ts';
import { causeOf, smallRender, testMachine } from './test-machine.ts';

jest.setTimeout(600_000);

const on = testMachine();
const { run, startedRenders } = on;

describe('a render', () => {
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

  test("has the request's metadata in its file and nothing of its job, and gives the context back", async () => {
    const context = { tenant: 'acme' };
    const metadata = { ordernumber: '4711' };
    const jobId = 'anna@example.com';
    const end = await run({ jobId, context, render: { ...smallRender, codec: 'vp8', metadata } });
    const { bucket, key, ...result } = end.output as RenderResult;
    expect(result.context).toEqual(context);
    const { tags } = await probeObject(on.s3, bucket, key);
    expect(tags).toMatchObject(metadata);
    expect(JSON.stringify(tags)).not.toMatch(/anna|remotionstepfunctions|[0-9a-f]{8}-[0-9a-f]{4}-/i);
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
    const executionArn = await startByRequest(on.sfn, on.stateMachineArn, request);
    const rendering = () => on.machine.functions.processes.filter(({ requestId }) => requestId).length;
    await followExecution(on.sfn, executionArn, async ({ progress }) => {
      if ((progress?.framesRendered ?? 0) === 0) return;
      await on.sfn.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'Test' }));
    });
    const stoppedAt = Date.now();
    const end = await on.sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(end).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'Test' });
    while (rendering() > 0 && Date.now() - stoppedAt < 20_000) await sleep(100);
    expect(rendering()).toBe(0);
    expect(Date.now() - stoppedAt).toBeLessThan(15_000);
    const redriven = await on.sfn.send(new RedriveExecutionCommand({ executionArn }));
    expect(redriven.redriveDate).toBeDefined();
    const second = await followExecution(on.sfn, executionArn, () => {});
    expect(second).toMatchObject({ status: 'FAILED', error: 'RenderCancelled' });
  });
});

test('no step ever asked for more than its role allows', () => {
  const denied = on.machine.calls.filter(({ decision }) => decision === 'Deny');
  expect(denied).toEqual([]);
  expect(new Set(on.machine.calls.map(({ principal }) => principal)).size).toBeGreaterThan(5);
});

describe('the metrics that the functions print', () => {
  const printed = () =>
    readFileSync(on.machine.logFile, 'utf8')
      .split('\n')
      .flatMap((line) => readMetrics(line.slice(line.indexOf(': ') + 2)));

  test('are those that are documented, all of them, with the dimensions that alarms and dashboard look for', () => {
    const services = new Set(printed().map(({ dimensions }) => dimensions.service));
    // The metrics are the workflow's: the renderer's functions print none.
    const [start] = on.machine.stack.functions.filter(({ logicalId }) => /StartRender/.test(logicalId));
    expect([...services]).toEqual([start?.environment.POWERTOOLS_SERVICE_NAME]);
    for (const { namespace, name, unit, dimensions } of printed()) {
      const definition: { unit: string; dimensions?: readonly string[] } = METRICS[name as MetricName];
      expect({ namespace, unit }).toEqual({ namespace: 'RemotionStepFunctions', unit: definition.unit });
      expect(Object.keys(dimensions)).toEqual(['service', ...(definition.dimensions ?? [])]);
    }
    // The sweep prints its own by a schedule, and only a workflow with a limit has turns.
    const expected = Object.entries(METRICS).flatMap(([name, { step }]) =>
      step === 'SweepRenders' || name === 'TurnWait' ? [] : [name],
    );
    const names = new Set(printed().map(({ name }) => name));
    expect(expected.filter((name) => !names.has(name as MetricName))).toEqual([]);
  });

  test('count every render that was started and every video that was delivered once', async () => {
    const sum = (name: MetricName) =>
      printed().reduce((total, metric) => total + (metric.name === name ? metric.value : 0), 0);
    expect(sum('RendersStarted')).toBe((await startedRenders()).length);
    const { Contents = [] } = await on.s3.send(
      new ListObjectsV2Command({ Bucket: on.machine.stack.outputs.DestinationBucketName }),
    );
    const videos = Contents.filter(({ Key = '' }) => !Key.endsWith('/captions.srt'));
    expect(sum('RendersSucceeded')).toBe(videos.length);
    expect(sum('BytesCopied')).toBe(videos.reduce((total, { Size = 0 }) => total + Size, 0));
  });
});
