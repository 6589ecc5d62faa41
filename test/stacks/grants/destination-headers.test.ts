import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { App, Stack } from 'aws-cdk-lib/core';
import { RenderWorkflow } from '../../../stacks/render-workflow.ts';
import { statementsOf } from '../read-template.ts';
import { REMOTION_BUCKET, REMOTION_FUNCTION, synthesize } from '../synthesize.ts';

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';

const environmentOf = (template: Template, id: RegExp) =>
  Object.entries(template.findResources('AWS::Lambda::Function')).find(([name]) => id.test(name))?.[1]
    .Properties.Environment.Variables;

test('a stack whose destination demands headers sends them, and may set the ACL', () => {
  const template = synthesize({
    destinationBucketName: 'team-videos',
    destinationKmsKeyArn: KEY,
    destinationEncryption: 'aws:kms',
    destinationOwnerFullControl: 'true',
  });
  expect(environmentOf(template, /CopyToBucketFunction/)).toMatchObject({
    DESTINATION_ENCRYPTION: 'aws:kms',
    DESTINATION_KEYS: `team-videos=${KEY}`,
    DESTINATION_ACL: 'bucket-owner-full-control',
  });
  const actions = statementsOf(template, /CopyToBucketRole[0-9A-F]{8}$/).flatMap(({ Action }) => Action);
  expect(actions).toContain('s3:PutObjectAcl');
});

test('other stacks send none', () => {
  const template = synthesize();
  expect(Object.keys(environmentOf(template, /CopyToBucketFunction/))).not.toContain(
    'DESTINATION_ENCRYPTION',
  );
  const actions = statementsOf(template, /CopyToBucketRole[0-9A-F]{8}$/).flatMap(({ Action }) => Action);
  expect(actions).not.toContain('s3:PutObjectAcl');
});

test.each([
  ['StartRender', ['kms:Decrypt', 'kms:GenerateDataKey']],
  ['GetRenderProgress', 'kms:Decrypt'],
  ['CopyToBucket', ['kms:Decrypt', 'kms:GenerateDataKey']],
  ['CancelRender', ['kms:Decrypt', 'kms:GenerateDataKey']],
])('%s may use the key of the Remotion bucket through S3, for that bucket', (step, actions) => {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack');
  new RenderWorkflow(stack, 'RenderWorkflow', {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    destinationBucket: Bucket.fromBucketName(stack, 'Videos', 'videos'),
    encryptionKeys: { remotionBucket: Key.fromKeyArn(stack, 'Key', KEY) },
  });
  const grants = statementsOf(Template.fromStack(stack), new RegExp(`${step}Role[0-9A-F]{8}$`)).filter(
    ({ Resource }) => Resource === KEY,
  );
  const bucket = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::${REMOTION_BUCKET}`]] };
  expect(grants).toEqual([
    expect.objectContaining({
      Action: actions,
      Condition: {
        StringEquals: {
          'kms:ViaService': {
            'Fn::Join': ['', ['s3.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
          },
        },
        StringLike: {
          'kms:EncryptionContext:aws:s3:arn': [
            bucket,
            { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::${REMOTION_BUCKET}/*`]] },
          ],
        },
      },
    }),
  ]);
});
