import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { answer, type Fn, setting } from './broken-answers.ts';
import { doctorOnMachine } from './doctor-on-machine.ts';

const doctor = doctorOnMachine();
const { on, examine, testBroken } = doctor;

describe('events and queues', () => {
  testBroken([
    [
      'event-bus',
      'fail',
      setting({ EVENT_BUS_ARN: 'arn:aws:events:us-east-1:123456789012:event-bus/none' }),
      /none is not there/,
      /cdk deploy/,
    ],
    [
      'rules',
      'fail',
      answer<Fn>('events:DescribeRule', (rule) => ({ ...rule, State: 'DISABLED' }), /event-bus|rule\/.*\//),
      /is disabled: events start no render/,
      /aws events enable-rule --name/,
    ],
    [
      'rules',
      'fail',
      answer('events:ListRuleNamesByTarget', () => ({ RuleNames: [] }), /rule\/\*$/),
      /a rule is missing: the renders of stopped executions go on/,
      /cdk deploy/,
    ],
    [
      'rules',
      'fail',
      async (call, next) =>
        String(call.request.body).includes('RenderBatchSumm')
          ? { status: 200, body: '{"RuleNames":[]}' }
          : next(),
      /^a rule is missing: stopped batches have no results$/,
      /cdk deploy/,
    ],
    [
      'pipe',
      'fail',
      answer<{ Pipes: Fn[] }>('pipes:ListPipes', ({ Pipes }) => ({
        Pipes: Pipes.map((pipe) => ({ ...pipe, CurrentState: 'STOPPED' })),
      })),
      /is STOPPED, and requests wait/,
      /aws pipes start-pipe --name/,
    ],
    ['pipe', 'fail', answer('pipes:ListPipes', () => ({ Pipes: [] })), /no pipe/, /cdk deploy/],
  ]);
});

test('a dead letter waits', async () => {
  const QueueUrl = on.machine.stack.outputs.RenderQueueDeadLettersUrl;
  await on.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
  const result = await examine('dead-letters');
  await on.sqs.send(new PurgeQueueCommand({ QueueUrl }));
  expect(result).toMatchObject({
    status: 'warn',
    found: expect.stringMatching(/^1 in RemotionStepFunctions-/),
    remedy: expect.stringContaining('docs/operations.md'),
  });
});
