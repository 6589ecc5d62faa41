import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { App, Stack, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RenderWorkflow, type RenderWorkflowProps } from '../../../stacks/render-workflow.ts';
import { newStack, problemsWith, REMOTION_BUCKET, REMOTION_FUNCTION, synthesize } from '../synthesize.ts';

const EVERY_WAY_IN = { renderQueue: 'true', renderApi: 'true' };

let template: Template;
beforeAll(() => {
  template = synthesize(EVERY_WAY_IN);
});

interface Statement {
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

/** `action resource` of every statement of the policies whose logical id fits; ids lose their digests. */
function grantsOf(policyId: RegExp, of = template): string[] {
  return Object.entries(of.findResources('AWS::IAM::Policy'))
    .filter(([id]) => policyId.test(id))
    .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement as Statement[])
    .flatMap(({ Action, Resource }) => [Action].flat().map((action) => `${action} ${spell(Resource)}`));
}

function spell(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, string[]>;
  const text = Ref ? `<${Ref}>` : attribute ? `<${attribute.join('.')}>` : '';
  return text
    ? text.replace(/[0-9A-F]{8}(?=[.>])/, '').replace('AWS::', '')
    : ((join?.[1] ?? []) as unknown as unknown[]).map(spell).join('');
}

const only = (type: string, of = template) => {
  const [resource, ...others] = Object.values(of.findResources(type));
  expect(others).toEqual([]);
  return resource?.Properties;
};

/** A workflow in a stack without environment, with props that the context cannot give. */
function workflowWith(props: (stack: Stack) => Partial<RenderWorkflowProps>) {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Own');
  const workflow = new RenderWorkflow(stack, 'Renders', {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    ...props(stack),
  });
  return { stack, workflow };
}

test('a stack has neither a queue for requests nor an API unless it is asked for them', () => {
  const plain = synthesize();
  plain.resourceCountIs('AWS::Pipes::Pipe', 0);
  plain.resourceCountIs('AWS::ApiGateway::RestApi', 0);
  expect(Object.keys(plain.findOutputs('*')).filter((name) => name.startsWith('Render'))).toEqual([]);
});

test('a wrong value for either stops the synth', () => {
  expect(problemsWith({ renderQueue: 'yes' })).toContain('renderQueue is "yes"; expected true or false.');
  expect(problemsWith({ renderApi: 'open' })).toContain('renderApi is "open"');
});

describe('the queue of requests', () => {
  test('hides a message for a minute and gives it up after five attempts', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 60,
      MessageRetentionPeriod: 604_800,
      SqsManagedSseEnabled: true,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('RenderQueueDeadLetters'), 'Arn'] },
        maxReceiveCount: 5,
      },
    });
  });

  test('is reached with TLS only, as is its dead-letter queue', () => {
    const policies = Object.entries(template.findResources('AWS::SQS::QueuePolicy')).filter(([id]) =>
      id.includes('RenderQueue'),
    );
    expect(policies).toHaveLength(2);
    for (const [, { Properties }] of policies) {
      expect(Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });

  test('has a pipe that starts an execution for each message with an event made of it', () => {
    const pipe = only('AWS::Pipes::Pipe');
    expect(pipe).toMatchObject({
      Source: { 'Fn::GetAtt': [expect.stringContaining('RenderQueue'), 'Arn'] },
      SourceParameters: { SqsQueueParameters: { BatchSize: 1 } },
      Target: { Ref: expect.stringContaining('StateMachine') },
      LogConfiguration: { Level: 'ERROR' },
    });
    expect(pipe?.LogConfiguration.IncludeExecutionData).toBeUndefined();
    expect(pipe?.TargetParameters.StepFunctionStateMachineParameters).toEqual({
      InvocationType: 'FIRE_AND_FORGET',
    });
    expect(spell(pipe?.TargetParameters.InputTemplate)).toBe(
      '{"detail-type": "Render Requested", "id": <$.messageId>, "resources": ["<RenderWorkflowRenderQueue.Arn>"], "detail": <$.body>}',
    );
  });

  test('has a pipe that may take messages of this queue and start this state machine, and nothing else', () => {
    expect(grantsOf(/RenderQueuePipeRole/)).toEqual([
      'sqs:ReceiveMessage <RenderWorkflowRenderQueue.Arn>',
      'sqs:DeleteMessage <RenderWorkflowRenderQueue.Arn>',
      'sqs:GetQueueAttributes <RenderWorkflowRenderQueue.Arn>',
      'states:StartExecution <RenderWorkflowStateMachine>',
    ]);
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { Service: 'pipes.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnLike: { 'aws:SourceArn': Match.anyValue() },
            },
          },
        ],
      },
    });
  });

  test('keeps the event of each of its executions that failed, which only that rule may send', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [{ Ref: Match.stringLikeRegexp('StateMachine') }],
          status: ['FAILED', 'TIMED_OUT'],
          input: [{ wildcard: { 'Fn::Join': ['', ['*', Match.anyValue(), '*']] } }],
        },
      },
      Targets: [
        { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('RenderQueueDeadLetters'), 'Arn'] }, Id: 'Target0' },
      ],
    });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: 'sqs:SendMessage',
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('RenderQueueDeadLetters'), 'Arn'] },
            Condition: {
              ArnEquals: {
                'aws:SourceArn': { 'Fn::GetAtt': [Match.stringLikeRegexp('RenderQueueFailed'), 'Arn'] },
              },
            },
          },
        ]),
      },
    });
  });

  test('may have a key, with which the pipe may decrypt messages of SQS only', () => {
    const { stack } = workflowWith((scope) => ({
      renderQueue: true,
      encryptionKeys: { renderQueue: new Key(scope, 'Key') },
    }));
    const own = Template.fromStack(stack);
    own.hasResourceProperties('AWS::SQS::Queue', { KmsMasterKeyId: Match.anyValue(), VisibilityTimeout: 60 });
    own.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'DecryptRequests',
            Action: 'kms:Decrypt',
            Condition: { StringEquals: { 'kms:ViaService': Match.anyValue() } },
          }),
        ]),
      },
    });
  });
});

