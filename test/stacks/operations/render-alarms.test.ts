import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { App, Stack, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { BATCH_METRICS, METRICS } from '../../../functions/runtime/metric-definitions.ts';
import { RenderWorkflow } from '../../../stacks/render-workflow.ts';
import { newStack, problemsWith, REMOTION_BUCKET, REMOTION_FUNCTION, synthesize } from '../synthesize.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:on-call';
const ALL = {
  alarmTopicArn: TOPIC,
  maxSpendPerDayInUsd: '20',
  renderQueue: 'true',
  maxConcurrentRenders: '50',
  renderBatch: 'true',
};

let template: Template;
beforeAll(() => {
  template = synthesize(ALL);
});

interface Alarm {
  Namespace: string;
  MetricName: string;
  Dimensions: { Name: string; Value: unknown }[];
  Threshold: number;
  Period: number;
  Statistic: string;
  TreatMissingData: string;
  ComparisonOperator: string;
  EvaluationPeriods: number;
  AlarmActions: unknown[];
  AlarmDescription: string;
}

const alarms = (of = template): Record<string, Alarm> =>
  Object.fromEntries(
    Object.entries(of.findResources('AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => [
      id.replace(/^RenderWorkflowAlarms(\w+?)[0-9A-F]{8}$/, '$1'),
      Properties,
    ]),
  );

test('there are no alarms without a topic to tell', () => {
  expect(alarms(synthesize())).toEqual({});
});

test('there is an alarm for each thing that needs somebody, with its limit and its time', () => {
  const spelled = Object.entries(alarms()).map(
    ([name, { Namespace, MetricName, Statistic, ComparisonOperator, Threshold, Period }]) => {
      expect(ComparisonOperator).toBe('GreaterThanThreshold');
      return `${name}: ${Statistic} ${Namespace}/${MetricName} > ${Threshold} in ${Period} s`;
    },
  );
  expect(spelled.sort()).toEqual([
    'BatchesFailed: Sum RemotionStepFunctions/BatchesFailed > 0 in 300 s',
    'BatchesOverBudget: Sum RemotionStepFunctions/BatchesOverBudget > 0 in 300 s',
    'ExecutionStoppedDeadLetters: Maximum AWS/SQS/ApproximateNumberOfMessagesVisible > 0 in 300 s',
    'ExecutionsFailed: Sum AWS/States/ExecutionsFailed > 0 in 300 s',
    'ExecutionsTimedOut: Sum AWS/States/ExecutionsTimedOut > 0 in 300 s',
    'LongWaitForTurn: Maximum RemotionStepFunctions/OldestTicketAge > 3600 in 300 s',
    'RenderBatchEndedDeadLetters: Maximum AWS/SQS/ApproximateNumberOfMessagesVisible > 0 in 300 s',
    'RenderBeyondDeadline: Maximum RemotionStepFunctions/DeadlineUsed > 100 in 300 s',
    'RenderQueueDeadLetters: Maximum AWS/SQS/ApproximateNumberOfMessagesVisible > 0 in 300 s',
    'RenderRequestedDeadLetters: Maximum AWS/SQS/ApproximateNumberOfMessagesVisible > 0 in 300 s',
    'SpendPerDay: Sum RemotionStepFunctions/RenderCost > 20 in 86400 s',
    'StartsThrottled: Maximum RemotionStepFunctions/StartWait > 120 in 300 s',
    'SweepFound: Sum RemotionStepFunctions/SweepFound > 0 in 300 s',
  ]);
});

test('every dead-letter queue has its alarm', () => {
  const queues = Object.entries(template.findResources('AWS::SQS::Queue'))
    .filter(([id]) => id.includes('DeadLetters'))
    .map(([id]) => id);
  const watched = Object.values(alarms())
    .filter(({ Namespace }) => Namespace === 'AWS/SQS')
    .flatMap(({ Dimensions }) => Dimensions.map(({ Value }) => Value as { 'Fn::GetAtt': string[] }))
    .map((queueName) => queueName['Fn::GetAtt'][0]);
  expect(watched.sort()).toEqual(queues.sort());
});

test('every alarm tells the topic and says what to do; nothing happening is no alarm', () => {
  for (const alarm of Object.values(alarms())) {
    expect(alarm).toMatchObject({
      AlarmActions: [TOPIC],
      TreatMissingData: 'notBreaching',
      EvaluationPeriods: 1,
    });
    expect(alarm.AlarmDescription).toMatch(/(Open|Look|Receive|Raise|Give) /);
    expect(alarm.AlarmDescription.length).toBeLessThanOrEqual(1024);
  }
});

test("alarms on the workflow's own metrics are on those that its functions emit", () => {
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  const services = new Set(
    functions.map(({ Properties }) => Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME),
  );
  const own = Object.values(alarms()).filter(({ Namespace }) => Namespace === 'RemotionStepFunctions');
  expect(own).toHaveLength(7);
  for (const { MetricName, Dimensions } of own) {
    expect({ ...METRICS, ...BATCH_METRICS }).toHaveProperty(MetricName);
    expect(Dimensions.map(({ Name }) => Name)).toEqual(['service']);
    expect([...services]).toEqual([Dimensions[0]?.Value]);
  }
});

test('two workflows, also of one stack, have metrics of their own', () => {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Own');
  const props = { remotionFunctionName: REMOTION_FUNCTION, remotionBucketName: REMOTION_BUCKET };
  const names = ['One', 'Two'].map((id) => new RenderWorkflow(stack, id, props).serviceName);
  expect(names[0]).toMatch(/^Own-One-?\w*$/);
  expect(new Set(names).size).toBe(2);
});

test('a topic of the app is told, too', () => {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Own');
  new RenderWorkflow(stack, 'Renders', {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    alarmTopic: new Topic(stack, 'OnCall'),
  });
  const [topic = ''] = Object.keys(Template.fromStack(stack).findResources('AWS::SNS::Topic'));
  Template.fromStack(stack).allResourcesProperties('AWS::CloudWatch::Alarm', {
    AlarmActions: [{ Ref: topic }],
  });
});

test.each([
  ['a limit without anybody to tell', { maxSpendPerDayInUsd: '20' }, 'needs alarmTopic'],
  [
    'a limit of nothing',
    { ...ALL, maxSpendPerDayInUsd: '0' },
    'maxSpendPerDayInUsd is "0"; expected a number',
  ],
  ['a topic that is none', { alarmTopicArn: 'on-call' }, 'alarmTopicArn is "on-call"; expected the ARN'],
])('refuses %s', (_what, context, message) => {
  expect(problemsWith(context)).toContain(message);
});

test("cdk-nag's AwsSolutions pack finds nothing in it", () => {
  const { app } = newStack(ALL);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth()).not.toThrow();
});
