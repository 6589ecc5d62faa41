import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { jest } from '@jest/globals';
import { type Launched, launch } from '../../local/launch.ts';
import { signedFetch } from '../../proof/permissions/signed-fetch.ts';
import type { RenderResult } from '../../statemachine/contract.ts';

jest.setTimeout(60_000);

let machine: Launched;
let sfn: SFNClient;
let sqs: SQSClient;

beforeAll(async () => {
  machine = await launch();
  sfn = new SFNClient(machine.clientConfig);
  sqs = new SQSClient(machine.clientConfig);
});
afterAll(() => machine?.stop());

const output = (name: string) => machine.stack.outputs[name] ?? '';

/** Fails at once, by name. */
const wrongRequest = (jobId: string) => ({ jobId, render: { composition: 'HelloWorld', codec: 'h266' } });

/** Half a second of the example, small. */
const smallRequest = {
  render: {
    composition: 'HelloWorld',
    codec: 'h264',
    inputProps: { durationInSeconds: 0.5 },
    framesPerLambda: 15,
    scale: 0.25,
  },
};

async function executions(): Promise<DescribeExecutionOutput[]> {
  const { executions = [] } = await sfn.send(
    new ListExecutionsCommand({ stateMachineArn: output('StateMachineArn') }),
  );
  return Promise.all(
    executions.map(({ executionArn }) => sfn.send(new DescribeExecutionCommand({ executionArn }))),
  );
}

/** The executions whose input has the text, once there are as many as expected and all have ended. */
async function endedWith(text: string, count = 1): Promise<DescribeExecutionOutput[]> {
  for (;;) {
    const found = (await executions()).filter(({ input }) => input?.includes(text));
    if (found.length >= count && found.every(({ status }) => status !== 'RUNNING')) return found;
    await sleep(100);
  }
}

const send = (MessageBody: string) =>
  sqs.send(new SendMessageCommand({ QueueUrl: output('RenderQueueUrl'), MessageBody }));

/** Takes the next message from the dead-letter queue; it must come within five seconds. */
async function takeDeadLetter() {
  const QueueUrl = output('RenderQueueDeadLettersUrl');
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  const [message] = Messages;
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
  return JSON.parse(message?.Body ?? 'null');
}

