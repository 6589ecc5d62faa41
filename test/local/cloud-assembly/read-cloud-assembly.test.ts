import { join } from 'node:path';
import { Alarm, Dashboard, GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { CfnOutput, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib/core';
import { readCloudAssembly } from '../../../local/cloud-assembly/read-cloud-assembly.ts';
import { AccessControl } from '../../../local/iam/access-control.ts';
import {
  assemblyOf,
  definitionFile,
  functionWithRole,
  handlerFolder,
  read,
  synthesize,
  temporaryFolder,
} from './synthesize.ts';

const ENDPOINT = 'http://127.0.0.1:4566';
const folder = temporaryFolder();
const handler = handlerFolder(folder.path);
const definition = definitionFile(folder.path);

afterAll(() => folder.remove());

const readStack = (directory: string) => readCloudAssembly(directory, { endpoint: ENDPOINT });

/** The shape of the render workflow: functions, machine, bucket, bus, rule and dead-letter queue. */
function buildWorkflow(stack: Stack): void {
  const bucket = new Bucket(stack, 'Videos', { enforceSSL: true, versioned: true });
  const startRender = functionWithRole(stack, 'StartRender', handler, {
    functionName: 'start-render',
    environment: { BUCKET: bucket.bucketName, ACCOUNT: stack.account },
    timeout: Duration.seconds(30),
    memorySize: 256,
    reservedConcurrentExecutions: 5,
    logGroup: new LogGroup(stack, 'StartRenderLogs', { removalPolicy: RemovalPolicy.DESTROY }),
  });
  startRender.addToRolePolicy(
    new PolicyStatement({ actions: ['s3:PutObject'], resources: [bucket.arnForObjects('videos/*')] }),
  );
  const machine = new StateMachine(stack, 'Workflow', {
    definitionBody: DefinitionBody.fromFile(definition),
    definitionSubstitutions: { StartRenderArn: startRender.functionArn },
    logs: { destination: new LogGroup(stack, 'WorkflowLogs'), level: LogLevel.ALL },
    tracingEnabled: true,
  });
  startRender.grantInvoke(machine);
  const deadLetterQueue = new Queue(stack, 'DeadLetters', { enforceSSL: true });
  const bus = new EventBus(stack, 'Bus', { eventBusName: 'renders' });
  new Rule(stack, 'Requested', {
    eventBus: bus,
    eventPattern: { detailType: ['Render Requested'] },
    targets: [
      new SfnStateMachine(machine, { deadLetterQueue, retryAttempts: 3, maxEventAge: Duration.hours(1) }),
    ],
  });
  const cancelRender = functionWithRole(stack, 'CancelRender', handler);
  new Rule(stack, 'StatusChange', {
    eventPattern: { source: ['aws.states'], detail: { stateMachineArn: [machine.stateMachineArn] } },
    targets: [
      new LambdaFunction(cancelRender, { deadLetterQueue, event: RuleTargetInput.fromEventPath('$.detail') }),
    ],
  });
  new CfnOutput(stack, 'StateMachineArn', { value: machine.stateMachineArn });
  new CfnOutput(stack, 'DeadLetterQueueUrl', { value: deadLetterQueue.queueUrl });
}

describe('a synthesized workflow', () => {
  const stack = readStack(synthesize(folder.path, buildWorkflow));
  const [startRender, cancelRender] = stack.functions;
  const [machine] = stack.stateMachines;
  const [bucket] = stack.buckets;
  const [queue] = stack.queues;

  test('has its functions with code, role, environment and limits', () => {
    expect(startRender).toMatchObject({
      name: 'start-render',
      arn: 'arn:aws:lambda:us-east-1:123456789012:function:start-render',
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      environment: { BUCKET: bucket?.name, ACCOUNT: '123456789012' },
      timeoutInSeconds: 30,
      memorySizeInMb: 256,
      reservedConcurrentExecutions: 5,
    });
    expect(read(join(startRender?.codeDir ?? '', 'index.mjs'))).toBe(read(join(handler, 'index.mjs')));
    expect(cancelRender).toMatchObject({ timeoutInSeconds: 3, memorySizeInMb: 128 });
    expect(cancelRender?.name).toMatch(/^RenderWorkflow-CancelRender[0-9A-F]{8}-[0-9a-f]{12}$/);
  });

  test('has its roles with the statements that are attached to them', () => {
    const role = stack.roles.find(({ arn }) => arn === startRender?.roleArn);
    expect(role?.trust).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
    ]);
    expect(role?.statements).toEqual([
      { Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::${bucket?.name}/videos/*` },
    ]);
    expect(stack.roles).toHaveLength(4);
  });

  test('has its state machine with the ARNs put in and JSONata left alone', () => {
    expect(JSON.parse(machine?.definition ?? '').States.Start).toMatchObject({
      Resource: startRender?.arn,
      Output: '{% ${"a": 1} %}',
    });
    expect(machine?.arn).toBe(`arn:aws:states:us-east-1:123456789012:stateMachine:${machine?.name}`);
    const invoke = { action: 'lambda:InvokeFunction', resource: startRender?.arn ?? '' };
    const access = new AccessControl(stack);
    const states = { kind: 'service', service: 'states.amazonaws.com', sourceArn: machine?.arn } as const;
    access.authorize(access.assumeRole(machine?.roleArn ?? '', states), invoke);
    expect(access.calls.at(-1)).toMatchObject({ principal: machine?.roleArn, decision: 'Allow' });
  });

  test('has its bucket and queue with their policies', () => {
    expect(bucket).toMatchObject({ versioned: true, acceptsAcls: false });
    expect(bucket?.name).toMatch(/^renderworkflow-videos[0-9a-f]{8}-[0-9a-f]{12}$/);
    expect(stack.resourcePolicies[bucket?.arn ?? '']).toMatchObject([
      { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
    expect(stack.outputs.DeadLetterQueueUrl).toBe(`${ENDPOINT}/123456789012/${queue?.name}`);
    expect(stack.resourcePolicies[queue?.arn ?? '']?.map(({ Effect }) => Effect)).toEqual([
      'Deny',
      'Allow',
      'Allow',
    ]);
  });

  test('has its bus and rules with targets, retries and dead letters', () => {
    const [requested, statusChange] = stack.eventRules;
    expect(stack.eventBuses).toEqual(['renders']);
    expect(requested).toMatchObject({
      arn: `arn:aws:events:us-east-1:123456789012:rule/renders/${requested?.name}`,
      busName: 'renders',
      eventPattern: { 'detail-type': ['Render Requested'] },
      enabled: true,
      targets: [
        {
          arn: machine?.arn,
          deadLetterQueueArn: queue?.arn,
          maximumRetryAttempts: 3,
          maximumEventAgeInSeconds: 3600,
        },
      ],
    });
    expect(statusChange).toMatchObject({
      arn: `arn:aws:events:us-east-1:123456789012:rule/${statusChange?.name}`,
      busName: 'default',
      eventPattern: { source: ['aws.states'], detail: { stateMachineArn: [machine?.arn] } },
      targets: [
        {
          arn: cancelRender?.arn,
          inputPath: '$.detail',
          maximumRetryAttempts: 185,
          maximumEventAgeInSeconds: 86_400,
        },
      ],
    });
  });

  test('lets EventBridge do what its rules need, and nobody else', () => {
    const access = new AccessControl(stack);
    const [requested, statusChange] = stack.eventRules;
    const as = (sourceArn = '') => ({ kind: 'service', service: 'events.amazonaws.com', sourceArn }) as const;
    const send = { action: 'sqs:SendMessage', resource: queue?.arn ?? '' };
    const cancel = { action: 'lambda:InvokeFunction', resource: cancelRender?.arn ?? '' };
    access.authorize(as(requested?.arn), send);
    access.authorize(as(statusChange?.arn), send);
    access.authorize(as(statusChange?.arn), cancel);
    expect(() => access.authorize(as(requested?.arn), cancel)).toThrow('not authorized');
    const role = access.assumeRole(requested?.targets[0]?.roleArn ?? '', as(requested?.arn));
    access.authorize(role, { action: 'states:StartExecution', resource: machine?.arn ?? '' });
    expect(() => access.authorize(role, cancel)).toThrow('not authorized');
  });

  test('has the same names when it is read again', () => {
    const again = readStack(synthesize(folder.path, buildWorkflow));
    expect(again.outputs).toEqual(stack.outputs);
    expect(again.buckets).toEqual(stack.buckets);
  });
});

test('a definition in the template and conditions, parameters and functions are resolved', () => {
  const directory = assemblyOf(folder.path, {
    Parameters: { Stage: { Type: 'String', Default: 'dev' } },
    Conditions: {
      IsDev: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] },
      IsElsewhere: {
        'Fn::And': [
          { Condition: 'IsDev' },
          { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] }] },
        ],
      },
    },
    Resources: {
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          StateMachineName: { 'Fn::Sub': ['${Stage}-${Suffix}', { Suffix: 'workflow' }] },
          RoleArn: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/r' },
          DefinitionString: { 'Fn::Join': ['', ['{"StartAt":"', '${First}', '"}']] },
          DefinitionSubstitutions: { First: 'ReadRequest', Unused: { Ref: 'AWS::NoValue' } },
        },
      },
      Elsewhere: { Type: 'AWS::SQS::Queue', Condition: 'IsElsewhere' },
    },
    Outputs: {
      Literal: { Value: { 'Fn::Sub': '${!NotThis}/${Machine.Name}' } },
      Picked: { Value: { 'Fn::Select': [1, { 'Fn::Split': [':', { Ref: 'Machine' }] }] } },
      Stage: { Value: { 'Fn::If': ['IsDev', 'development', 'production'] } },
      Elsewhere: { Condition: 'IsElsewhere', Value: 'x' },
    },
  });
  const stack = readStack(directory);
  expect(stack.stateMachines).toEqual([
    {
      logicalId: 'Machine',
      name: 'dev-workflow',
      arn: 'arn:aws:states:us-east-1:123456789012:stateMachine:dev-workflow',
      roleArn: 'arn:aws:iam::123456789012:role/r',
      definition: '{"StartAt":"ReadRequest"}',
    },
  ]);
  expect(stack.queues).toEqual([]);
  expect(stack.outputs).toEqual({ Literal: '${NotThis}/dev-workflow', Picked: 'aws', Stage: 'development' });
});

test('alarms and dashboards, which have nothing to look at here, keep no stack from running', () => {
  const directory = synthesize(folder.path, (stack) => {
    const queue = new Queue(stack, 'Q');
    const metric = queue.metricApproximateNumberOfMessagesVisible();
    new Alarm(stack, 'A', { metric, threshold: 1, evaluationPeriods: 1 });
    new Dashboard(stack, 'D', { widgets: [[new GraphWidget({ left: [metric] })]] });
  });
  expect(readStack(directory).queues).toHaveLength(1);
});
