import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { jest } from '@jest/globals';
import { AwsError } from '../../../local/aws.ts';
import { VirtualClock } from '../../../local/clock.ts';
import type { LocalEventRule, LocalRuleTarget } from '../../../local/cloud-assembly/local-stack.ts';
import type { Delivery } from '../../../local/eventbridge/event-delivery.ts';
import {
  createEventBridgeService,
  type EventBridgeService,
} from '../../../local/eventbridge/eventbridge-service.ts';
import { role, startTestGateway, type TestGateway } from '../test-gateway.ts';

const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:Workflow';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:cancel-render';
const DEAD_LETTERS = 'arn:aws:sqs:us-east-1:123456789012:dead-letters';
const ruleArn = (name: string) => `arn:aws:events:us-east-1:123456789012:rule/${name}`;
const starter = role(
  'Starter',
  [{ Effect: 'Allow', Action: 'states:StartExecution', Resource: MACHINE }],
  'events.amazonaws.com',
);
const idler = role('Idler', [], 'events.amazonaws.com');
const publisher = role('Publisher', [
  {
    Effect: 'Allow',
    Action: 'events:PutEvents',
    Resource: 'arn:aws:events:us-east-1:123456789012:event-bus/renders',
    Condition: { StringEquals: { 'events:source': 'shop' } },
  },
]);

function rule(
  name: string,
  source: string,
  target: Partial<LocalRuleTarget>,
  more: Partial<LocalEventRule> = {},
) {
  return {
    logicalId: name,
    name,
    arn: ruleArn(name),
    busName: 'renders',
    eventPattern: { source: [source] },
    enabled: true,
    targets: [
      { id: 'Target0', arn: MACHINE, maximumRetryAttempts: 2, maximumEventAgeInSeconds: 3600, ...target },
    ],
    ...more,
  } satisfies LocalEventRule;
}

const rules: LocalEventRule[] = [
  rule('requested', 'shop', { roleArn: starter.arn, deadLetterQueueArn: DEAD_LETTERS }),
  rule('disabled', 'shop', { roleArn: starter.arn }, { enabled: false }),
  rule('status', 'aws.states', { arn: FUNCTION, inputPath: '$.detail' }, { busName: 'default' }),
  rule('constant', 'constant', { roleArn: starter.arn, input: '{"fixed":true}' }),
  rule('powerless', 'powerless', { roleArn: idler.arn, deadLetterQueueArn: DEAD_LETTERS }),
  rule('untrusted', 'untrusted', { roleArn: publisher.arn, deadLetterQueueArn: DEAD_LETTERS }),
  rule('impatient', 'impatient', {
    roleArn: starter.arn,
    deadLetterQueueArn: DEAD_LETTERS,
    maximumRetryAttempts: 185,
    maximumEventAgeInSeconds: 60,
  }),
  rule('no-queue', 'no-queue', { roleArn: idler.arn }),
  rule('no-permission', 'no-permission', {
    roleArn: idler.arn,
    deadLetterQueueArn: `${DEAD_LETTERS}-closed`,
  }),
];

const deliver = jest.fn<(delivery: Delivery) => Promise<void>>();
const onLost = jest.fn<(message: string) => void>();
const clock = new VirtualClock();
let machine: TestGateway;
let eventBridge: EventBridgeService;
let client: EventBridgeClient;
let sqs: SQSClient;
let QueueUrl: string;

beforeAll(async () => {
  machine = await startTestGateway({
    roles: [starter, idler, publisher],
    queueNames: ['dead-letters', 'dead-letters-closed'],
    resourcePolicies: {
      [DEAD_LETTERS]: rules.map(({ arn }) => ({
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: DEAD_LETTERS,
        Condition: { ArnEquals: { 'aws:SourceArn': arn } },
      })),
      [FUNCTION]: [
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'lambda:InvokeFunction',
          Resource: FUNCTION,
        },
      ],
    },
    more(access, sqs) {
      eventBridge = createEventBridgeService({
        access,
        sqs,
        clock,
        deliver,
        onLost,
        busNames: ['renders'],
        rules,
      });
      return [eventBridge];
    },
  });
  client = new EventBridgeClient(machine.client());
  sqs = new SQSClient(machine.client());
  QueueUrl = `${machine.gateway.endpoint}/123456789012/dead-letters`;
});

