import { Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { App, CfnParameter, Fn, Stack, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RenderWorkflow, type RenderWorkflowProps } from '../../stacks/render-workflow.ts';
import { problemsOf, problemsWith, REMOTION_BUCKET, REMOTION_FUNCTION } from './synthesize.ts';

type Props = (stack: Stack) => Partial<RenderWorkflowProps>;

function stackWith(props: Props, region?: string) {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Workflow', region ? { env: { account: '111111111111', region } } : {});
  new RenderWorkflow(stack, 'Renders', {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    ...props(stack),
  });
  return { app, stack };
}

/** The errors, found without anything being thrown. */
const problems = (props: Props, region?: string): string => problemsOf(stackWith(props, region).stack);

const named = (stack: Stack, id: string, bucketName = id) => Bucket.fromBucketName(stack, id, bucketName);

describe('what can be known at synth is an error of the construct that names value and remedy', () => {
  test.each<[string, Props, string | undefined, RegExp]>([
    [
      "a function of another version than the installed Remotion's",
      () => ({ remotionFunctionName: 'remotion-render-4-0-400-mem2048mb-disk2048mb-240sec' }),
      undefined,
      /^WrongRemotionVersion: .*remotion-render-4-0-400-.*Remotion 4\.0\.400, and 4\.0\.\d+ is installed.*functions deploy/,
    ],
    [
      "a function that is not Remotion's",
      () => ({ remotionFunctionName: 'render' }),
      undefined,
      /^NotInRemotionPolicy: .*function:render/,
    ],
    [
      'a Remotion bucket of another region',
      () => ({ remotionBucketName: 'remotionlambda-useast1-abc' }),
      'eu-central-1',
      /^WrongRegion: .*remotionlambda-useast1-abc.*useast1.*eu-central-1/,
    ],
    [
      'a topic for alarms in another region',
      (stack) => ({
        alarmTopic: Topic.fromTopicArn(stack, 'T', 'arn:aws:sns:eu-west-1:111111111111:on-call'),
      }),
      'us-east-1',
      /^WrongRegion: alarmTopic is in eu-west-1, and the stack is in us-east-1/,
    ],
    [
      'a queue where there are no pipes',
      () => ({ renderQueue: true, remotionBucketName: 'remotionlambda-apsoutheast4-abc' }),
      'ap-southeast-4',
      /^NotInRegion: renderQueue is true.*ap-southeast-4.*Leave it out/,
    ],
    [
      'a bucket that is named twice',
      (stack) => ({
        destinationBucket: named(stack, 'A', 'our-videos'),
        otherDestinationBuckets: [named(stack, 'B', 'our-videos')],
      }),
      undefined,
      /^DuplicateDestination: The bucket our-videos is twice/,
    ],
    [
      'a bucket of the app that is named twice',
      (stack) => {
        const bucket = new Bucket(stack, 'Videos');
        return { destinationBucket: bucket, otherDestinationBuckets: [bucket] };
      },
      undefined,
      /^DuplicateDestination: The bucket Workflow\/Videos is twice/,
    ],
    [
      'a limit of nothing',
      () => ({ maxCostInUsd: 0 }),
      undefined,
      /^InvalidAmount: maxCostInUsd is 0; expected/,
    ],
    [
      'a pause that is too long',
      () => ({ maxSecondsBetweenUpdates: 901 }),
      undefined,
      /^InvalidAmount: maxSecondsBetweenUpdates is 901; .*from 2 to 900/,
    ],
    [
      'an alarm without anybody to tell',
      () => ({ maxSpendPerDayInUsd: 1 }),
      undefined,
      /^MissingAlarmTopic: maxSpendPerDayInUsd needs alarmTopic/,
    ],
  ])('%s', (_what, props, region, message) => {
    expect(problems(props, region)).toMatch(message);
  });

  test('all at once', () => {
    expect(problems(() => ({ remotionFunctionName: 'render', maxCostInUsd: -1 })).split('\n')).toHaveLength(
      2,
    );
  });

  test.each([
    ['us-east-1', 'remotionlambda-useast1-abc'],
    ['eu-central-1', 'remotionlambda-abc'],
    ['ap-southeast-5', 'remotionlambda-apsoutheast5-abc'],
  ])('and nothing is wrong in %s with %s', (region, remotionBucketName) => {
    expect(problems(() => ({ remotionBucketName }), region)).toBe('');
  });

  test.each([
    [
      { destinationBucketName: 'a-bucket', otherDestinationBucketNames: 'b-bucket,a-bucket' },
      'a-bucket is twice',
    ],
    [
      { destinationBucketOwners: 'our-videos=123456789012' },
      'names our-videos, which is none of the destination',
    ],
    [
      {
        destinationBucketName: 'our-videos',
        destinationBucketOwners: 'our-videos=123456789012,our-videos=210987654321',
      },
      'destinationBucketOwners names our-videos twice',
    ],
    [{ destinationRegion: 'eu-west-1' }, 'destinationRegion is of destinationBucketName, which is missing'],
  ])('also of the context: %p', (context, message) => {
    expect(problemsWith(context)).toContain(message);
  });
});

describe('a value that is known only when the stack is deployed', () => {
  const parameter = (stack: Stack, id: string) => new CfnParameter(stack, id).valueAsString;
  const every: Props = (stack) => ({
    remotionFunctionName: StringParameter.valueForStringParameter(stack, '/remotion/function'),
    remotionBucketName: parameter(stack, 'RemotionBucket'),
    destinationBucket: Bucket.fromBucketAttributes(stack, 'B', {
      bucketName: parameter(stack, 'VideosBucket'),
      encryptionKey: Key.fromKeyArn(stack, 'K', Fn.importValue('VideosKeyArn')),
    }),
    otherDestinationBuckets: [Bucket.fromBucketArn(stack, 'C', Fn.importValue('OtherBucketArn'))],
    eventBus: EventBus.fromEventBusArn(stack, 'E', parameter(stack, 'BusArn')),
    eventSources: new CfnParameter(stack, 'Sources', { type: 'CommaDelimitedList' }).valueAsList,
    alarmTopic: Topic.fromTopicArn(stack, 'T', parameter(stack, 'TopicArn')),
    maxSpendPerDayInUsd: new CfnParameter(stack, 'Spend', { type: 'Number' }).valueAsNumber,
    maxCostInUsd: new CfnParameter(stack, 'Cost', { type: 'Number' }).valueAsNumber,
    maxSecondsBetweenUpdates: new CfnParameter(stack, 'Pause', { type: 'Number' }).valueAsNumber,
    defaultServeUrl: parameter(stack, 'Site'),
    remotionLicenseKey: parameter(stack, 'Licence'),
    permissionsBoundaryArn: parameter(stack, 'Boundary'),
    renderQueue: true,
    renderApi: true,
    dashboard: true,
    deleteSource: true,
    encryptionKeys: {
      stateMachine: Key.fromKeyArn(stack, 'MachineKey', parameter(stack, 'MachineKeyArn')),
      logs: Key.fromKeyArn(stack, 'LogsKey', parameter(stack, 'LogsKeyArn')),
      deadLetterQueue: Key.fromKeyArn(stack, 'QueueKey', parameter(stack, 'QueueKeyArn')),
      renderQueue: Key.fromKeyArn(stack, 'RequestsKey', Fn.importValue('RequestsKeyArn')),
    },
  });

  test.each([[undefined], ['us-east-1']])('works for every name and ARN (region %s)', (region) => {
    const { stack } = stackWith(every, region);
    expect(problemsOf(stack)).toBe('');
    const text = JSON.stringify(Template.fromStack(stack).toJSON());
    expect(text).not.toMatch(/\$\{Token|TOKEN|-1\.8\d*e\+308/);
  });

  test('leaves cdk-nag nothing to find', () => {
    const { app } = stackWith(every);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });

  test('may be of another stack of the app', () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const other = new Stack(app, 'Other');
    const { bucketName } = new Bucket(other, 'Remotion', { bucketName: 'remotionlambda-useast1-ours' });
    const bucket = new Bucket(other, 'Videos', { encryptionKey: new Key(other, 'Key') });
    const stack = new Stack(app, 'Workflow');
    new RenderWorkflow(stack, 'Renders', {
      remotionFunctionName: REMOTION_FUNCTION,
      remotionBucketName: bucketName,
      destinationBucket: bucket,
      eventBus: new EventBus(other, 'Bus'),
      alarmTopic: new Topic(other, 'OnCall'),
    });
    expect(problemsOf(stack)).toBe('');
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain('Fn::ImportValue');
  });
});
