import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AwsRequest, LocalService } from '../../../local/aws.ts';
import { AwsError } from '../../../local/aws.ts';
import type { LocalPipe } from '../../../local/cloud-assembly/local-stack.ts';
import { type RunningPipe, startPipe } from '../../../local/pipes/start-pipe.ts';
import { until } from '../lambda/until.ts';
import { role, startTestGateway, type TestGateway } from '../test-gateway.ts';

const arnOf = (queue: string) => `arn:aws:sqs:us-east-1:123456789012:${queue}`;
const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:renders';
const takeRequests = {
  Effect: 'Allow' as const,
  Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  Resource: '*',
};
const startExecutions = { Effect: 'Allow' as const, Action: 'states:StartExecution', Resource: MACHINE };
const pipeRole = role('Pipe', [takeRequests, startExecutions], 'pipes.amazonaws.com');
const roleThatMayNotStart = role('NoStart', [takeRequests], 'pipes.amazonaws.com');
const roleOfLambda = role('OfLambda', [takeRequests, startExecutions]);

let machine: TestGateway;
let sqs: SQSClient;
let pipes: RunningPipe[] = [];
let started: { input: string }[] = [];
let errors: string[] = [];
let refuse: AwsError | undefined;

/** StartExecution, and nothing else of Step Functions. */
const stepFunctions: LocalService = {
  signingName: 'states',
  authorizations: ({ body }) => [
    { action: 'states:StartExecution', resource: JSON.parse(body.toString()).stateMachineArn },
  ],
  async handle({ headers, body }: AwsRequest) {
    if (refuse) throw refuse;
    expect(headers['x-amz-target']).toBe('AWSStepFunctions.StartExecution');
    started.push(JSON.parse(body.toString()));
    return { status: 200, body: '{}' };
  },
  errorResponse: ({ code, message, status }) => ({
    status,
    body: JSON.stringify({ __type: code, message }),
  }),
};

beforeEach(async () => {
  started = [];
  errors = [];
  refuse = undefined;
  const redrive = { deadLetterQueueArn: arnOf('dead-letters'), maximumReceiveCount: 2 };
  machine = await startTestGateway({
    roles: [pipeRole, roleThatMayNotStart, roleOfLambda],
    queues: [{ name: 'dead-letters' }, { name: 'requests', visibilityTimeoutInSeconds: 1, redrive }],
  });
  sqs = new SQSClient(machine.client());
});
afterEach(async () => {
  await Promise.all(pipes.map((pipe) => pipe.stop()));
  pipes = [];
  sqs.destroy();
  await machine.stop();
});

function start(roleArn: string, inputTemplate?: string): void {
  const pipe: LocalPipe = {
    logicalId: 'Pipe',
    name: 'pipe',
    arn: 'arn:aws:pipes:us-east-1:123456789012:pipe/pipe',
    roleArn,
    queueArn: arnOf('requests'),
    stateMachineArn: MACHINE,
    ...(inputTemplate && { inputTemplate }),
  };
  const onError = (message: string) => void errors.push(message);
  pipes.push(startPipe(pipe, { access: machine.access, sqs: machine.sqs, stepFunctions, onError }));
}

const urlOf = (queue: string) => `${machine.gateway.endpoint}/123456789012/${queue}`;
const send = (MessageBody: string) =>
  sqs.send(new SendMessageCommand({ QueueUrl: urlOf('requests'), MessageBody }));
const receive = async (queue: string, WaitTimeSeconds = 0) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf(queue), WaitTimeSeconds }))).Messages ?? [];

test('every message starts an execution with a list of one input, and is deleted', async () => {
  start(pipeRole.arn, '{"id": <$.messageId>, "detail": <$.body>}');
  const ids = await Promise.all(['{"a": 1}', 'no json'].map(async (body) => (await send(body)).MessageId));
  await until(() => started.length === 2);
  const inputs = started.map(({ input }) => JSON.parse(input));
  expect(inputs).toContainEqual([{ id: ids[0], detail: { a: 1 } }]);
  expect(inputs).toContainEqual([{ id: ids[1], detail: 'no json' }]);
  await until(() => machine.access.calls.filter(({ action }) => action === 'sqs:DeleteMessage').length === 2);
  expect(await receive('requests', 2)).toEqual([]);
  expect(errors).toEqual([]);
});

test('without a template the execution gets the record of the message', async () => {
  start(pipeRole.arn);
  await send('{"a": 1}');
  await until(() => started.length === 1);
  expect(JSON.parse(started[0]?.input ?? '')).toEqual([
    expect.objectContaining({
      body: '{"a": 1}',
      eventSource: 'aws:sqs',
      eventSourceARN: arnOf('requests'),
      attributes: expect.objectContaining({ ApproximateReceiveCount: '1' }),
    }),
  ]);
});

test('a message that starts nothing comes again, and then goes to the dead-letter queue as it was', async () => {
  refuse = new AwsError('ExecutionLimitExceeded', 'too many');
  start(pipeRole.arn);
  await send('once more');
  await until(() => errors.length === 2);
  expect(errors[0]).toContain('ExecutionLimitExceeded: too many');
  expect((await receive('dead-letters', 5)).map(({ Body }) => Body)).toEqual(['once more']);
  expect(started).toEqual([]);
});

test('a pipe whose role may not start executions starts none', async () => {
  start(roleThatMayNotStart.arn);
  await send('{}');
  await until(() => errors.length > 0);
  expect(errors[0]).toContain('is not authorized to perform: states:StartExecution');
  expect(started).toEqual([]);
});

test('a pipe cannot use the role of another service', async () => {
  start(roleOfLambda.arn);
  await send('{}');
  await until(() => errors.length > 0);
  expect(errors[0]).toContain('pipes.amazonaws.com is not authorized to perform: sts:AssumeRole');
  expect(started).toEqual([]);
});

test('a pipe that waits for a message stops at once', async () => {
  start(pipeRole.arn);
  await until(() => machine.access.calls.some(({ action }) => action === 'sqs:ReceiveMessage'));
  const before = Date.now();
  await pipes[0]?.stop();
  expect(Date.now() - before).toBeLessThan(1000);
});