describe('the API', () => {
  test('has two methods, for which IAM decides who may call them', () => {
    const methods = Object.values(template.findResources('AWS::ApiGateway::Method')).map(
      ({ Properties }) => Properties,
    );
    expect(methods.map(({ HttpMethod, AuthorizationType }) => `${HttpMethod} ${AuthorizationType}`)).toEqual([
      'POST AWS_IAM',
      'GET AWS_IAM',
    ]);
  });

  test('calls Step Functions itself: StartExecution with the body as text, DescribeExecution by the name', () => {
    const [post, get] = Object.values(template.findResources('AWS::ApiGateway::Method')).map(
      ({ Properties }) => Properties.Integration,
    );
    expect([post, get].map(({ Uri }) => spell(Uri))).toEqual([
      'arn:<Partition>:apigateway:<Region>:states:action/StartExecution',
      'arn:<Partition>:apigateway:<Region>:states:action/DescribeExecution',
    ]);
    expect(spell(post.RequestTemplates['application/json'])).toBe(
      String.raw`{"stateMachineArn": "<RenderWorkflowStateMachine>", "input": "$util.escapeJavaScript($input.json('$')).replaceAll("\\'","'")"}`,
    );
    expect(spell(get.RequestTemplates['application/json'])).toBe(
      String.raw`{"executionArn": "arn:<Partition>:states:<Region>:<AccountId>:execution:<RenderWorkflowStateMachine.Name>:$util.escapeJavaScript($input.params('name')).replaceAll("\\'","'")"}`,
    );
  });

  test('has a role that may start this state machine and describe its executions, and nothing else', () => {
    expect(grantsOf(/RenderApiRole/)).toEqual([
      'states:StartExecution <RenderWorkflowStateMachine>',
      'states:DescribeExecution arn:<Partition>:states:<Region>:<AccountId>:execution:<RenderWorkflowStateMachine.Name>:*',
    ]);
  });

  test('is throttled, and logs who called it but no data where it is to log', () => {
    const stage = only('AWS::ApiGateway::Stage', synthesize({ renderApi: 'with-access-logs' }));
    expect(stage?.MethodSettings).toEqual([
      {
        HttpMethod: '*',
        ResourcePath: '/*',
        ThrottlingRateLimit: 25,
        ThrottlingBurstLimit: 50,
        LoggingLevel: 'ERROR',
        DataTraceEnabled: false,
      },
    ]);
    expect(JSON.parse(stage?.AccessLogSetting.Format)).toMatchObject({ caller: '$context.identity.caller' });
  });

  test("leaves API Gateway's settings of the account alone", () => {
    template.resourceCountIs('AWS::ApiGateway::Account', 0);
  });

  test('goes without logs by default, as a new account has no role for them', () => {
    const { AccessLogSetting, MethodSettings } = only('AWS::ApiGateway::Stage') ?? {};
    expect(AccessLogSetting).toBeUndefined();
    expect(MethodSettings[0].LoggingLevel).toBeUndefined();
  });

  test('may decrypt the executions that it describes where they have a key', () => {
    const { stack } = workflowWith((scope) => ({
      renderApi: true,
      encryptionKeys: { stateMachine: new Key(scope, 'Key') },
    }));
    expect(grantsOf(/RenderApiRole/, Template.fromStack(stack))).toContainEqual(
      expect.stringMatching(/^kms:Decrypt /),
    );
  });
});

test('a caller can be granted one way in and nothing else', () => {
  const { stack, workflow } = workflowWith(() => ({ renderQueue: true, renderApi: true }));
  const caller = (id: string) =>
    new Role(stack, id, { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
  workflow.grantStartExecution(caller('Starter'));
  workflow.renderApi?.grantInvoke(caller('Poster'));
  const own = Template.fromStack(stack);
  expect(grantsOf(/^Starter/, own)).toEqual(['states:StartExecution <RendersStateMachine>']);
  const [statement] = Object.entries(own.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith('Poster'))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  expect(statement.Action).toBe('execute-api:Invoke');
  expect(statement.Resource.map(spell)).toEqual([
    expect.stringMatching(/^arn:<Partition>:execute-api:.+\/POST\/renders$/),
    expect.stringMatching(/^arn:<Partition>:execute-api:.+\/GET\/renders\/\*$/),
  ]);
});

test.each([['true'], ['with-access-logs']])('cdk-nag finds nothing with renderApi=%s', (renderApi) => {
  const { app } = newStack({ ...EVERY_WAY_IN, renderApi });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth()).not.toThrow();
});
