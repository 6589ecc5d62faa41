import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { keyBeforeRender } from '../../../functions/render/destination.ts';
import { lookAtDestination } from '../../../functions/start-render/look-at-destination.ts';

const s3 = mockClient(S3Client);
beforeEach(() => s3.reset());

const look = (more: { key?: string | undefined; overwrite?: boolean } = {}) =>
  lookAtDestination({
    s3: new S3Client({ region: 'us-east-1' }),
    inRegion: (region) => new S3Client({ region }),
    destination: { bucket: 'videos', ...(more.overwrite && { overwrite: true }) },
    key: 'key' in more ? more.key : 'order.mp4',
    owner: '123456789012',
  });

test('an object that is there ends the execution before the render, by name', async () => {
  s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: 'order.mp4' }] });
  await expect(look()).rejects.toMatchObject({
    name: 'DestinationExists',
    message: 'Another object is at s3://videos/order.mp4. No render was started.',
  });
  expect(s3.call(0).args[0].input).toEqual({
    Bucket: 'videos',
    Prefix: 'order.mp4',
    MaxKeys: 1,
    ExpectedBucketOwner: '123456789012',
  });
});

test.each([
  ['nothing is there', {}],
  ['only a longer key is there', { Contents: [{ Key: 'order.mp4.bak' }] }],
])('the render is started where %s', async (_what, answer) => {
  s3.on(ListObjectsV2Command).resolves(answer);
  await expect(look()).resolves.toBeUndefined();
});

test('the render is started where the look is refused: the copy decides', async () => {
  s3.on(ListObjectsV2Command).rejects(Object.assign(new Error('no'), { name: 'AccessDenied' }));
  await expect(look()).resolves.toBeUndefined();
});

test('nothing is looked at where the video may replace it, or has a key of its own', async () => {
  await look({ overwrite: true });
  await look({ key: undefined });
  expect(s3.calls()).toEqual([]);
});

test('a bucket in another region is looked at there', async () => {
  const redirect = Object.assign(new Error('elsewhere'), {
    $metadata: { httpStatusCode: 301 },
    $response: { headers: { 'x-amz-bucket-region': 'eu-central-1' } },
  });
  s3.on(ListObjectsV2Command)
    .rejectsOnce(redirect)
    .resolves({ Contents: [{ Key: 'order.mp4' }] });
  await expect(look()).rejects.toMatchObject({ name: 'DestinationExists' });
});

test.each([
  ['videos/{jobId}.mp4', 'videos/order.mp4'],
  ['videos/{jobId}.{extension}', 'videos/order.mov'],
  ['videos/{jobId}/{renderId}.mov', undefined],
  [undefined, undefined],
])('of the key %s is known before the render: %s', (key, known) => {
  const request = { jobId: 'order', render: { codec: 'prores' } } as const;
  expect(keyBeforeRender({ ...(key && { key }) }, request)).toBe(known);
});
