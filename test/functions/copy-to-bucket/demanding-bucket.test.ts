import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { copyVideo } from '../../../functions/copy-to-bucket/copy-video.ts';
import { demandedHeaders } from '../../../functions/copy-to-bucket/demanded-headers.ts';
import type { PolicyStatement } from '../../../local/aws.ts';
import { role, startTestGateway, type TestGateway } from '../../local/test-gateway.ts';

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/videos';
const copier = role('Copier', [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }]);

/** What buckets, and organizations, demand of those who write. */
const deny = (Condition: PolicyStatement['Condition']): PolicyStatement => ({
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:PutObject',
  Resource: 'arn:aws:s3:::videos/*',
  Condition,
});
const DEMANDS = [
  deny({ StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } }),
  deny({ StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': KEY } }),
  deny({ StringNotEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } }),
];

let machine: TestGateway;
let s3: S3Client;

beforeAll(async () => {
  machine = await startTestGateway({
    roles: [copier],
    buckets: [
      { name: 'remotion', acceptsAcls: true },
      { name: 'videos', acceptsAcls: true },
    ],
    resourcePolicies: { 'arn:aws:s3:::videos': DEMANDS },
  });
  s3 = new S3Client(machine.client(copier.arn));
  await s3.send(new PutObjectCommand({ Bucket: 'remotion', Key: 'renders/abc/out.mp4', Body: 'video' }));
});

afterAll(() => machine.stop());

const copy = (key: string, environment: Record<string, string>) =>
  copyVideo({
    s3,
    inRegion: () => s3,
    source: { bucket: 'remotion', key: 'renders/abc/out.mp4' },
    sizeInBytes: 5,
    destination: { bucket: 'videos', key },
    renderId: 'abc',
    settings: { ContentType: 'video/mp4', ...demandedHeaders(environment)('videos') },
    overwrite: false,
  });

test('a video arrives in a bucket that demands headers when the stack is set to send them', async () => {
  await copy('a.mp4', {
    DESTINATION_ENCRYPTION: 'aws:kms',
    DESTINATION_KEYS: `other=arn:other,videos=${KEY}`,
    DESTINATION_ACL: 'bucket-owner-full-control',
  });
  const found = await s3.send(new HeadObjectCommand({ Bucket: 'videos', Key: 'a.mp4' }));
  expect(found.ContentLength).toBe(5);
});

test.each([
  ['none of them', {}],
  ['not the key', { DESTINATION_ENCRYPTION: 'aws:kms', DESTINATION_ACL: 'bucket-owner-full-control' }],
  ['not the ACL', { DESTINATION_ENCRYPTION: 'aws:kms', DESTINATION_KEYS: `videos=${KEY}` }],
])('and is refused where it sends %s, by name', async (_what, environment) => {
  await expect(copy('b.mp4', environment)).rejects.toMatchObject({
    name: 'VideoNotCopied',
    message: expect.stringContaining('AccessDenied'),
  });
});