describe('a message of the queue', () => {
  test('is rendered once although it is there twice, under the jobId of the request', async () => {
    const body = JSON.stringify({ jobId: 'by-message', ...smallRequest });
    await Promise.all([send(body), send(body)]);
    const ended = await endedWith('by-message', 2);
    expect(ended.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    const results = ended.map((each) => JSON.parse(each.output ?? '') as RenderResult);
    expect(results[0]).toMatchObject({ jobId: 'by-message', framesRendered: 15 });
    expect(results[1]?.s3Uri).toBe(results[0]?.s3Uri);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: output('RenderQueueUrl'), AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  });

  test.each([
    ['a wrong request', JSON.stringify({ render: { codec: 'h266' } }), 'render.codec: given "h266"'],
    ['text that is no JSON', 'render it', 'request: given a string'],
    ['a list', '[{"render": {}}]', 'request: given an array'],
    ['null', 'null', 'request: given null'],
  ])(
    'that is %s ends in the dead-letter queue with the reason, under its own id',
    async (_what, body, why) => {
      const { MessageId } = await send(body);
      const { detail } = await takeDeadLetter();
      expect(detail).toMatchObject({ status: 'FAILED', error: 'InvalidRenderRequest' });
      expect(JSON.parse(detail.cause)).toMatchObject({
        jobId: MessageId,
        message: expect.stringContaining(why),
        remedy: expect.any(String),
      });
      const [execution] = await endedWith(MessageId ?? '');
      expect(execution).toMatchObject({ executionArn: detail.executionArn, cause: detail.cause });
    },
  );
});

describe('a request over HTTP', () => {
  test('is answered with the ARN of its execution, whose state is answered the same way', async () => {
    const request = wrongRequest(`by "HTTP", it's é`);
    const posted = await signedFetch(
      output('RenderApiUrl'),
      machine.clientConfig.credentials,
      JSON.stringify(request),
    );
    expect(posted.status).toBe(200);
    const { executionArn } = (await posted.json()) as { executionArn: string };
    expect(executionArn).toContain(':execution:');
    const name = executionArn.split(':').at(-1);
    const describe = async () => {
      const url = `${output('RenderApiUrl')}/${name}`;
      const response = await signedFetch(url, machine.clientConfig.credentials);
      return (await response.json()) as DescribeExecutionOutput;
    };
    while ((await describe()).status === 'RUNNING') await sleep(100);
    const state = await describe();
    expect(state).toMatchObject({ executionArn, status: 'FAILED', error: 'InvalidRenderRequest' });
    expect(JSON.parse(state.input ?? '')).toEqual(request);
  });

  test('without a signature starts nothing', async () => {
    const before = (await executions()).length;
    const response = await fetch(output('RenderApiUrl'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(smallRequest),
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ message: 'Missing Authentication Token' });
    expect((await executions()).length).toBe(before);
  });

  test('of a role that may not call the API starts nothing', async () => {
    const role = machine.stack.roles.find(({ name }) => name.includes('CopyToBucket'));
    const signer = machine.access.issueCredentials(role?.arn ?? '');
    const response = await signedFetch(output('RenderApiUrl'), signer, JSON.stringify(smallRequest));
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({
      Message: expect.stringContaining('is not authorized to perform: execute-api:Invoke'),
    });
  });

  test('for an execution that does not exist says so', async () => {
    const url = `${output('RenderApiUrl')}/nothing`;
    const response = await signedFetch(url, machine.clientConfig.credentials);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: 'ExecutionDoesNotExist' });
  });
});

test('an event and a call of StartExecution start executions of the same workflow', async () => {
  const events = new EventBridgeClient(machine.clientConfig);
  const Detail = JSON.stringify(wrongRequest('by-event'));
  const EventBusName = output('EventBusName');
  await events.send(
    new PutEventsCommand({
      Entries: [{ EventBusName, Source: 'test', DetailType: 'Render Requested', Detail }],
    }),
  );
  await sfn.send(
    new StartExecutionCommand({
      stateMachineArn: output('StateMachineArn'),
      input: JSON.stringify(wrongRequest('by-call')),
    }),
  );
  for (const jobId of ['by-event', 'by-call']) {
    const [execution] = await endedWith(jobId);
    expect(execution).toMatchObject({ error: 'InvalidRenderRequest' });
    expect(JSON.parse(execution?.cause ?? '')).toMatchObject({ jobId });
  }
});

test('the failures of other ways in do not come to the dead-letter queue of the queue', async () => {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: output('RenderQueueDeadLettersUrl'), AttributeNames: ['All'] }),
  );
  expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0' });
});

test('every grant of the roles of the ways in was used, and the only call denied was the one meant to be', () => {
  const { pipes, restApis, roles } = machine.stack;
  const actionsOf = (roleArn = '') => {
    const own = machine.calls.filter(({ principal }) => principal === roleArn);
    return [...new Set(own.map(({ action }) => action))].sort();
  };
  expect(actionsOf(pipes[0]?.roleArn)).toEqual([
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
    'states:StartExecution',
  ]);
  expect(actionsOf(restApis[0]?.methods[0]?.roleArn)).toEqual([
    'states:DescribeExecution',
    'states:StartExecution',
  ]);
  const denied = machine.calls.filter(({ decision }) => decision === 'Deny');
  expect(denied.map(({ principal, action }) => [principal, action])).toEqual([
    [roles.find(({ name }) => name.includes('CopyToBucket'))?.arn, 'execute-api:Invoke'],
  ]);
});
