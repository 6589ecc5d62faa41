import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { role, startTestGateway, type TestGateway } from '../test-gateway.ts';

const ARN = 'arn:aws:sqs:us-east-1:123456789012:dead-letters';
const watcher = role('Watcher', [
  { Effect: 'Allow', Action: ['sqs:ReceiveMessage', 'sqs:GetQueueUrl'], Resource: ARN },
]);
let machine: TestGateway;
let sqs: SQSClient;
let QueueUrl: string;

beforeAll(async () => {
  machine = await startTestGateway({ roles: [watcher], queueNames: ['dead-letters'] });
  sqs = new SQSClient(machine.client());
  QueueUrl = `${machine.gateway.endpoint}/123456789012/dead-letters`;
});

afterAll(async () => {
  sqs.destroy();
  await machine.stop();
});

test('queues have this machine’s address, account and region', async () => {
  expect(await sqs.send(new GetQueueUrlCommand({ QueueName: 'dead-letters' }))).toMatchObject({ QueueUrl });
  expect(await sqs.send(new ListQueuesCommand({}))).toMatchObject({ QueueUrls: [QueueUrl] });
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({ QueueArn: ARN });
});

test('messages are sent, received and deleted', async () => {
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages.map(({ Body }) => Body)).toEqual(['hello']);
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
  });
});

test('services of the machine send messages with attributes', async () => {
  await machine.sqs.sendMessage(ARN, '{"id":"1"}', { ERROR_CODE: 'NO_RESOURCE' });
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }),
  );
  expect(Messages).toEqual([
    expect.objectContaining({
      Body: '{"id":"1"}',
      MessageAttributes: { ERROR_CODE: { DataType: 'String', StringValue: 'NO_RESOURCE' } },
    }),
  ]);
  await expect(machine.sqs.sendMessage(`${ARN}-other`, 'x', {})).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
  });
});

test('a role may do with a queue what its policy allows', async () => {
  const client = new SQSClient(machine.client(watcher.arn));
  await client.send(new GetQueueUrlCommand({ QueueName: 'dead-letters' }));
  await client.send(new ReceiveMessageCommand({ QueueUrl }));
  await expect(client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining(`sqs:SendMessage on resource: ${ARN}`),
  });
  client.destroy();
});

test('a queue that does not exist and an operation that is not done are refused by name', async () => {
  await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
  });
  await expect(sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: {} }))).rejects.toMatchObject({
    name: 'InvalidAction',
    message: 'The one-machine run does not do sqs:SetQueueAttributes.',
  });
});
