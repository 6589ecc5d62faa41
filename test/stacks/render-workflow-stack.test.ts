import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Duration, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { LONGEST_STAY_IN_SECONDS } from '../../functions/get-render-progress/follow-render.ts';
import { RenderWorkflow } from '../../stacks/render-workflow.ts';
import type { RenderWorkflowStack } from '../../stacks/render-workflow-stack.ts';
import { newStack, REMOTION_BUCKET, REMOTION_FUNCTION, synthesize } from './synthesize.ts';

interface Statement {
  Sid?: string;
  Action: string | string[];
  Resource: unknown;
  Effect: string;
  Condition?: Record<string, Record<string, unknown>>;
}

let template: Template;
beforeAll(() => {
  template = synthesize();
});

function only(type: string, name: RegExp): Record<string, unknown> {
  const found = Object.entries(template.findResources(type)).filter(([id]) => name.test(id));
  expect(found.map(([id]) => id)).toHaveLength(1);
  return found[0]?.[1].Properties;
}

/** Every statement of a role: inline and attached. */
function statementsOf(roleId: RegExp): Statement[] {
  const [id] = Object.keys(template.findResources('AWS::IAM::Role')).filter((key) => roleId.test(key));
  const role = template.findResources('AWS::IAM::Role')[id ?? ''];
  const attached = Object.values(template.findResources('AWS::IAM::Policy')).filter((policy) =>
    policy.Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === id),
  );
  const inline: { PolicyDocument: { Statement: Statement[] } }[] = role?.Properties.Policies ?? [];
  return [
    ...inline.flatMap((policy) => policy.PolicyDocument.Statement),
    ...attached.flatMap((policy) => policy.Properties.PolicyDocument.Statement as Statement[]),
  ];
}

/** Spells `Fn::Join`ed ARNs as one text, and references as `<Name>`. */
function spell(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spell);
  if (typeof value !== 'object' || value === null) return value;
  const reference = value as { Ref?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (reference.Ref) return `<${reference.Ref.replace('AWS::', '')}>`;
  if (reference['Fn::GetAtt']) return `<${reference['Fn::GetAtt'].join('.')}>`.replaceAll(/[0-9A-F]{8}/g, '');
  return (reference['Fn::Join']?.[1] ?? []).map(spell).join('');
}

const grantsOf = (roleId: RegExp) =>
  statementsOf(roleId).flatMap(({ Action, Resource, Condition }) =>
    [Action].flat().flatMap((action) =>
      [spell(Resource)].flat().map((resource) => {
        const spelled = JSON.stringify(Condition ?? {}).replace(
          /,?"StringEquals":\{"aws:ResourceAccount":\{[^}]*\}\}/,
          '',
        );
        const condition = spelled === '{}' ? '' : ` if ${spelled}`;
        return `${action} ${resource}${condition}`;
      }),
    ),
  );

const OWN_LOGS = (step: string) => [
  `logs:CreateLogStream <RenderWorkflow${step}Logs.Arn>`,
  `logs:PutLogEvents <RenderWorkflow${step}Logs.Arn>`,
  'xray:PutTelemetryRecords *',
  'xray:PutTraceSegments *',
];
const publishing = (...detailTypes: string[]) =>
  `events:PutEvents <RenderWorkflowEventBus.Arn> if ${JSON.stringify({
    'ForAllValues:StringEquals': { 'events:source': 'remotion-step-functions' },
    StringEquals: { 'events:detail-type': detailTypes },
  })}`;
const bucketObjects = (pattern: string) => `arn:<Partition>:s3:::${REMOTION_BUCKET}/${pattern}`;
const listing = (prefix: string) =>
  `s3:ListBucket arn:<Partition>:s3:::${REMOTION_BUCKET} if {"StringLike":{"s3:prefix":["${prefix}"]}}`;
const CLAIMS = [
  `s3:GetObject ${bucketObjects('render-jobs/*')}`,
  `s3:PutObject ${bucketObjects('render-jobs/*')}`,
];
const FIND_RENDER = [listing('renders/'), `s3:GetObject ${bucketObjects('renders/*/progress.json')}`];

