import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LambdaClientInternals } from '@remotion/lambda/client';
import { Template } from 'aws-cdk-lib/assertions';
import { Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RenderWorkflow } from '../../../stacks/render-workflow.ts';
import { readRemotionPackage } from '../../../stacks/renderer/remotion-package.ts';
import { grantsOf, only, spell } from '../read-template.ts';
import { problemsOf } from '../synthesize.ts';
import { FUNCTION, functionsOf, newRenderer, site, synthesize } from './new-renderer.ts';

const template: Template = synthesize();

describe('the function', () => {
  test("is as Remotion's own command makes it", () => {
    const [made] = functionsOf(template);
    expect(made).toMatchObject({
      FunctionName: FUNCTION,
      Description: 'Renders a Remotion video.',
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 2048,
      EphemeralStorage: { Size: 2048 },
      Timeout: 240,
      Tags: expect.arrayContaining([
        { Key: 'remotion-lambda', Value: 'true' },
        { Key: 'remotion-version', Value: '4.0.527' },
        { Key: 'remotion-ephemereal-storage-in-mb', Value: '2048' },
      ]),
    });
    expect(made?.Environment).toBeUndefined();
    expect(spell(made?.RuntimeManagementConfig.RuntimeVersionArn)).toMatch(
      /^arn:<Partition>:lambda:<Region>::runtime:[0-9a-f]{64}$/,
    );
  });

  test('is not invoked again for an event that has failed: that would be a second render', () => {
    expect(only(template, 'AWS::Lambda::EventInvokeConfig')).toMatchObject({ MaximumRetryAttempts: 0 });
  });

  test('has a name that Remotion reads its size from', () => {
    expect(LambdaClientInternals.parseFunctionName(FUNCTION)).toEqual({
      version: '4-0-527',
      memorySizeInMb: 2048,
      diskSizeInMb: 2048,
      timeoutInSeconds: 240,
    });
  });

  test('logs to the group that Remotion links to, for as long as it is said', () => {
    const groups = Object.values(synthesize({ logRetention: 7 }).findResources('AWS::Logs::LogGroup'));
    expect(groups.map(({ Properties }) => Properties)).toContainEqual({
      LogGroupName: `/aws/lambda/${FUNCTION}`,
      RetentionInDays: 7,
    });
  });

  test.each([
    { memorySizeInMb: 100 },
    { diskSizeInMb: 20_000 },
    { timeoutInSeconds: 901 },
    { otherSizes: { same: {} } },
  ])('%j is a size that is refused by name', (props) => {
    expect(() => newRenderer(props)).toThrow(expect.objectContaining({ name: 'InvalidRendererSize' }));
  });

  test('has companions of other sizes, each with a role that invokes that function only', () => {
    const { stack, renderer } = newRenderer({ otherSizes: { large: { memorySizeInMb: 4096 } } });
    const large = FUNCTION.replace('mem2048mb', 'mem4096mb');
    expect(renderer.otherFunctionNames).toEqual({ large });
    const several = Template.fromStack(stack);
    expect(functionsOf(several).map(({ FunctionName }) => FunctionName)).toEqual([FUNCTION, large]);
    expect(grantsOf(several, /mem4096mb.*Role/).filter((grant) => grant.startsWith('lambda:'))).toEqual([
      `lambda:InvokeFunction arn:<Partition>:lambda:<Region>:<AccountId>:function:${large}`,
    ]);
  });
});

test('with several sizes StartRender may invoke the function of each and no other, and no other step any', () => {
  const { stack, renderer } = newRenderer({
    otherSizes: { large: { memorySizeInMb: 4096 }, long: { timeoutInSeconds: 900 } },
  });
  new RenderWorkflow(stack, 'RenderWorkflow', { renderer });
  const several = Template.fromStack(stack);
  const invoking = (step: string) =>
    grantsOf(several, new RegExp(`RenderWorkflow${step}Role[0-9A-F]{8}$`)).filter((grant) =>
      grant.startsWith('lambda:'),
    );
  expect(invoking('StartRender').sort()).toEqual(
    [FUNCTION, FUNCTION.replace('240sec', '900sec'), FUNCTION.replace('mem2048mb', 'mem4096mb')].map(
      (name) => `lambda:InvokeFunction arn:<Partition>:lambda:<Region>:<AccountId>:function:${name}`,
    ),
  );
  for (const step of ['GetRenderProgress', 'CopyToBucket', 'CancelRender'])
    expect(invoking(step)).toEqual([]);
});

