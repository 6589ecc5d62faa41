import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type DescribeExecutionOutput, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { signedFetch } from '../../proof/permissions/signed-fetch.ts';
import { smallRender, testMachine } from './test-machine.ts';

const on = testMachine();
const { executions, endedWith } = on;

const output = (name: string) => on.machine.stack.outputs[name] ?? '';

/** Fails at once, by name. */
const wrongRequest = (jobId: string) => ({ jobId, render: { composition: 'HelloWorld', codec: 'h266' } });

const send = (MessageBody: string) =>
  on.sqs.send(new SendMessageCommand({ QueueUrl: output('RenderQueueUrl'), MessageBody }));

/** Takes the next message from the dead-letter queue; it must come within five seconds. */
async function takeDeadLetter() {
  const QueueUrl = output('RenderQueueDeadLettersUrl');
  const { Messages = [] } = await on.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  const [message] = Messages;
  await on.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
  return JSON.parse(message?.Body ?? 'null');
}

describe('a message of the queue', () => {
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
      on.machine.clientConfig.credentials,
      JSON.stringify(request),
    );
    expect(posted.status).toBe(200);
    const { executionArn } = (await posted.json()) as { executionArn: string };
    expect(executionArn).toContain(':execution:');
    const name = executionArn.split(':').at(-1);
    const describe = async () => {
      const url = `${output('RenderApiUrl')}/${name}`;
      const response = await signedFetch(url, on.machine.clientConfig.credentials);
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
      body: JSON.stringify({ render: smallRender }),
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ message: 'Missing Authentication Token' });
    expect((await executions()).length).toBe(before);
  });

  test('of a role that may not call the API starts nothing', async () => {
    const role = on.machine.stack.roles.find(({ name }) => name.includes('CopyToBucket'));
    const signer = on.machine.access.issueCredentials(role?.arn ?? '');
    const response = await signedFetch(
      output('RenderApiUrl'),
      signer,
      JSON.stringify({ render: smallRender }),
    );
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({
      Message: expect.stringContaining('is not authorized to perform: execute-api:Invoke'),
    });
  });

  test('for an execution that does not exist says so', async () => {
    const url = `${output('RenderApiUrl')}/nothing`;
    const response = await signedFetch(url, on.machine.clientConfig.credentials);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: 'ExecutionDoesNotExist' });
  });
});

test('an event and a call of StartExecution start executions of the same workflow', async () => {
  const events = new EventBridgeClient(on.machine.clientConfig);
  const Detail = JSON.stringify(wrongRequest('by-event'));
  const EventBusName = output('EventBusName');
  await events.send(
    new PutEventsCommand({
      Entries: [{ EventBusName, Source: 'test', DetailType: 'Render Requested', Detail }],
    }),
  );
  await on.sfn.send(
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
  const { Attributes } = await on.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: output('RenderQueueDeadLettersUrl'), AttributeNames: ['All'] }),
  );
  expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0' });
});

test('every grant of the roles of the ways in was used, and the only call denied was the one meant to be', () => {
  const { pipes, restApis, roles } = on.machine.stack;
  const actionsOf = (roleArn = '') => {
    const own = on.machine.calls.filter(({ principal }) => principal === roleArn);
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
  const denied = on.machine.calls.filter(({ decision }) => decision === 'Deny');
  expect(denied.map(({ principal, action }) => [principal, action])).toEqual([
    [roles.find(({ name }) => name.includes('CopyToBucket'))?.arn, 'execute-api:Invoke'],
  ]);
});
