import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { App, Stack, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readCloudAssembly } from '../../../local/cloud-assembly/read-cloud-assembly.ts';
import { list } from '../../../permissions/explained-statement.ts';
import { readPolicies } from '../../../permissions/read-policies.ts';
import { RenderWorkflow, type RenderWorkflowProps } from '../../../stacks/render-workflow.ts';
import { REMOTION_BUCKET, REMOTION_FUNCTION } from '../synthesize.ts';

interface Statement {
  Sid: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

function synthesize(props: (stack: Stack) => Partial<RenderWorkflowProps>) {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Stack');
  const workflow = new RenderWorkflow(stack, 'RenderWorkflow', {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    ...props(stack),
  });
  return { app, stack, workflow };
}

const withKeys = () =>
  synthesize((stack) => ({
    encryptionKeys: {
      destinationBucket: new Key(stack, 'VideosKey', { enableKeyRotation: true }),
      deadLetterQueue: new Key(stack, 'QueueKey', { enableKeyRotation: true }),
      logs: new Key(stack, 'LogsKey', { enableKeyRotation: true }),
      stateMachine: new Key(stack, 'MachineKey', { enableKeyRotation: true }),
    },
  }));

/** Statements about keys: of roles by `role`, of keys by `key`. */
function keyStatements(template: Template) {
  const all = Object.entries(
    template.toJSON().Resources as Record<string, { Type: string; Properties: never }>,
  );
  const about = (type: string, documents: (properties: never) => { Statement: Statement[] }[]) =>
    all
      .filter(([, { Type }]) => Type === type)
      .flatMap(([id, { Properties }]) =>
        documents(Properties).flatMap(({ Statement }) =>
          Statement.filter(({ Action }) => [Action].flat().some((action) => action.startsWith('kms:'))).map(
            ({ Sid, Action }) => `${id.replace(/[0-9A-F]{8}/g, '')} ${Sid} ${[Action].flat().join(' ')}`,
          ),
        ),
      );
  type Policies = { Policies?: { PolicyDocument: { Statement: Statement[] } }[] };
  type Policy = { PolicyDocument: { Statement: Statement[] } };
  return {
    roles: [
      ...about('AWS::IAM::Role', ({ Policies = [] }: Policies) =>
        Policies.map((policy) => policy.PolicyDocument),
      ),
      ...about('AWS::IAM::Policy', ({ PolicyDocument }: Policy) => [PolicyDocument]),
    ],
    keys: about('AWS::KMS::Key', ({ KeyPolicy }: { KeyPolicy: Policy['PolicyDocument'] }) => [KeyPolicy]),
  };
}

describe('customer managed keys', () => {
  const template = Template.fromStack(withKeys().stack);

  test('encrypt the bucket, the queues, the log groups and the state machine', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
        ],
      },
    });
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: Match.anyValue() });
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: Match.anyValue() });
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY', KmsKeyId: Match.anyValue() },
    });
  });

  test('come with exactly the permissions that follow', () => {
    const { roles, keys } = keyStatements(template);
    expect(roles.sort()).toEqual([
      'RenderWorkflowCancelRenderRoleDefaultPolicy EncryptDeadLetters kms:Decrypt kms:GenerateDataKey',
      'RenderWorkflowCopyToBucketRole EncryptVideo kms:GenerateDataKey kms:Decrypt',
      'RenderWorkflowExecutionStoppedDescribeExecution DecryptExecution kms:Decrypt',
      'RenderWorkflowStateMachineRoleDefaultPolicy EncryptExecutions kms:Decrypt kms:GenerateDataKey',
      'RenderWorkflowStateMachineRoleDefaultPolicy EncryptLogDelivery kms:GenerateDataKey',
      'RenderWorkflowSweepExecutions DecryptExecution kms:Decrypt',
      'RenderWorkflowSweepExecutions EncryptTurn kms:Decrypt kms:GenerateDataKey',
    ]);
    expect(keys.filter((statement) => !statement.endsWith('kms:*')).sort()).toEqual([
      'LogsKey EncryptLogGroups kms:Encrypt* kms:Decrypt* kms:ReEncrypt* kms:GenerateDataKey* kms:Describe*',
      'MachineKey DecryptLogDelivery kms:Decrypt',
      'QueueKey EncryptDeadLetters kms:Decrypt kms:GenerateDataKey',
    ]);
  });

  test('are for the named state machine only, which the grants of the CDK would miss', () => {
    const name = Object.values(template.findResources('AWS::StepFunctions::StateMachine'))[0]?.Properties
      .StateMachineName as { 'Fn::Join': [string, [string, object]] };
    const [begin, ofCreation] = name['Fn::Join'][1];
    const policies = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    expect(policies).toContain(`:stateMachine:${begin}",${JSON.stringify(ofCreation)}`);
  });

  test('each have a reason, also in the policies of the keys', () => {
    const { statements } = readPolicies(withKeys().app.synth().directory);
    const onKeys = statements.filter(({ statement }) =>
      list(statement.Action).some((action) => /^kms:/.test(action)),
    );
    expect(onKeys.length).toBe(14);
    expect(statements.filter(({ why }) => !why)).toEqual([]);
  });

  test('are known to the run on one machine, which encrypts nothing', () => {
    const { app } = withKeys();
    const { stateMachines } = readCloudAssembly(app.synth().directory, { endpoint: 'http://127.0.0.1:1' });
    expect(stateMachines).toEqual([
      expect.objectContaining({ keyArn: expect.stringMatching(/^arn:aws:kms:.*MachineKey/) }),
    ]);
  });

  test('leave cdk-nag nothing to find', () => {
    const { app } = withKeys();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });

  test('that a bucket of another account brings are the copy’s to use, as long as the bucket is that account’s', () => {
    const { stack } = synthesize((scope) => ({
      otherDestinationBuckets: [
        Bucket.fromBucketAttributes(scope, 'Theirs', {
          bucketName: 'theirs',
          account: '444455556666',
          region: 'eu-west-1',
          encryptionKey: Key.fromKeyArn(scope, 'TheirKey', 'arn:aws:kms:eu-west-1:444455556666:key/1234abcd'),
        }),
      ],
    }));
    const role = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role')).find(([id]) =>
      id.includes('CopyToBucket'),
    )?.[1];
    const destination = role?.Properties.Policies.find(
      ({ PolicyName }: { PolicyName: string }) => PolicyName === 'Destination',
    );
    const statements: Statement[] = destination.PolicyDocument.Statement;
    expect(statements.map(({ Sid }) => Sid)).toEqual([
      'WriteVideo',
      'ResumeCopy',
      'WriteVideo2',
      'ResumeCopy2',
      'EncryptVideo2',
    ]);
    expect(statements[2]?.Condition).toEqual({ StringEquals: { 'aws:ResourceAccount': '444455556666' } });
    expect(statements[4]).toMatchObject({
      Resource: 'arn:aws:kms:eu-west-1:444455556666:key/1234abcd',
      Condition: { StringEquals: { 'kms:ViaService': expect.anything() } },
    });
  });
});

test('grantStartExecution lets a caller start executions, and nothing else', () => {
  const { stack, workflow } = synthesize(() => ({}));
  const caller = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  workflow.grantStartExecution(caller);
  const policy = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).find(([id]) =>
    id.startsWith('Caller'),
  )?.[1];
  expect(policy?.Properties.PolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: 'states:StartExecution',
      Resource: { Ref: expect.stringContaining('StateMachine') },
    },
  ]);
});