describe('the layers', () => {
  const regions = Object.keys(readRemotionPackage().layers('default'));

  test('are known for the 23 regions that Remotion publishes them in', () => {
    expect(regions).toHaveLength(23);
  });

  test.each(regions)('are those of the region in a stack for %s', (region) => {
    const [{ Layers }] = functionsOf(synthesize({}, region)) as [{ Layers: string[] }];
    expect(Layers.length).toBe(4);
    const layer = new RegExp(`^arn:aws:lambda:${region}:678892195805:layer:remotion-binaries-.+:\\d+$`);
    for (const arn of Layers) expect(arn).toMatch(layer);
  });

  test('are looked up when a stack is deployed that is for any region', () => {
    const [{ Layers }] = functionsOf(template) as [
      { Layers: { 'Fn::FindInMap': [string, unknown, string] } },
    ];
    const [mapping, region, key] = Layers['Fn::FindInMap'];
    expect([region, key]).toEqual([{ Ref: 'AWS::Region' }, 'Arns']);
    const arns = template.findMappings(mapping)[mapping] as Record<string, { Arns: string[] }>;
    expect(Object.keys(arns)).toEqual(regions);
    expect(arns['eu-central-1']?.Arns).toEqual(readRemotionPackage().layers('default')['eu-central-1']);
  });

  test('have the emojis that are asked for', () => {
    const arns = readRemotionPackage().layers('apple-emojis')['us-east-1']?.join();
    expect(arns).toContain('emoji-apple');
    expect(arns).not.toContain('emoji-google');
  });

  test('that are not published in a region are an error of the stack', () => {
    expect(problemsOf(newRenderer({}, 'me-south-1').stack)).toMatch(/^NotInRegion: .* in me-south-1/);
  });
});

describe('the bucket', () => {
  const bucketOf = (from: Template) => only(from, 'AWS::S3::Bucket');

  test('has a name that Remotion takes, of a namespace that is of this account only', () => {
    const { BucketNamePrefix, BucketNamespace } = bucketOf(template);
    expect(BucketNamespace).toBe('account-regional');
    const uuid = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };
    // Another one when the stack is made again: this bucket stays when it is deleted.
    const creation = { 'Fn::Select': [0, { 'Fn::Split': ['-', uuid] }] };
    const [, parts] = (BucketNamePrefix as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
    expect(parts).toEqual([expect.stringMatching(/^remotionlambda-[0-9a-f]{6}-$/), creation]);
    expect(`${parts[0]}12345678-123456789012-ap-southeast-1-an`.length).toBeLessThanOrEqual(63);
  });

  test.each(['cloudfront', 'public-prefix'] as const)(
    "takes Remotion's ACLs and makes nothing public by them, with sites by %s",
    (siteAccess) => {
      expect(bucketOf(synthesize({ siteAccess }))).toMatchObject({
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true },
      });
    },
  );

  test("keeps renders as Remotion's deleteAfter says, props for 30 days, and the claims of jobs for ever", () => {
    const { Rules } = bucketOf(template).LifecycleConfiguration as { Rules: Record<string, unknown>[] };
    const expiring = Rules.filter(({ ExpirationInDays }) => ExpirationInDays !== undefined);
    expect(
      expiring.map(
        ({ Prefix, ExpirationInDays: days, TagFilters }) => `${Prefix} ${days}${TagFilters ? ' tagged' : ''}`,
      ),
    ).toEqual([
      'renders/1-day 1',
      'renders/3-days 3',
      'renders/7-days 7',
      'renders/30-days 30',
      'input-props/ 30',
      'resolved-props/ 30',
      'batch-items/ 30',
      'sites/ 30 tagged',
    ]);
    expect(Rules).toContainEqual(
      expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
    );
  });

  test('stays when the stack goes, but not when its creation fails', () => {
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'RetainExceptOnCreate' });
  });
});