beforeEach(() => {
  deliver.mockReset().mockResolvedValue();
  onLost.mockReset();
});

afterAll(async () => {
  client.destroy();
  sqs.destroy();
  await eventBridge.stop();
  await machine.stop();
});

async function putEvent(Source: string, detail: unknown = { jobId: '1' }, from = client) {
  const answer = await from.send(
    new PutEventsCommand({
      Entries: [
        { EventBusName: 'renders', Source, DetailType: 'Render Requested', Detail: JSON.stringify(detail) },
      ],
    }),
  );
  await eventBridge.idle();
  return answer.Entries?.[0];
}

/** Takes the one message off the dead-letter queue. */
async function receive(): Promise<{ body: unknown; attributes: Record<string, string | undefined> }> {
  const messages = await receiveAll();
  expect(messages).toHaveLength(1);
  return messages[0] as Awaited<ReturnType<typeof receive>>;
}

async function receiveAll() {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MaxNumberOfMessages: 10 }),
  );
  for (const { ReceiptHandle } of Messages)
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return Messages.map(({ Body = '', MessageAttributes = {} }) => ({
    body: JSON.parse(Body),
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
    ),
  }));
}

describe('PutEvents', () => {
  test('delivers a matching event with AWS’s envelope, as the rule’s role', async () => {
    const entry = await putEvent('shop', { jobId: 'order-4711' });
    expect(deliver).toHaveBeenCalledTimes(1);
    const { caller, input, rule, target } = (deliver.mock.calls[0] as [Delivery])[0];
    expect({ caller, rule: rule.name, target: target.arn }).toMatchObject({
      caller: { kind: 'role', roleArn: starter.arn },
      rule: 'requested',
      target: MACHINE,
    });
    expect(JSON.parse(input)).toEqual({
      version: '0',
      id: entry?.EventId,
      'detail-type': 'Render Requested',
      source: 'shop',
      account: '123456789012',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'us-east-1',
      resources: [],
      detail: { jobId: 'order-4711' },
    });
    expect(machine.access.calls.slice(-2)).toMatchObject([
      {
        principal: 'events.amazonaws.com',
        action: 'sts:AssumeRole',
        resource: starter.arn,
        decision: 'Allow',
      },
      { principal: starter.arn, action: 'states:StartExecution', resource: MACHINE, decision: 'Allow' },
    ]);
  });

  test('delivers nothing that no rule matches', async () => {
    expect(await putEvent('nobody')).toMatchObject({ EventId: expect.any(String) });
    expect(deliver).not.toHaveBeenCalled();
  });

  test('can give the target a constant in place of the event', async () => {
    await putEvent('constant');
    expect(deliver.mock.calls[0]?.[0].input).toBe('{"fixed":true}');
  });

  test('names what is wrong with an entry and takes the others', async () => {
    const entry = { EventBusName: 'renders', Source: 'shop', DetailType: 'Render Requested', Detail: '{}' };
    const { FailedEntryCount, Entries = [] } = await client.send(
      new PutEventsCommand({
        Entries: [
          entry,
          { ...entry, Source: undefined },
          { ...entry, DetailType: '' },
          { ...entry, Detail: undefined },
          { ...entry, Detail: '{' },
          { ...entry, Detail: '[]' },
          { ...entry, Source: 'aws.states' },
          { ...entry, EventBusName: 'none' },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(7);
    expect(Entries.map(({ EventId, ErrorCode }) => ErrorCode ?? typeof EventId)).toEqual([
      'string',
      'InvalidArgument',
      'InvalidArgument',
      'InvalidArgument',
      'MalformedDetail',
      'MalformedDetail',
      'NotAuthorizedForSourceException',
      'ResourceNotFoundException',
    ]);
    await eventBridge.idle();
    expect(deliver).toHaveBeenCalledTimes(1);
  });

  test('takes one to ten entries', async () => {
    const entry = { Source: 'shop', DetailType: 'x', Detail: '{}' };
    await expect(client.send(new PutEventsCommand({ Entries: [] }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(
      client.send(new PutEventsCommand({ Entries: Array.from({ length: 11 }, () => entry) })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('needs the permission for the bus, and for the source where the policy says so', async () => {
    const allowed = new EventBridgeClient(machine.client(publisher.arn));
    await putEvent('shop', {}, allowed);
    await expect(putEvent('other', {}, allowed)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(
      allowed.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'x', Detail: '{}' }] })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('event-bus/default'),
    });
    allowed.destroy();
  });
});

test('events of services reach rules on the default bus, a function by its own policy', async () => {
  eventBridge.publish({
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: ['arn:execution'],
    detail: { status: 'ABORTED' },
  });
  await eventBridge.idle();
  expect(deliver.mock.calls[0]?.[0]).toMatchObject({
    caller: { kind: 'service', service: 'events.amazonaws.com', sourceArn: ruleArn('status') },
    input: '{"status":"ABORTED"}',
    event: { resources: ['arn:execution'], 'detail-type': 'Step Functions Execution Status Change' },
  });
});

describe('a delivery that fails', () => {
  test('is tried again, and done when it succeeds', async () => {
    deliver.mockRejectedValueOnce(new AwsError('ThrottlingException', 'Rate exceeded', 429));
    await putEvent('shop');
    expect(deliver).toHaveBeenCalledTimes(2);
    expect(await receiveAll()).toEqual([]);
  });

  test('goes to the dead-letter queue after the last attempt, and says why', async () => {
    deliver.mockRejectedValue(new AwsError('ServiceUnavailable', 'Try later', 503));
    const entry = await putEvent('shop', { jobId: 'lost' });
    expect(deliver).toHaveBeenCalledTimes(3);
    const { body, attributes } = await receive();
    expect(body).toMatchObject({ id: entry?.EventId, detail: { jobId: 'lost' } });
    expect(attributes).toEqual({
      RULE_ARN: ruleArn('requested'),
      TARGET_ARN: MACHINE,
      ERROR_CODE: 'INTERNAL_ERROR',
      ERROR_MESSAGE: 'Try later',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '2',
    });
  });

  test('goes there when the event is too old', async () => {
    deliver.mockRejectedValue(new AwsError('TooManyRequestsException', 'Too many', 429));
    await putEvent('impatient');
    expect((await receive()).attributes).toMatchObject({
      ERROR_CODE: 'THROTTLING',
      EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds',
    });
  });

  test.each([
    [
      'the target refuses it',
      'shop',
      new AwsError('InvalidExecutionInput', 'Bad input'),
      'INVALID_PARAMETER',
    ],
    ['the target does not exist', 'shop', new AwsError('StateMachineDoesNotExist', 'None'), 'NO_RESOURCE'],
    ['the role may not call the target', 'powerless', undefined, 'NO_PERMISSIONS'],
    ['the role does not trust EventBridge', 'untrusted', undefined, 'FAILED_TO_ASSUME_ROLE'],
  ])('goes there at once when %s', async (_, source, error, ERROR_CODE) => {
    if (error) deliver.mockRejectedValue(error);
    await putEvent(source);
    expect((await receive()).attributes).toMatchObject({ ERROR_CODE, RETRY_ATTEMPTS: '0' });
  });

  test.each([
    ['there is no queue', 'no-queue', 'the target has no dead-letter queue'],
    [
      'the queue’s policy does not let the rule send',
      'no-permission',
      'not authorized to perform: sqs:SendMessage',
    ],
  ])('is reported as lost when %s', async (_, source, why) => {
    await putEvent(source);
    expect(onLost).toHaveBeenCalledWith(expect.stringContaining(why));
  });
});

test('what is not done is refused by name', async () => {
  await expect(client.send(new ListRulesCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: 'The one-machine run does not do events:ListRules.',
  });
  const target = { arn: 'arn:aws:sns:us-east-1:123456789012:topic' };
  expect(() =>
    createEventBridgeService({
      access: machine.access,
      sqs: machine.sqs,
      clock,
      deliver,
      onLost,
      busNames: [],
      rules: [rule('topic', 'shop', target)],
    }),
  ).toThrow('topic/Targets: arn:aws:sns:us-east-1:123456789012:topic is no supported target');
});
