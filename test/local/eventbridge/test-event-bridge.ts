import { EventBridgeClient, PutEventsCommand, type PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { jest } from '@jest/globals';
import { VirtualClock } from '../../../local/clock.ts';
import type { LocalEventRule, LocalRuleTarget } from '../../../local/cloud-assembly/local-stack.ts';
import type { Delivery } from '../../../local/eventbridge/event-delivery.ts';
import {
  createEventBridgeService,
  type EventBridgeService,
} from '../../../local/eventbridge/eventbridge-service.ts';
import { role, startTestGateway, type TestGateway } from '../test-gateway.ts';

export const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:Workflow';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:cancel-render';
const DEAD_LETTERS = 'arn:aws:sqs:us-east-1:123456789012:dead-letters';
export const ruleArn = (name: string) => `arn:aws:events:us-east-1:123456789012:rule/${name}`;
export const starter = role(
  'Starter',
  [{ Effect: 'Allow', Action: 'states:StartExecution', Resource: MACHINE }],
  'events.amazonaws.com',
);
const idler = role('Idler', [], 'events.amazonaws.com');
export const publisher = role('Publisher', [
  {
    Effect: 'Allow',
    Action: 'events:PutEvents',
    Resource: 'arn:aws:events:us-east-1:123456789012:event-bus/renders',
    Condition: {
      'ForAllValues:StringEquals': { 'events:source': 'shop' },
      Null: { 'events:source': 'false' },
    },
  },
]);

export function rule(
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

export const deliver = jest.fn<(delivery: Delivery) => Promise<void>>();
export const onLost = jest.fn<(message: string) => void>();
export const clock = new VirtualClock();

interface DeadLetter {
  body: unknown;
  attributes: Record<string, string | undefined>;
}

interface TestEventBridge {
  machine: TestGateway;
  service: EventBridgeService;
  client: EventBridgeClient;
  /** Puts one event on the bus `renders` and waits until nothing is under way. */
  putEvent(
    source: string,
    detail?: unknown,
    from?: EventBridgeClient,
  ): Promise<PutEventsResultEntry | undefined>;
  /** Takes the one message off the dead-letter queue. */
  receive(): Promise<DeadLetter>;
  receiveAll(): Promise<DeadLetter[]>;
}

/** EventBridge with `rules`, whose targets are `deliver`, for the tests of one file: is there when they begin. */
export function testEventBridge(): TestEventBridge {
  let sqs: SQSClient;
  let QueueUrl: string;
  const bridge = { putEvent, receive, receiveAll } as TestEventBridge;

  beforeAll(async () => {
    bridge.machine = await startTestGateway({
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
        bridge.service = createEventBridgeService({
          access,
          sqs,
          clock,
          deliver,
          onLost,
          busNames: ['renders'],
          rules,
        });
        return [bridge.service];
      },
    });
    bridge.client = new EventBridgeClient(bridge.machine.client());
    sqs = new SQSClient(bridge.machine.client());
    QueueUrl = `${bridge.machine.gateway.endpoint}/123456789012/dead-letters`;
  });

  beforeEach(() => {
    deliver.mockReset().mockResolvedValue();
    onLost.mockReset();
  });

  afterAll(async () => {
    bridge.client.destroy();
    sqs.destroy();
    await bridge.service.stop();
    await bridge.machine.stop();
  });

  async function putEvent(Source: string, detail: unknown = { jobId: '1' }, from = bridge.client) {
    const answer = await from.send(
      new PutEventsCommand({
        Entries: [
          { EventBusName: 'renders', Source, DetailType: 'Render Requested', Detail: JSON.stringify(detail) },
        ],
      }),
    );
    await bridge.service.idle();
    return answer.Entries?.[0];
  }

  async function receive(): Promise<DeadLetter> {
    const messages = await receiveAll();
    expect(messages).toHaveLength(1);
    return messages[0] as DeadLetter;
  }

  async function receiveAll(): Promise<DeadLetter[]> {
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

  return bridge;
}
