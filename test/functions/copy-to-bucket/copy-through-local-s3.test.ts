import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { jest } from '@jest/globals';
import { copyVideo } from '../../../functions/copy-to-bucket/copy-video.ts';
import { deleteRenderFiles } from '../../../functions/copy-to-bucket/delete-render-files.ts';
import { LOCAL_ACCOUNT_ID } from '../../../local/aws.ts';
import { startTestGateway, type TestGateway } from '../../local/test-gateway.ts';

const MIB = 1024 ** 2;
const BLOCK = 10 * MIB;
const BLOCKS = 7;
jest.setTimeout(60_000);

const source = { bucket: 'remotion', key: 'renders/abc/out.mp4', owner: LOCAL_ACCOUNT_ID };
const destination = { bucket: 'videos', key: 'videos/order 4711+ü.mp4', owner: LOCAL_ACCOUNT_ID };

let machine: TestGateway;
let s3: S3Client;
let partCopies = 0;
/** Calls of UploadPartCopy that are answered before the others wait for ever, as for a killed function. */
let answered = Number.POSITIVE_INFINITY;

beforeAll(async () => {
  machine = await startTestGateway({
    buckets: [
      { name: 'remotion', acceptsAcls: true },
      { name: 'videos', acceptsAcls: false },
    ],
  });
  s3 = new S3Client(machine.client());
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'UploadPartCopyCommand' && ++partCopies > answered) await new Promise(() => {});
        return next(args);
      },
    { step: 'initialize' },
  );
  await putLargeVideo();
});

afterAll(async () => {
  s3.destroy();
  await machine.stop();
});

/** 70 MiB out of one block of 10 MiB: the local S3 takes no larger request. */
async function putLargeVideo(): Promise<void> {
  await s3.send(
    new PutObjectCommand({ Bucket: 'remotion', Key: 'block', Body: Buffer.alloc(BLOCK, 'video ') }),
  );
  const to = { Bucket: source.bucket, Key: source.key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(to));
  const Parts = [];
  for (let PartNumber = 1; PartNumber <= BLOCKS; PartNumber++) {
    const { CopyPartResult } = await s3.send(
      new UploadPartCopyCommand({ ...to, UploadId, PartNumber, CopySource: 'remotion/block' }),
    );
    Parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...to, UploadId, MultipartUpload: { Parts } }));
}

const copy = () =>
  copyVideo({
    s3,
    inRegion: () => s3,
    source,
    sizeInBytes: BLOCKS * BLOCK,
    destination,
    renderId: 'abc',
    settings: { ContentType: 'video/mp4', CacheControl: 'max-age=60', ContentDisposition: 'attachment' },
    overwrite: false,
  });
const openUploads = async () =>
  (await s3.send(new ListMultipartUploadsCommand({ Bucket: 'videos' }))).Uploads?.length ?? 0;

test('a large video whose copy is killed and repeated is delivered whole, and no finished part is copied twice', async () => {
  partCopies = 0;
  answered = 4;
  const killed = copy();
  killed.catch(() => undefined);
  while (partCopies < 9) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await openUploads()).toBe(1);

  answered = Number.POSITIVE_INFINITY;
  partCopies = 0;
  await expect(copy()).resolves.toMatchObject({ sizeInBytes: BLOCKS * BLOCK });
  expect(partCopies).toBe(5);
  expect(await openUploads()).toBe(0);

  const there = { Bucket: destination.bucket, Key: destination.key };
  expect(await s3.send(new HeadObjectCommand(there))).toMatchObject({
    ContentType: 'video/mp4',
    CacheControl: 'max-age=60',
    ContentDisposition: 'attachment',
    Metadata: { 'render-id': 'abc' },
  });
  const read = async (Bucket: string, Key: string) =>
    (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToByteArray();
  const [from, to] = await Promise.all([read(source.bucket, source.key), read(there.Bucket, there.Key)]);
  expect(Buffer.compare(from ?? Buffer.alloc(0), to ?? Buffer.alloc(1))).toBe(0);
});

test('it is found again once the files of its render are deleted, of which only the progress and what was not delivered stay', async () => {
  await s3.send(new PutObjectCommand({ Bucket: 'remotion', Key: 'renders/abc/progress.json', Body: '{}' }));
  await s3.send(new PutObjectCommand({ Bucket: 'remotion', Key: 'renders/abcd/out.mp4', Body: 'other' }));
  for (const artifact of ['delivered.srt', 'late.srt'])
    await s3.send(
      new PutObjectCommand({ Bucket: 'remotion', Key: `renders/abc/artifacts/${artifact}`, Body: artifact }),
    );
  const delivered = ['renders/abc/artifacts/delivered.srt'];
  expect(await deleteRenderFiles(s3, 'remotion', 'abc', delivered)).toBe(3);
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: 'remotion', Prefix: 'renders/' }),
  );
  expect(Contents.map(({ Key }) => Key)).toEqual([
    'renders/abc/artifacts/late.srt',
    'renders/abc/progress.json',
    'renders/abcd/out.mp4',
  ]);
  await expect(copy()).resolves.toMatchObject({ sizeInBytes: BLOCKS * BLOCK });
});