describe('the roles', () => {
  test('StartRender may invoke the one Remotion function, handle large input props, claim jobs and find renders, and nothing else', () => {
    expect(grantsOf(/StartRenderRole[0-9A-F]{8}$/).sort()).toEqual(
      [
        `lambda:InvokeFunction arn:<Partition>:lambda:<Region>:<AccountId>:function:${REMOTION_FUNCTION}`,
        `s3:GetObject ${bucketObjects('input-props/*')}`,
        `s3:PutObject ${bucketObjects('input-props/*')}`,
        `s3:PutObjectAcl ${bucketObjects('input-props/*')}`,
        ...CLAIMS,
        ...FIND_RENDER,
        listing('renders/*/out.'),
        ...OWN_LOGS('StartRender'),
      ].sort(),
    );
  });

  test('GetRenderProgress may read the progress and the output of renders, and nothing else', () => {
    expect(grantsOf(/GetRenderProgressRole[0-9A-F]{8}$/).sort()).toEqual(
      [
        `s3:GetObject ${bucketObjects('renders/*/out.*')}`,
        `s3:GetObject ${bucketObjects('renders/*/progress.json')}`,
        listing('renders/*/out.'),
        ...OWN_LOGS('GetRenderProgress'),
      ].sort(),
    );
  });

  test('CopyToBucket may read outputs and write to the destination bucket, and nothing else', () => {
    expect(grantsOf(/CopyToBucketRole[0-9A-F]{8}$/).sort()).toEqual(
      [
        `s3:GetObject ${bucketObjects('renders/*/out.*')}`,
        `s3:GetObject ${bucketObjects('renders/*/copy.json')}`,
        `s3:PutObject ${bucketObjects('renders/*/copy.json')}`,
        's3:AbortMultipartUpload <RenderWorkflowVideos.Arn>/*',
        's3:GetObject <RenderWorkflowVideos.Arn>/*',
        's3:ListMultipartUploadParts <RenderWorkflowVideos.Arn>/*',
        's3:PutObject <RenderWorkflowVideos.Arn>/*',
        ...OWN_LOGS('CopyToBucket'),
      ].sort(),
    );
  });

  test('CancelRender may change claims, find renders and leave them the signal to stop, tell of it, and nothing else', () => {
    expect(grantsOf(/CancelRenderRole[0-9A-F]{8}$/).sort()).toEqual(
      [
        ...CLAIMS,
        ...FIND_RENDER,
        listing('renders/*/out.'),
        `s3:PutObject ${bucketObjects('renders/*/cancel.json')}`,
        `s3:PutObjectAcl ${bucketObjects('renders/*/cancel.json')}`,
        'sqs:SendMessage <RenderWorkflowExecutionStoppedDeadLetters.Arn>',
        publishing('Render Cancelled'),
        ...OWN_LOGS('CancelRender'),
      ].sort(),
    );
  });

  test('the state machine may invoke exactly its functions, publish its events, deliver logs and write traces', () => {
    const grants = grantsOf(/StateMachineRole[0-9A-F]{8}$/);
    expect(grants.filter((grant) => grant.startsWith('lambda:')).sort()).toEqual([
      'lambda:InvokeFunction <RenderWorkflowCancelRenderFunction.Arn>',
      'lambda:InvokeFunction <RenderWorkflowCopyToBucketFunction.Arn>',
      'lambda:InvokeFunction <RenderWorkflowGetRenderProgressFunction.Arn>',
      'lambda:InvokeFunction <RenderWorkflowStartRenderFunction.Arn>',
    ]);
    expect(grants.filter((grant) => !/^(lambda|logs|xray):/.test(grant))).toEqual([
      publishing('Render Started', 'Render Succeeded', 'Render Failed'),
    ]);
  });

  test('the rule may start exactly this state machine', () => {
    expect(grantsOf(/RenderRequestedRole[0-9A-F]{8}$/)).toEqual([
      expect.stringMatching(/^states:StartExecution <RenderWorkflowStateMachine[0-9A-F]{8}>$/),
    ]);
  });

  test('use buckets of this account only, as their ARNs do not name one', () => {
    const onBuckets = ['StartRender', 'GetRenderProgress', 'CopyToBucket', 'CancelRender']
      .flatMap((step) => statementsOf(new RegExp(`${step}Role[0-9A-F]{8}$`)))
      .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('s3:')));
    expect(onBuckets.length).toBeGreaterThan(10);
    for (const { Condition } of onBuckets) {
      expect(Condition?.StringEquals).toEqual({ 'aws:ResourceAccount': { Ref: 'AWS::AccountId' } });
    }
  });

  test('every function has a role of its own', () => {
    const roles = Object.values(template.findResources('AWS::Lambda::Function')).map((resource) =>
      JSON.stringify(resource.Properties.Role),
    );
    expect(roles).toHaveLength(4);
    expect(new Set(roles).size).toBe(4);
  });

  test('no role has a managed policy, and "*" is a resource of logs and X-Ray actions only', () => {
    for (const role of Object.values(template.findResources('AWS::IAM::Role'))) {
      expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    }
    const everywhere = grantsOf(/./)
      .concat(grantsOf(/StateMachineRole[0-9A-F]{8}$/))
      .filter((grant) => grant.endsWith(' *'));
    expect(everywhere.filter((grant) => !/^(logs|xray):/.test(grant))).toEqual([]);
  });
});

