import { AwsError } from '../../../local/aws.ts';
import { answer, setting, withKey } from './broken-answers.ts';
import { doctorOnMachine } from './doctor-on-machine.ts';

const doctor = doctorOnMachine();
const { on, breakAnswers, examine, testBroken } = doctor;

const bucket = () => on.machine.remotionBucketName;

describe('the Remotion bucket', () => {
  testBroken([
    ['bucket', 'fail', setting({ REMOTION_BUCKET_NAME: 'my-bucket' }), /remotionlambda-/, /Deploy the stack/],
    [
      'bucket',
      'fail',
      setting({ REMOTION_BUCKET_NAME: 'remotionlambda-x' }),
      /is not there/,
      /Deploy the stack/,
    ],
    [
      'bucket',
      'fail',
      async (call, next) => {
        const answered = await next();
        if (call.request.method !== 'HEAD') return answered;
        return { ...answered, headers: { ...answered.headers, 'x-amz-bucket-region': 'eu-west-1' } };
      },
      /is in eu-west-1, the workflow in us-east-1/,
      /Deploy the stack/,
    ],
    [
      'bucket',
      'fail',
      (call, next) => {
        if (!call.request.headers['x-amz-expected-bucket-owner']) return next();
        throw new AwsError('AccessDenied', 'Access Denied', 403);
      },
      /belongs to another account/,
      /Deploy the stack/,
    ],
    [
      'bucket-acls',
      'fail',
      answer<string>('s3:GetBucketOwnershipControls', (xml) =>
        xml.replace('BucketOwnerPreferred', 'BucketOwnerEnforced'),
      ),
      /takes no ACLs/,
      /put-bucket-ownership-controls --bucket remotionlambda-/,
    ],
    [
      'bucket-key',
      'fail',
      answer<string>('s3:GetEncryptionConfiguration', withKey),
      /role\/\S+ may not kms:GenerateDataKey, kms:Decrypt with \S+key\/k/,
      /encryptionKeys/,
    ],
    [
      'public-access',
      'warn',
      answer<string>('s3:GetBucketPublicAccessBlock', (xml) => xml.replaceAll('true', 'false')),
      /not needed: BlockPublicAcls/,
      /put-public-access-block --bucket remotionlambda-/,
    ],
  ]);
});

test('sites that S3 has to show are blocked', async () => {
  breakAnswers(setting({ SITES_URL: `${on.machine.endpoint}/${bucket()}/sites` }));
  expect(await examine('public-access')).toMatchObject({
    status: 'fail',
    found: expect.stringContaining('BlockPublicPolicy'),
    remedy: expect.stringContaining('cloudfront'),
  });
});

test('everybody may list the bucket', async () => {
  const arn = `arn:aws:s3:::${bucket()}`;
  on.machine.access.replacePolicy(arn, [
    { Effect: 'Allow', Principal: '*', Action: 's3:ListBucket', Resource: arn },
  ]);
  const result = await examine('public-listing');
  on.machine.access.replacePolicy(arn);
  expect(result).toMatchObject({ status: 'fail', remedy: expect.stringContaining('s3:ListBucket') });
});
