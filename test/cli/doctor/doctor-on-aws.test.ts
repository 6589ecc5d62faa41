import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
} from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { GetPublicAccessBlockCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeStateMachineCommand,
  ListStateMachinesCommand,
  SFNClient,
  type StateMachineListItem,
} from '@aws-sdk/client-sfn';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { accountPublicAccessBlock } from '../../../cli/doctor/account-public-access-block.ts';
import { ALL_CHECKS } from '../../../cli/doctor/all-checks.ts';
import { createDoctorClients } from '../../../cli/doctor/doctor-clients.ts';
import { runChecks } from '../../../cli/doctor/run-checks.ts';
import { WorkflowFacts } from '../../../cli/doctor/workflow-facts.ts';
import { createRenderClients } from '../../../cli/render-clients.ts';

const MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:Videos-RenderWorkflow';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alarms';

const sfn = mockClient(SFNClient);
const lambda = mockClient(LambdaClient);
const s3 = mockClient(S3Client);
const cloudwatch = mockClient(CloudWatchClient);
const sns = mockClient(SNSClient);
const sqs = mockClient(SQSClient);
const events = mockClient(EventBridgeClient);

let variables: Record<string, string>;

const { AWS_ENDPOINT_URL } = process.env;
beforeAll(() => {
  delete process.env.AWS_ENDPOINT_URL;
});
afterAll(() => {
  if (AWS_ENDPOINT_URL !== undefined) process.env.AWS_ENDPOINT_URL = AWS_ENDPOINT_URL;
});

beforeEach(() => {
  for (const mock of [sfn, lambda, s3, cloudwatch, sns, sqs, events]) mock.reset();
  variables = {
    REMOTION_FUNCTION_NAME: 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
    REMOTION_BUCKET_NAME: 'remotionlambda-euwest1-abc',
    DEFAULT_SERVE_URL: 'videos',
    POWERTOOLS_SERVICE_NAME: 'Videos-RenderWorkflow',
    RENDER_QUEUE_ARN: 'arn:aws:sqs:eu-west-1:123456789012:requests',
    RENDER_QUEUE_DEAD_LETTERS_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead-requests',
  };
  const step = (name: string) => ({ Arguments: { FunctionName: `arn:of:${name}` } });
  sfn.on(ListStateMachinesCommand).resolves({ stateMachines: [] });
  sfn.on(DescribeStateMachineCommand).resolves({
    stateMachineArn: MACHINE,
    status: 'ACTIVE',
    definition: JSON.stringify({
      States: { StartRender: step('StartRender'), CancelRender: step('CancelRender') },
    }),
  });
  lambda.on(GetFunctionConfigurationCommand).callsFake(() => ({ Environment: { Variables: variables } }));
});

/** A state machine of batches beside that of the renders. */
function addBatch(): void {
  const stateMachineArn = MACHINE.replace('RenderWorkflow', 'RenderWorkflow-RenderBatch');
  const names = [stateMachineArn, MACHINE].map((arn) => ({
    stateMachineArn: arn,
    name: arn.split(':').at(-1),
  }));
  sfn.on(ListStateMachinesCommand).resolves({ stateMachines: names as StateMachineListItem[] });
  sfn
    .on(DescribeStateMachineCommand, { stateMachineArn })
    .resolves({ definition: JSON.stringify({ StateMachineArn: MACHINE }) });
}

async function examine(name: string) {
  const clients = await createDoctorClients(createRenderClients({ region: 'eu-west-1' }));
  const facts = new WorkflowFacts(clients, { stateMachineArn: MACHINE });
  const checks = ALL_CHECKS.filter((check) => check.name === name);
  const [result] = await runChecks(checks, facts, () => {});
  return result;
}

describe("the account's concurrency, with nothing reserved", () => {
  test.each<[number, string | undefined, string, RegExp]>([
    [10, undefined, 'fail', /^10 functions at once, of the account: most renders need more/],
    [100, undefined, 'warn', /100 for each of 1 render at once, and Remotion may take 200/],
    [1000, undefined, 'ok', /1000 functions at once, of the account, enough for 1 render at once of 200/],
    [1000, 'a batch', 'warn', /100 for each of 10 rows of a batch at once, and Remotion may take 200/],
    [2000, 'a batch', 'ok', /enough for 10 rows of a batch at once of 200 each/],
    [1000, '10', 'warn', /100 for each of 10 renders at once/],
    [1000, '5', 'ok', /enough for 5 renders at once/],
  ])('%s functions, %s renders at once: %s', async (functions, renders, status, found) => {
    if (renders === 'a batch') addBatch();
    else if (renders) variables = { ...variables, MAX_CONCURRENT_RENDERS: renders };
    lambda.on(GetFunctionConcurrencyCommand).resolves({});
    lambda
      .on(GetAccountSettingsCommand)
      .resolves({ AccountLimit: { UnreservedConcurrentExecutions: functions, ConcurrentExecutions: 9_999 } });
    const result = await examine('concurrency');
    expect(result).toMatchObject({ status, found: expect.stringMatching(found) });
    if (status !== 'ok')
      expect(result).toMatchObject({
        remedy: expect.stringContaining('npx remotion lambda quotas increase'),
      });
  });
});

