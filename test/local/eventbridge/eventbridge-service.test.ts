import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Delivery } from '../../../local/eventbridge/event-delivery.ts';
import { createEventBridgeService } from '../../../local/eventbridge/eventbridge-service.ts';
import {
  clock,
  deliver,
  MACHINE,
  onLost,
  publisher,
  rule,
  ruleArn,
  starter,
  testEventBridge,
} from './test-event-bridge.ts';

const bridge = testEventBridge();
const { putEvent } = bridge;

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
    expect(bridge.machine.access.calls.slice(-2)).toMatchObject([
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
    const { FailedEntryCount, Entries = [] } = await bridge.client.send(
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
    await bridge.service.idle();
    expect(deliver).toHaveBeenCalledTimes(1);
  });

  test('takes one to ten entries', async () => {
    const entry = { Source: 'shop', DetailType: 'x', Detail: '{}' };
    await expect(bridge.client.send(new PutEventsCommand({ Entries: [] }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(
      bridge.client.send(new PutEventsCommand({ Entries: Array.from({ length: 11 }, () => entry) })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('needs the permission for the bus, and for the source where the policy says so', async () => {
    const allowed = new EventBridgeClient(bridge.machine.client(publisher.arn));
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
  bridge.service.publish({
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: ['arn:execution'],
    detail: { status: 'ABORTED' },
  });
  await bridge.service.idle();
  expect(deliver.mock.calls[0]?.[0]).toMatchObject({
    caller: { kind: 'service', service: 'events.amazonaws.com', sourceArn: ruleArn('status') },
    input: '{"status":"ABORTED"}',
    event: { resources: ['arn:execution'], 'detail-type': 'Step Functions Execution Status Change' },
  });
});

test('what is not done is refused by name', async () => {
  await expect(bridge.client.send(new ListRulesCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: 'The one-machine run does not do events:ListRules.',
  });
  const target = { arn: 'arn:aws:sns:us-east-1:123456789012:topic' };
  expect(() =>
    createEventBridgeService({
      access: bridge.machine.access,
      sqs: bridge.machine.sqs,
      clock,
      deliver,
      onLost,
      busNames: [],
      rules: [rule('topic', 'shop', target)],
    }),
  ).toThrow('topic/Targets: arn:aws:sns:us-east-1:123456789012:topic is no supported target');
});
