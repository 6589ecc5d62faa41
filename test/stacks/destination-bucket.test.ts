import { Match, type Template } from 'aws-cdk-lib/assertions';
import { bucketObjects, grantsOf, listing, only, spell } from './read-template.ts';
import { REMOTION_BUCKET, synthesize } from './synthesize.ts';

let template: Template;
beforeAll(() => {
  template = synthesize();
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
    const existing = synthesize({
      destinationBucketName: 'our-videos',
      otherDestinationBucketNames: 'their-videos,more-videos',
    });
    existing.resourceCountIs('AWS::S3::Bucket', 0);
    existing.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ DESTINATION_BUCKET_NAMES: 'our-videos,their-videos,more-videos' }),
      },
    });
    expect(
      grantsOf(existing, /CopyToBucketRole[0-9A-F]{8}$/)
        .filter((grant) => grant.startsWith('s3:PutObject ') && !grant.includes(REMOTION_BUCKET))
        .sort(),
    ).toEqual([
      's3:PutObject arn:<Partition>:s3:::more-videos/*',
      's3:PutObject arn:<Partition>:s3:::our-videos/*',
      's3:PutObject arn:<Partition>:s3:::their-videos/*',
    ]);
  });
});

describe('an option of the copy', () => {
  const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd';
  const added = (context: Record<string, unknown>) => {
    const base = grantsOf(template, /CopyToBucketRole[0-9A-F]{8}$/);
    const changed = synthesize(context);
    const grants = grantsOf(changed, /CopyToBucketRole[0-9A-F]{8}$/);
    const environment = only(changed, 'AWS::Lambda::Function', /CopyToBucket/).Environment;
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