describe('the functions', () => {
  test('run on Node.js 24 on arm64 with X-Ray on, each with a log group that does not keep logs for ever', () => {
    template.resourceCountIs('AWS::Lambda::Function', 4);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('end before the state machine gives them up', () => {
    const { States } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../statemachine/render-workflow.asl.json'), 'utf8'),
    );
    for (const step of ['StartRender', 'GetRenderProgress', 'CopyToBucket', 'CancelRender']) {
      const timeout = only('AWS::Lambda::Function', new RegExp(`${step}Function`)).Timeout as number;
      expect(States[step].TimeoutSeconds).toBeGreaterThan(timeout);
    }
  });

  test('GetRenderProgress has time for the longest stay, and the state machine for GetRenderProgress', () => {
    const configured = synthesize({ maxSecondsBetweenUpdates: '900' });
    const [progress] = Object.entries(configured.findResources('AWS::Lambda::Function')).filter(([id]) =>
      id.includes('GetRenderProgress'),
    );
    const { Timeout, Environment } = progress?.[1].Properties ?? {};
    expect(Environment.Variables.MAX_SECONDS_BETWEEN_UPDATES).toBe('900');
    expect(Timeout).toBeGreaterThan(LONGEST_STAY_IN_SECONDS + 30);
    const definition = readFileSync(
      join(import.meta.dirname, '../../statemachine/render-workflow.asl.json'),
      'utf8',
    );
    expect(JSON.parse(definition).States.GetRenderProgress.TimeoutSeconds).toBeGreaterThan(Timeout);
  });

  test.each(['1', '901', '0.5', 'often'])('refuse %s as maxSecondsBetweenUpdates', (value) => {
    expect(() => synthesize({ maxSecondsBetweenUpdates: value })).toThrow('from 2 to 900');
  });

  test('know the Remotion function, the bucket and the destination by name', () => {
    expect(only('AWS::Lambda::Function', /StartRender/).Environment).toMatchObject({
      Variables: {
        REMOTION_FUNCTION_NAME: REMOTION_FUNCTION,
        REMOTION_BUCKET_NAME: REMOTION_BUCKET,
        DESTINATION_BUCKET_NAMES: { Ref: expect.stringContaining('Videos') },
      },
    });
  });
});

describe('the state machine', () => {
  test('is the definition file with the ARNs of its functions filled in', () => {
    const properties = only('AWS::StepFunctions::StateMachine', /./);
    const file = readFileSync(
      join(import.meta.dirname, '../../statemachine/render-workflow.asl.json'),
      'utf8',
    );
    expect(properties.DefinitionString).toBe(file);
    const substitutions = Object.keys(properties.DefinitionSubstitutions as object);
    expect(substitutions.sort()).toEqual([...new Set(file.match(/(?<=\$\{)\w+(?=\})/g))].sort());
  });

  test('logs everything but the data, which holds props, and traces', () => {
    expect(only('AWS::StepFunctions::StateMachine', /./)).toMatchObject({
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
  });
});

describe('the trigger', () => {
  test('starts an execution for every Render Requested event, and keeps those that it could not deliver', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { 'detail-type': ['Render Requested'] },
      Targets: [
        {
          Arn: { Ref: Match.stringLikeRegexp('StateMachine') },
          DeadLetterConfig: { Arn: Match.anyValue() },
          RetryPolicy: { MaximumRetryAttempts: 24, MaximumEventAgeInSeconds: Duration.hours(6).toSeconds() },
        },
      ],
    });
  });

  test('takes only the sources that the context names', () => {
    synthesize({ eventSources: 'shop,crm' }).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { 'detail-type': ['Render Requested'], source: ['shop', 'crm'] },
    });
  });

  test('listens on an existing bus when the context names one', () => {
    const other = synthesize({ eventBusName: 'default' });
    other.resourceCountIs('AWS::Events::EventBus', 0);
    other.hasResourceProperties('AWS::Events::Rule', { EventBusName: 'default' });
  });

  test('has a dead-letter queue that refuses plain HTTP', () => {
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });
});

