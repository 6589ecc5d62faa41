import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RenderWorkflow } from '../../../stacks/render-workflow.ts';
import type { RemotionRendererProps } from '../../../stacks/renderer/remotion-renderer.ts';
import { grantsOf, only } from '../read-template.ts';
import { problemsOf } from '../synthesize.ts';
import { FUNCTION, functionsOf, newRenderer, synthesize } from './new-renderer.ts';

describe('a key for the bucket', () => {
  const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd';
  const withKey = (siteAccess: RemotionRendererProps['siteAccess'] = 'cloudfront') => {
    const made = newRenderer((stack) => ({
      siteAccess,
      encryptionKeys: { bucket: Key.fromKeyArn(stack, 'Key', KEY) },
    }));
    new RenderWorkflow(made.stack, 'RenderWorkflow', { renderer: made.renderer });
    return { ...made, template: Template.fromStack(made.stack) };
  };

  test('encrypts all that is written there, one data key for many objects', () => {
    const { template } = withKey();
    expect(only(template, 'AWS::S3::Bucket', /^RendererBucket/).BucketEncryption).toEqual({
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY },
        },
      ],
    });
  });

  test.each([
    ['remotionrender.*Role', ['kms:Decrypt', 'kms:GenerateDataKey']],
    ['StartRenderRole[0-9A-F]{8}$', ['kms:Decrypt', 'kms:GenerateDataKey']],
    ['GetRenderProgressRole', ['kms:Decrypt']],
    ['CopyToBucketRole', ['kms:Decrypt', 'kms:GenerateDataKey']],
    ['CancelRenderRole[0-9A-F]{8}$', ['kms:Decrypt', 'kms:GenerateDataKey']],
    ['promo.*DeployRole', []],
    ['AwaitRendersRole', []],
  ])('may be used by %s through S3 for this bucket: %j', (role, actions) => {
    const grants = grantsOf(withKey().template, new RegExp(role)).filter((grant) => grant.startsWith('kms:'));
    expect(grants.map((grant) => grant.split(' ').slice(0, 3).join(' '))).toEqual(
      actions.map((action) => `${action} ${KEY} if`),
    );
    for (const grant of grants) {
      expect(grant).toContain('"kms:ViaService"');
      expect(grant).toMatch(/"kms:EncryptionContext:aws:s3:arn":\[.*:s3:::remotionlambda-/);
    }
  });

  test.each(['cloudfront', 'public-prefix'] as const)(
    'leaves cdk-nag nothing to find, with sites by %s',
    (siteAccess) => {
      const { app } = withKey(siteAccess);
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
      expect(() => app.synth()).not.toThrow();
    },
  );

  test('that is created in the app depends on nothing of the renderer', () => {
    const { app } = newRenderer((stack) => ({
      encryptionKeys: { bucket: new Key(stack, 'Key', { enableKeyRotation: true }) },
    }));
    expect(() => app.synth()).not.toThrow();
  });

  test("is the renderer's to have, and not the workflow's", () => {
    const { stack, renderer } = newRenderer();
    const encryptionKeys = { remotionBucket: Key.fromKeyArn(stack, 'Key', KEY) };
    new RenderWorkflow(stack, 'RenderWorkflow', { renderer, encryptionKeys });
    expect(problemsOf(stack)).toMatch(/^UnusedKey: .* as its encryptionKeys\.bucket/);
  });
});

test('in a network the functions have its subnets and a security group, and may join it', () => {
  const template = synthesize((stack) => {
    const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
    return {
      otherSizes: { large: { memorySizeInMb: 4096 } },
      network: {
        vpc,
        vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
        securityGroups: [new SecurityGroup(stack, 'Renders', { vpc })],
      },
    };
  });
  const configurations = functionsOf(template).map(({ VpcConfig }) => VpcConfig);
  expect(configurations).toHaveLength(2);
  for (const { SubnetIds, SecurityGroupIds } of configurations) {
    expect(SubnetIds).toHaveLength(2);
    expect(SecurityGroupIds).toEqual([{ 'Fn::GetAtt': [expect.stringMatching(/^Renders/), 'GroupId'] }]);
  }
  expect(grantsOf(template, /mem2048mb.*Role/).filter((grant) => grant.startsWith('ec2:'))).toEqual([
    'ec2:CreateNetworkInterface *',
    'ec2:DescribeNetworkInterfaces *',
    'ec2:DescribeSubnets *',
    'ec2:DeleteNetworkInterface *',
    'ec2:AssignPrivateIpAddresses *',
    'ec2:UnassignPrivateIpAddresses *',
  ]);
  // No other function of the renderer is in it.
  template.resourcePropertiesCountIs('AWS::Lambda::Function', { VpcConfig: Match.anyValue() }, 2);
});

test('reserved concurrency is that of each function', () => {
  const reserved = synthesize({
    reservedConcurrentExecutions: 50,
    otherSizes: { long: { timeoutInSeconds: 900 } },
  });
  expect(functionsOf(reserved).map((each) => each.ReservedConcurrentExecutions)).toEqual([50, 50]);
  expect(functionsOf(synthesize())[0]?.ReservedConcurrentExecutions).toBeUndefined();
});

test("tags are of all that the renderer makes, beside Remotion's own", () => {
  const template = synthesize({ tags: { team: 'video' } });
  const team = { Key: 'team', Value: 'video' };
  for (const type of ['AWS::Lambda::Function', 'AWS::IAM::Role', 'AWS::Logs::LogGroup', 'AWS::S3::Bucket'])
    template.allResourcesProperties(type, { Tags: Match.arrayWith([team]) });
  const [remotions] = functionsOf(template);
  expect(remotions?.FunctionName).toBe(FUNCTION);
  expect(remotions?.Tags).toEqual(expect.arrayContaining([{ Key: 'remotion-lambda', Value: 'true' }]));
});
