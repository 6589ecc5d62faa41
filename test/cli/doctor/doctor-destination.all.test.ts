import { answer, setting, withKey } from './broken-answers.ts';
import { doctorOnMachine } from './doctor-on-machine.ts';

const doctor = doctorOnMachine();
const { on, breakAnswers, examine, testBroken } = doctor;

describe('the destination buckets', () => {
  testBroken([
    [
      'destination',
      'fail',
      setting({ DESTINATION_BUCKET_NAMES: 'no-such-bucket' }),
      /no-such-bucket is not there/,
      /Make it/,
    ],
    [
      'destination-key',
      'fail',
      answer<string>('s3:GetEncryptionConfiguration', withKey),
      /key\/k, and CopyToBucket's role may not kms:GenerateDataKey, kms:Decrypt/,
      /destinationKmsKeyArn/,
    ],
    [
      'destination-policy',
      'fail',
      answer('s3:GetBucketPolicy', () => ({
        Statement: [
          {
            Sid: 'DemandHeader',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:PutObject',
            Resource: '*',
            Condition: { Null: { 's3:x-amz-server-side-encryption': 'true' } },
          },
        ],
      })),
      /refuses copies: DemandHeader/,
      /destinationEncryption/,
    ],
    [
      'destination-policy',
      'warn',
      answer('s3:GetBucketPolicy', () => ({
        Statement: [
          {
            Sid: 'OurNetwork',
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 's3:*',
            Resource: '*',
            Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
          },
        ],
      })),
      /not known here: OurNetwork/,
      /Read that statement/,
    ],
  ]);
});

test("a bucket is not of the stack's account, and the role may not write to it", async () => {
  const { destinations } = await (await doctor.facts()).settings();
  breakAnswers(setting({ DESTINATION_BUCKET_OWNERS: `${destinations[0]}=999999999999` }));
  expect(await examine('destination')).toMatchObject({
    status: 'fail',
    found: expect.stringContaining('does not belong to 999999999999'),
    remedy: expect.stringContaining('destinationBucketOwners'),
  });
  const { Role = '' } = await (await doctor.facts()).step('CopyToBucket');
  on.machine.access.replacePolicy(Role, []);
  breakAnswers((_, next) => next());
  const result = await examine('destination-role');
  on.machine.access.replacePolicy(Role);
  expect(result).toMatchObject({
    status: 'fail',
    found: expect.stringContaining('may not s3:PutObject, s3:GetObject'),
    remedy: expect.stringContaining('permissions boundary'),
  });
});