describe('the trigger for stopped executions', () => {
  test('has the render of a stopped, timed-out or failed execution of this machine cancelled', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [{ Ref: Match.stringLikeRegexp('StateMachine') }],
          status: ['ABORTED', 'TIMED_OUT', 'FAILED'],
        },
      },
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('CancelRenderFunction'), 'Arn'] },
          DeadLetterConfig: { Arn: Match.anyValue() },
        },
      ],
    });
  });

  test('keeps what the function could not do after two more tries', () => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
  });
});

describe('the destination bucket', () => {
  test('is new, private, refuses plain HTTP, ends interrupted copies and stays when the stack goes', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: {
          Rules: [Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } })],
        },
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ],
      },
    });
  });

  test('keeps versions when the context asks for it', () => {
    synthesize({ versionedDestination: true }).hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
    });
  });

  test('is an existing one when the context names it, and requests may choose among further ones', () => {
    template = synthesize({
      destinationBucketName: 'our-videos',
      otherDestinationBucketNames: 'their-videos,more-videos',
    });
    template.resourceCountIs('AWS::S3::Bucket', 0);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ DESTINATION_BUCKET_NAMES: 'our-videos,their-videos,more-videos' }),
      },
    });
    expect(
      grantsOf(/CopyToBucketRole[0-9A-F]{8}$/)
        .filter((grant) => grant.startsWith('s3:PutObject ') && !grant.includes(REMOTION_BUCKET))
        .sort(),
    ).toEqual([
      's3:PutObject arn:<Partition>:s3:::more-videos/*',
      's3:PutObject arn:<Partition>:s3:::our-videos/*',
      's3:PutObject arn:<Partition>:s3:::their-videos/*',
    ]);
    template = synthesize();
  });
});

describe('an option of the copy', () => {
  const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd';
  const added = (context: Record<string, unknown>) => {
    const base = grantsOf(/CopyToBucketRole[0-9A-F]{8}$/);
    template = synthesize(context);
    const grants = grantsOf(/CopyToBucketRole[0-9A-F]{8}$/);
    const environment = only('AWS::Lambda::Function', /CopyToBucket/).Environment;
    template = synthesize();
    return { grants: grants.filter((grant) => !base.includes(grant)).sort(), environment };
  };

  const keyGrants = (context: Record<string, unknown>) =>
    added(context)
      .grants.filter((grant) => grant.startsWith('kms:'))
      .map((grant) => grant.replace(/ if .*/, ''));

  test('to set tags adds the permission to set them, and lets requests ask for it', () => {
    expect(added({ destinationTags: true }).grants).toEqual([
      's3:PutObjectTagging <RenderWorkflowVideos.Arn>/*',
    ]);
    synthesize({ destinationTags: true }).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ DESTINATION_TAGS: 'true' }) },
    });
  });

  test("to delete the source adds the permission to list and delete a render's files", () => {
    const { grants, environment } = added({ deleteSource: true });
    expect(grants).toEqual([`s3:DeleteObject ${bucketObjects('renders/*')}`, listing('renders/*/')]);
    expect(environment).toMatchObject({ Variables: { DELETE_SOURCE: 'true' } });
  });

  test('that names the key of an existing bucket adds the permissions to use it', () => {
    const ours = { destinationBucketName: 'our-videos' };
    expect(keyGrants({ ...ours })).toEqual([]);
    expect(keyGrants({ ...ours, destinationRegion: 'eu-central-1', destinationKmsKeyArn: KEY })).toEqual([
      `kms:Decrypt ${KEY}`,
      `kms:GenerateDataKey ${KEY}`,
    ]);
  });

  test("that names a bucket's owner has S3 refuse a bucket of anybody else", () => {
    const { environment } = added({
      destinationBucketName: 'their-videos',
      destinationBucketOwners: 'their-videos=210987654321',
    });
    expect(environment).toMatchObject({
      Variables: { DESTINATION_BUCKET_OWNERS: 'their-videos=210987654321' },
    });
  });

  test("knows of the new bucket that it is this account's", () => {
    const { Variables } = added({}).environment as { Variables: Record<string, unknown> };
    expect(spell(Variables.DESTINATION_BUCKET_OWNERS)).toMatch(/^<RenderWorkflowVideos\w+>=<AccountId>$/);
  });
});

