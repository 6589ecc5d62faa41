import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, EventInvokeConfig, Function as LambdaFn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { EventBridgeDestination, SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { type CfnResource, Duration, type Stack } from 'aws-cdk-lib/core';
import { readCloudAssembly } from '../../../local/cloud-assembly/read-cloud-assembly.ts';
import { AccessControl } from '../../../local/iam/access-control.ts';
import { assemblyOf, handlerFolder, synthesize, temporaryFolder } from './synthesize.ts';

const folder = temporaryFolder();
const handler = handlerFolder(folder.path);
afterAll(() => folder.remove());

const readStack = (directory: string) => readCloudAssembly(directory, { endpoint: 'http://127.0.0.1:4566' });

function addFunction(stack: Stack, more: object = {}): LambdaFn {
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  return new LambdaFn(stack, 'CancelRender', {
    code: Code.fromAsset(handler),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    role,
    ...more,
  });
}

test('a function has the retries, the event age and the queues for discarded events of its template', () => {
  const stack = readStack(
    synthesize(folder.path, (stack) =>
      addFunction(stack, {
        retryAttempts: 1,
        maxEventAge: Duration.minutes(10),
        onFailure: new SqsDestination(new Queue(stack, 'Records', { queueName: 'records' })),
        deadLetterQueue: new Queue(stack, 'DeadLetters', { queueName: 'dead-letters' }),
      }),
    ),
  );
  const [cancelRender] = stack.functions;
  const records = 'arn:aws:sqs:us-east-1:123456789012:records';
  const deadLetters = 'arn:aws:sqs:us-east-1:123456789012:dead-letters';
  expect(cancelRender).toMatchObject({
    maximumRetryAttempts: 1,
    maximumEventAgeInSeconds: 600,
    onFailureQueueArn: records,
    deadLetterQueueArn: deadLetters,
  });
  const access = new AccessControl(stack);
  const lambda = { kind: 'service', service: 'lambda.amazonaws.com', sourceArn: cancelRender?.arn } as const;
  const role = access.assumeRole(cancelRender?.roleArn ?? '', lambda);
  for (const resource of [records, deadLetters])
    access.authorize(role, { action: 'sqs:SendMessage', resource });
});

test('a function that says nothing has Lambda’s own retries and no queue', () => {
  const { functions } = readStack(synthesize(folder.path, (stack) => addFunction(stack)));
  expect(functions[0]).toMatchObject({ maximumRetryAttempts: 2, maximumEventAgeInSeconds: 21_600 });
  expect(functions[0]).not.toHaveProperty('onFailureQueueArn');
  expect(functions[0]).not.toHaveProperty('deadLetterQueueArn');
});

describe('is refused by its name and place:', () => {
  test.each<[string, (stack: Stack) => void, RegExp]>([
    [
      'a destination for success',
      (stack) => addFunction(stack, { onSuccess: new SqsDestination(new Queue(stack, 'Done')) }),
      /^Resources\/\w+EventInvokeConfig\w+\/Properties\/DestinationConfig\/OnSuccess: OnSuccess is not supported$/,
    ],
    [
      'a destination that is no queue',
      (stack) => {
        const fn = addFunction(stack);
        new EventInvokeConfig(stack, 'Config', { function: fn, onFailure: new EventBridgeDestination() });
      },
      /^Resources\/Config\w+\/Properties\/DestinationConfig\/OnFailure: \S+:event-bus\/default is no queue/,
    ],
    [
      'a dead-letter topic',
      (stack) => {
        const fn = addFunction(stack).node.defaultChild as CfnResource;
        fn.addPropertyOverride('DeadLetterConfig.TargetArn', 'arn:aws:sns:us-east-1:123456789012:topic');
      },
      /^Resources\/CancelRender\w+\/Properties\/DeadLetterConfig: arn:aws:sns:\S+ is no queue/,
    ],
    [
      'the settings of another qualifier',
      (stack) => {
        const fn = addFunction(stack);
        new EventInvokeConfig(stack, 'Config', { function: fn, qualifier: 'live', retryAttempts: 0 });
      },
      /^Resources\/Config\w+\/Properties\/Qualifier: live is not supported$/,
    ],
  ])('%s', (_, build, message) => {
    const directory = synthesize(folder.path, build);
    expect(() => readStack(directory)).toThrow(expect.objectContaining({ name: 'UnsupportedTemplate' }));
    expect(() => readStack(directory)).toThrow(message);
  });

  test('the settings of a function of another stack', () => {
    const Properties = { FunctionName: 'theirs', Qualifier: '$LATEST', MaximumRetryAttempts: 0 };
    const Resources = { Config: { Type: 'AWS::Lambda::EventInvokeConfig', Properties } };
    expect(() => readStack(assemblyOf(folder.path, { Resources }))).toThrow(
      'Resources/Config/Properties: theirs is no AWS::Lambda::Function of this stack',
    );
  });
});