test('the role of the function may do this, and nothing else', () => {
  const prefix = spell(only(template, 'AWS::S3::Bucket').BucketNamePrefix);
  const bucket = `arn:<Partition>:s3:::${prefix}-<AccountId>-<Region>-an`;
  const logs = `arn:<Partition>:logs:<Region>:<AccountId>:log-group:/aws/lambda/${FUNCTION}:*`;
  expect(grantsOf(template, /remotionrender.*Role/).sort()).toEqual([
    `lambda:InvokeFunction arn:<Partition>:lambda:<Region>:<AccountId>:function:${FUNCTION}`,
    `logs:CreateLogStream ${logs}`,
    `logs:PutLogEvents ${logs}`,
    `s3:DeleteObject ${bucket}/input-props/*`,
    `s3:DeleteObject ${bucket}/resolved-props/*`,
    `s3:GetObject ${bucket}/input-props/*`,
    `s3:GetObject ${bucket}/renders/*/cancel.json`,
    `s3:GetObject ${bucket}/renders/*/out.*`,
    `s3:GetObject ${bucket}/resolved-props/*`,
    `s3:ListBucket ${bucket}`,
    `s3:PutObject ${bucket}/renders/*`,
    `s3:PutObject ${bucket}/resolved-props/*`,
    `s3:PutObjectAcl ${bucket}/renders/*`,
    `s3:PutObjectAcl ${bucket}/resolved-props/*`,
  ]);
});

describe('the sites', () => {
  const readersOf = (from: Template) => {
    const { PolicyDocument } = only(from, 'AWS::S3::BucketPolicy') as {
      PolicyDocument: { Statement: { Effect: string; Resource: unknown }[] };
    };
    return PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow');
  };

  test('are read by one CloudFront distribution and by nobody else, where nothing else is said', () => {
    expect(readersOf(template)).toEqual([
      expect.objectContaining({
        Action: 's3:GetObject',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceArn': expect.anything() } },
      }),
    ]);
    expect(spell(readersOf(template)[0]?.Resource)).toMatch(/\/sites\/\*$/);
    expect(only(template, 'AWS::S3::Bucket').PublicAccessBlockConfiguration).toMatchObject({
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
    expect(only(template, 'AWS::CloudFront::Distribution')).toMatchObject({
      DistributionConfig: {
        Origins: [{ OriginPath: '/sites' }],
        DefaultCacheBehavior: { ViewerProtocolPolicy: 'https-only' },
      },
    });
  });

  test('are public where that is asked for, and nothing beside them is', () => {
    const open = synthesize({ siteAccess: 'public-prefix' });
    expect(readersOf(open)).toEqual([
      expect.objectContaining({ Action: 's3:GetObject', Principal: { AWS: '*' } }),
    ]);
    expect(spell(readersOf(open)[0]?.Resource)).toMatch(/\/sites\/\*$/);
    open.resourceCountIs('AWS::CloudFront::Distribution', 0);
  });

  test('have a folder that their files decide; other files are another site beside it', () => {
    const first = newRenderer().renderer.siteFolders.promo;
    expect(first).toMatch(/^promo-[0-9a-f]{10}$/);
    expect(newRenderer().renderer.siteFolders.promo).toBe(first);
    writeFileSync(join(site, 'bundle.js'), 'x');
    expect(newRenderer().renderer.siteFolders.promo).not.toBe(first);
    rmSync(join(site, 'bundle.js'));
  });

  test('are each written by a role that writes that site and nothing else', () => {
    const [folder] = Object.values(newRenderer().renderer.siteFolders);
    expect(grantsOf(template, /promo.*DeployRole/).filter((grant) => grant.startsWith('s3:'))).toEqual([
      expect.stringMatching(new RegExp(`^s3:PutObject arn:.+/sites/${folder}/\\*$`)),
      expect.stringMatching(new RegExp(`^s3:PutObjectTagging arn:.+/sites/${folder}/\\*$`)),
    ]);
  });

  test.each([
    [{ 'a b': '.' }, 'is no name of a site'],
    [{ a: '/nowhere' }, 'there is no /nowhere'],
    [{ a: import.meta.dirname }, 'has no index.html'],
  ])('%j are refused by name', (sites, message) => {
    expect(() => newRenderer({ sites })).toThrow(
      expect.objectContaining({ name: 'InvalidSite', message: expect.stringContaining(message) }),
    );
  });
});

test.each(['cloudfront', 'public-prefix'] as const)(
  'cdk-nag finds nothing, with sites by %s',
  (siteAccess) => {
    const { app } = newRenderer({ siteAccess, otherSizes: { large: { memorySizeInMb: 4096 } } });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  },
);
