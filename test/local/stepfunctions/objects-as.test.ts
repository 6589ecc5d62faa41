import { AwsError, type LocalService, type PolicyStatement } from '../../../local/aws.ts';
import { AccessControl } from '../../../local/iam/access-control.ts';
import { createFauxqsBackend } from '../../../local/s3/fauxqs-backend.ts';
import { createS3Service } from '../../../local/s3/s3-service.ts';
import { objectsAs } from '../../../local/stepfunctions/objects-as.ts';
import { ROLE_ARN } from './run-machine.ts';

const caller = {
  executionArn: 'arn:aws:states:us-east-1:123456789012:execution:machine:a',
  roleArn: ROLE_ARN,
  stateName: 'Map',
};
const statements: PolicyStatement[] = [
  { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::results/out/*' },
];
const access = new AccessControl({
  roles: [
    {
      arn: ROLE_ARN,
      name: 'machine',
      trust: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'states.amazonaws.com' } }],
      statements,
    },
  ],
  resourcePolicies: {},
});
const backend = createFauxqsBackend();
let s3: LocalService;
const objects = objectsAs(access, () => s3);

beforeAll(async () => {
  const buckets = [{ name: 'results', acceptsAcls: false }];
  s3 = await createS3Service({ backend, access, buckets });
});
afterAll(() => backend.stop());

test.each([
  ['small', 3],
  ['larger than one request may be', 20 * 1024 * 1024],
])('a state machine writes and reads an object that is %s', async (_what, bytes) => {
  const object = { bucket: 'results', key: 'out/a b/ü.json', caller };
  const body = Buffer.alloc(bytes, 'xyz');
  await objects.putObject({ ...object, body });
  expect((await objects.getObject(object)).equals(body)).toBe(true);
});

test.each([
  ['that is not there', { key: 'out/none' }, 'AccessDenied', 403],
  ['that its role may not read', { key: 'other' }, 'AccessDeniedException', 403],
  ['of another owner', { key: 'out/x', expectedBucketOwner: '999999999999' }, 'AccessDenied', 403],
  ['in no bucket', { bucket: 'none', key: 'out/x' }, 'AccessDeniedException', 403],
])('an object %s is refused by the name of the error', async (_what, rest, code, status) => {
  const read = objects.getObject({ bucket: 'results', ...rest, caller });
  const error = await read.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AwsError);
  expect(error).toMatchObject({ code, status });
});

test('the key that does not exist is told to who may list the bucket', async () => {
  const list = { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::results' } as const;
  access.replacePolicy(ROLE_ARN, [...statements, list]);
  const read = objects.getObject({ bucket: 'results', key: 'out/none', caller });
  await expect(read).rejects.toMatchObject({ code: 'NoSuchKey', status: 404 });
  access.replacePolicy(ROLE_ARN);
});