describe('public access that the account blocks', () => {
  test('is asked of S3 Control, signed for S3', async () => {
    s3.restore();
    const client = new S3Client({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      requestHandler: {
        handle: async (request: { hostname: string; path: string; headers: Record<string, string> }) => {
          sent = request;
          throw new Error('sent');
        },
      } as never,
      maxAttempts: 1,
    });
    let sent: { hostname: string; path: string; headers: Record<string, string> } | undefined;
    await expect(
      accountPublicAccessBlock(client, { account: '123456789012', region: 'eu-west-1' }),
    ).rejects.toThrow('sent');
    expect(sent).toMatchObject({
      hostname: '123456789012.s3-control.eu-west-1.amazonaws.com',
      path: '/v20180820/configuration/publicAccessBlock',
      headers: {
        host: '123456789012.s3-control.eu-west-1.amazonaws.com',
        'x-amz-account-id': '123456789012',
        authorization: expect.stringMatching(/\/eu-west-1\/s3\/aws4_request.*x-amz-account-id/),
      },
    });
  });

  test("matters to sites that Remotion's command has put into the bucket", async () => {
    const mock = mockClient(S3Client);
    mock
      .on(GetPublicAccessBlockCommand)
      .resolves({ PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true } });
    expect(await examine('account-access')).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('the account blocks that: BlockPublicAcls, IgnorePublicAcls'),
      remedy: expect.stringContaining('Turn that off for the account'),
    });
    mock
      .on(GetPublicAccessBlockCommand)
      .rejects(Object.assign(new Error(), { name: 'NoSuchPublicAccessBlockConfiguration' }));
    expect(await examine('account-access')).toMatchObject({ status: 'ok' });
    mock.restore();
  });
});

describe('alarms', () => {
  const alarm = {
    AlarmName: 'Videos-ExecutionsFailed',
    Namespace: 'AWS/States',
    Dimensions: [{ Name: 'StateMachineArn', Value: MACHINE }],
    StateValue: 'OK' as const,
    AlarmActions: [TOPIC],
    StateUpdatedTimestamp: new Date('2026-11-25T10:00:00Z'),
  };
  const others = { ...alarm, AlarmName: 'Other-Failed', Dimensions: [], StateValue: 'ALARM' as const };
  const ofQueue = {
    ...alarm,
    AlarmName: 'Videos-DeadLetters',
    Namespace: 'AWS/SQS',
    Dimensions: [{ Name: 'QueueName', Value: 'x' }],
  };

  test('that fire are named; those of others are not looked at', async () => {
    cloudwatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm, ofQueue, others] });
    expect(await examine('alarms')).toMatchObject({ status: 'ok', found: '2, none is firing' });
    cloudwatch
      .on(DescribeAlarmsCommand)
      .resolves({ MetricAlarms: [alarm, { ...ofQueue, StateValue: 'ALARM' }, others] });
    expect(await examine('alarms')).toMatchObject({
      status: 'warn',
      found: 'firing: Videos-DeadLetters since 2026-11-25T10:00Z',
      remedy: expect.stringContaining('docs/operations.md#alarms'),
    });
  });

  test.each<[string, Record<string, string> | Error, string, RegExp, RegExp]>([
    ['nobody', { SubscriptionsConfirmed: '0' }, 'warn', /has no subscriber$/, /aws sns subscribe .*alarms/],
    [
      'one who has not confirmed',
      { SubscriptionsConfirmed: '0', SubscriptionsPending: '1' },
      'warn',
      /1 that have not confirmed/,
      /Follow the link/,
    ],
    [
      'a topic that is gone',
      Object.assign(new Error(), { name: 'NotFoundException' }),
      'fail',
      /is not there/,
      /another alarmTopicArn/,
    ],
  ])('told to %s', async (_, answer, status, found, remedy) => {
    cloudwatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm] });
    if (answer instanceof Error) sns.on(GetTopicAttributesCommand).rejects(answer);
    else sns.on(GetTopicAttributesCommand).resolves({ Attributes: answer });
    expect(await examine('alarm-topic')).toMatchObject({
      status,
      found: expect.stringMatching(found),
      remedy: expect.stringMatching(remedy),
    });
  });

  test('whose actions are turned off', async () => {
    cloudwatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ ...alarm, ActionsEnabled: false }] });
    expect(await examine('alarm-topic')).toMatchObject({
      status: 'warn',
      remedy: 'aws cloudwatch enable-alarm-actions --alarm-names Videos-ExecutionsFailed',
    });
  });
});

test('dead letters are told with the time since when the oldest waits', async () => {
  events.resolves({ RuleNames: [] });
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: 'https://queue' });
  sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { ApproximateNumberOfMessages: '3' } });
  cloudwatch.on(GetMetricStatisticsCommand).resolves({ Datapoints: [{ Maximum: 3600 }] });
  expect(await examine('dead-letters')).toMatchObject({
    status: 'warn',
    found: expect.stringMatching(/^3 in dead-requests, the oldest since 20\d\d-\d\d-\d\dT\d\d:\d\dZ$/),
  });
});

test('AWS that cannot be asked is a warning, and a role that may not ask is skipped', async () => {
  cloudwatch
    .on(DescribeAlarmsCommand)
    .rejects(Object.assign(new Error('Rate exceeded'), { name: 'Throttling' }));
  expect(await examine('alarms')).toMatchObject({
    status: 'warn',
    found: expect.stringContaining('Throttling'),
  });
  cloudwatch
    .on(DescribeAlarmsCommand)
    .rejects(Object.assign(new Error('not authorized'), { name: 'AccessDenied' }));
  expect(await examine('alarms')).toEqual({
    name: 'alarms',
    status: 'skipped',
    found: "this shell's role lacks cloudwatch:DescribeAlarms",
    needs: 'cloudwatch:DescribeAlarms',
  });
});
