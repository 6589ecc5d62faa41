import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { jest } from '@jest/globals';
import { App } from 'aws-cdk-lib/core';
import { RenderEventsConsumerStack } from '../../examples/render-events-consumer/render-events-consumer-stack.ts';
import { type Launched, launch } from '../../local/launch.ts';
import type { RenderEvent, RenderEventType, RenderResult } from '../../statemachine/contract.ts';
import { RENDER_EVENT_SCHEMAS } from '../../statemachine/render-event-schema.ts';

jest.setTimeout(600_000);

let machine: Launched;
let sfn: SFNClient;
let sqs: SQSClient;
const consumer = mkdtempSync(join(tmpdir(), 'consumer-'));

beforeAll(async () => {
  const app = new App({ outdir: consumer });
  new RenderEventsConsumerStack(app, 'RenderEventsConsumer', 'RemotionStepFunctions-RenderWorkflow-52872822');
  app.synth();
  machine = await launch({ beside: [consumer] });
  sfn = new SFNClient(machine.clientConfig);
  sqs = new SQSClient(machine.clientConfig);
});
afterAll(async () => {
  await machine?.stop();
  rmSync(consumer, { recursive: true, force: true });
});

const SECRET = 'Not for the eyes of consumers';

/** Half a second of the example, small, unless the props say otherwise. */
const requestOf = (jobId: string, inputProps: object = { durationInSeconds: 0.5 }, more: object = {}) => ({
  jobId,
  render: {
    composition: 'HelloWorld',
    codec: 'h264',
    inputProps: { ...inputProps, title: SECRET },
    framesPerLambda: 15,
    scale: 0.25,
    ...more,
  },
});

async function start(request: object): Promise<string> {
  const { executionArn = '' } = await sfn.send(
    new StartExecutionCommand({
      stateMachineArn: machine.stack.outputs.StateMachineArn,
      input: JSON.stringify(request),
    }),
  );
  return executionArn;
}

async function ended(executionArn: string) {
  for (;;) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await sleep(100);
  }
}

/** The next event that the consumer's queue gets. */
async function nextEvent<Type extends RenderEventType>(type: Type) {
  const QueueUrl = machine.stack.outputs.RenderEventsQueueUrl;
  let message: Message | undefined;
  while (!message) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    message = Messages[0];
  }
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
  const event = JSON.parse(message.Body ?? 'null') as RenderEvent & { 'detail-type': Type };
  expect(event).toMatchObject({ 'detail-type': type, source: 'remotion-step-functions' });
  // Of the schema's object nothing but its own fields is left.
  expect(RENDER_EVENT_SCHEMAS[type].parse(event.detail)).toEqual(event.detail);
  expect(message.Body).not.toContain(SECRET);
  return event as Extract<RenderEvent, { 'detail-type': Type }>;
}

describe('a consumer of events learns of', () => {
  test('a render that starts and succeeds, with where the video is and what it has cost', async () => {
    const executionArn = await start(requestOf('succeeds'));
    const started = await nextEvent('Render Started');
    expect(started.resources).toEqual([executionArn, machine.stack.outputs.StateMachineArn]);
    expect(started.detail).toMatchObject({ version: 1, jobId: 'succeeds', executionArn, joined: false });
    const { output, startDate } = await ended(executionArn);
    const result = JSON.parse(output ?? '') as RenderResult;
    const { detail } = await nextEvent('Render Succeeded');
    const { bucket, key, s3Uri, sizeInBytes, etag } = result;
    const { jobId, renderId, costInUsd, framesRendered, lambdasInvoked, renderTimeInMs } = result;
    expect(detail).toMatchObject({
      jobId,
      renderId,
      costInUsd,
      framesRendered,
      lambdasInvoked,
      renderTimeInMs,
    });
    expect(detail.output).toEqual({ bucket, key, s3Uri, sizeInBytes, etag });
    expect(detail).toMatchObject({
      executionArn,
      renderId: started.detail.renderId,
      startedAt: started.detail.startedAt,
      requestedAt: startDate?.toISOString(),
    });
    expect(Date.parse(detail.finishedAt) - Date.parse(detail.requestedAt)).toBe(detail.totalTimeInMs);
    expect(detail.totalTimeInMs).toBeGreaterThan(detail.renderTimeInMs);
  });

  test('a request that cannot be rendered, with what is wrong and what to do', async () => {
    const executionArn = await start(requestOf('fails', {}, { codec: 'h266' }));
    const { error, cause } = await ended(executionArn);
    const { message, remedy, retryable } = JSON.parse(cause ?? '');
    const { detail } = await nextEvent('Render Failed');
    expect(detail).toMatchObject({
      jobId: 'fails',
      renderId: null,
      executionArn,
      error: { name: error, message, remedy, retryable },
      startedAt: null,
      costInUsd: null,
    });
    expect(error).toBe('InvalidRenderRequest');
  });

  test('a render that is stopped, with what became of it', async () => {
    const executionArn = await start(requestOf('stopped', { durationInSeconds: 20 }));
    const started = await nextEvent('Render Started');
    await sfn.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause: 'No longer wanted' }));
    const { detail } = await nextEvent('Render Cancelled');
    expect(detail).toMatchObject({
      jobId: 'stopped',
      renderId: started.detail.renderId,
      executionArn,
      status: 'ABORTED',
      outcome: 'Cancelled',
      error: { name: 'RenderCancelled', message: expect.stringContaining('Stopped: No longer wanted') },
    });
  });
});

test('no event of the workflow starts a render', async () => {
  const { executions = [] } = await sfn.send(
    new ListExecutionsCommand({ stateMachineArn: machine.stack.outputs.StateMachineArn }),
  );
  expect(executions).toHaveLength(3);
});
