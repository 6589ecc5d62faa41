import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ConditionalObjects } from '../../../functions/runtime/conditional-objects.ts';
import { MemoryBucket } from '../memory-bucket.ts';

const bucket = new MemoryBucket();
const objects = new ConditionalObjects<{ count: number }>(new S3Client({ region: 'us-east-1' }), 'b');
const reads = () => bucket.s3.commandCalls(GetObjectCommand).length;

beforeEach(() => bucket.reset());

test('of all who want to change an object exactly one does', async () => {
  const created = await objects.create('key', { count: 0 });
  const etag = created?.etag ?? '';
  const results = await Promise.all([1, 2, 3].map((count) => objects.replace('key', etag, { count })));
  expect(results.filter((result) => result !== undefined)).toHaveLength(1);
  expect((await objects.read('key'))?.value).toEqual(results.find(Boolean)?.value);
});

test('who has sent a write once and was refused has met another: nothing is read to know it', async () => {
  await objects.create('key', { count: 0 });
  expect(await objects.create('key', { count: 1 })).toBeUndefined();
  expect(reads()).toBe(0);
});

test('a write whose answer was lost, and that was sent again, is recognized by who has sent it', async () => {
  bucket.nextPuts.push('loses its answer');
  expect(await objects.create('key', { count: 0 })).toMatchObject({ value: { count: 0 } });
});