test("the stack's limit of a render's cost reaches the function that starts renders", () => {
  synthesize({ maxCostInUsd: 0.25 }).hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ MAX_COST_IN_USD: '0.25' }) },
  });
  const props = {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    maxCostInUsd: 0,
  };
  expect(() => new RenderWorkflow(newStack().stack, 'Cheap', props)).toThrow(
    expect.objectContaining({ name: 'InvalidAmount', message: expect.stringContaining('maxCostInUsd is 0') }),
  );
});

describe('the outputs', () => {
  test('give what a person needs to start a render', () => {
    const outputs = template.findOutputs('*');
    expect(Object.keys(outputs).sort()).toEqual([
      'CopyToBucketRoleArn',
      'DestinationBucketName',
      'EventBusName',
      'StartExecutionCommand',
      'StateMachineArn',
    ]);
    expect(spell(outputs.StartExecutionCommand?.Value)).toMatch(
      /^aws stepfunctions start-execution --state-machine-arn <.+> --input '\{"render":.+\}'$/,
    );
  });
});

describe('the context', () => {
  test.each([
    ['remotionFunctionName', undefined, 'remotionFunctionName is missing'],
    ['remotionFunctionName', 'my-function', 'remotionFunctionName is "my-function"'],
    ['remotionBucketName', 'my-bucket', 'remotionBucketName is "my-bucket"'],
    ['destinationBucketName', 'My_Bucket', 'destinationBucketName is "My_Bucket"'],
    ['versionedDestination', 'perhaps', 'versionedDestination is "perhaps"'],
    ['maxCostInUsd', '0.00', 'maxCostInUsd is "0.00"; expected a number of USD greater than 0'],
    ['maxCostInUsd', '-1', 'maxCostInUsd is "-1"'],
  ])('%s = %s stops the synth and says what is expected', (name, value, message) => {
    expect(() => synthesize({ [name]: value })).toThrow(message);
  });

  test('a missing function name comes with the command that finds it', () => {
    expect(() => synthesize({ remotionFunctionName: undefined })).toThrow('npx remotion lambda functions ls');
  });

  test('every wrong value is named at once', () => {
    expect(() => synthesize({ remotionFunctionName: 'a', remotionBucketName: 'b' })).toThrow(
      /remotionFunctionName is "a"[\s\S]*remotionBucketName is "b"/,
    );
  });
});

describe("cdk-nag's AwsSolutions pack", () => {
  const synthesizeChecked = (change: (stack: RenderWorkflowStack) => void = () => {}) => {
    const { app, stack } = newStack();
    change(stack);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    return app.synth();
  };

  test('finds nothing in the stack', () => {
    expect(() => synthesizeChecked()).not.toThrow();
  });

  test("would find a bucket without the stack's precautions", () => {
    expect(() => synthesizeChecked((stack) => new Bucket(stack, 'Careless'))).toThrow(
      expect.objectContaining({ name: 'ValidationFailed' }),
    );
  });
});
