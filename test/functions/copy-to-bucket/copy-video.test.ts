import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { sdkStreamMixin } from '@smithy/util-stream';
import { mockClient } from 'aws-sdk-client-mock';
import { type CopyOptions, copyVideo } from '../../../functions/copy-to-bucket/copy-video.ts';

const MIB = 1024 ** 2;
const SIZE = 100 * MIB; // 13 parts of 8 MiB
const s3 = mockClient(S3Client);

const source = { bucket: 'remotion', key: 'renders/abc/out.mp4', owner: '123456789012' };
const destination = { bucket: 'videos', key: 'a.mp4', owner: '210987654321' };
const options: CopyOptions = {
  s3: new S3Client({ region: 'us-east-1' }),
  inRegion: (region) => new S3Client({ region }),
  source,
  sizeInBytes: SIZE,
  destination,
  renderId: 'abc',
  settings: { ContentType: 'video/mp4', CacheControl: 'max-age=60', Tagging: 'team=sales' },
  overwrite: false,
};
const copy = (more: Partial<CopyOptions> = {}) => copyVideo({ ...options, ...more });

const failure = (name: string, httpStatusCode: number, more: object = {}) =>
  Object.assign(new Error(`${name}!`), { name, $metadata: { httpStatusCode }, ...more });
const own = { ContentLength: SIZE, ETag: '"copy-13"', Metadata: { 'render-id': 'abc' } };
const isDelivered = () => s3.commandCalls(CompleteMultipartUploadCommand).length > 0;
const inputs = (Command: typeof UploadPartCopyCommand) =>
  s3.commandCalls(Command).map(({ args }) => args[0].input);

beforeEach(() => {
  s3.reset();
  s3.on(HeadObjectCommand, { Key: source.key }).resolves({ ContentLength: SIZE, ETag: '"source"' });
  // Something is there once the copy was made.
  s3.on(HeadObjectCommand, { Key: destination.key }).callsFake(async () => {
    if (isDelivered()) return own;
    throw failure('NotFound', 404);
  });
  s3.on(GetObjectCommand).rejects(failure('NoSuchKey', 404));
  s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'upload-1' });
  s3.on(AbortMultipartUploadCommand).resolves({});
  s3.on(UploadPartCopyCommand).callsFake(({ PartNumber }) => ({
    CopyPartResult: { ETag: `"part-${PartNumber}"`, ChecksumCRC64NVME: `crc-${PartNumber}` },
  }));
});

describe('a large video', () => {
  test('is copied in parts of the pinned source, which are put together only if nothing is there', async () => {
    await expect(copy()).resolves.toEqual({ sizeInBytes: SIZE, etag: 'copy-13', isNew: true });
    expect(s3.commandCalls(CopyObjectCommand)).toHaveLength(0);
    const parts = inputs(UploadPartCopyCommand);
    expect(parts).toHaveLength(13);
    expect(parts.at(-1)).toEqual({
      Bucket: 'videos',
      Key: 'a.mp4',
      ExpectedBucketOwner: '210987654321',
      ExpectedSourceBucketOwner: '123456789012',
      CopySource: 'remotion/renders%2Fabc%2Fout.mp4',
      CopySourceIfMatch: '"source"',
      UploadId: 'upload-1',
      PartNumber: 13,
      CopySourceRange: `bytes=${96 * MIB}-${SIZE - 1}`,
    });
    const completed = s3.commandCalls(CompleteMultipartUploadCommand)[0]?.args[0].input;
    expect(completed).toMatchObject({
      UploadId: 'upload-1',
      IfNoneMatch: '*',
      MpuObjectSize: SIZE,
      ChecksumType: 'FULL_OBJECT',
    });
    expect(completed?.MultipartUpload?.Parts).toEqual(
      Array.from({ length: 13 }, (_, i) => ({
        PartNumber: i + 1,
        ETag: `"part-${i + 1}"`,
        ChecksumCRC64NVME: `crc-${i + 1}`,
      })),
    );
  });

  test('gets its headers, metadata, tags and a checksum when the upload is created', async () => {
    await copy();
    expect(s3.commandCalls(CreateMultipartUploadCommand)[0]?.args[0].input).toEqual({
      Bucket: 'videos',
      Key: 'a.mp4',
      ExpectedBucketOwner: '210987654321',
      ContentType: 'video/mp4',
      CacheControl: 'max-age=60',
      Tagging: 'team=sales',
      Metadata: { 'render-id': 'abc' },
      ChecksumAlgorithm: 'CRC64NVME',
      ChecksumType: 'FULL_OBJECT',
    });
  });

  test('may replace another object when the request says so', async () => {
    await copy({ overwrite: true });
    expect(s3.commandCalls(CompleteMultipartUploadCommand)[0]?.args[0].input).not.toHaveProperty(
      'IfNoneMatch',
    );
  });

  test('that cannot be copied leaves no upload behind', async () => {
    s3.on(UploadPartCopyCommand, { PartNumber: 7 }).rejects(failure('AccessDenied', 403));
    await expect(copy()).rejects.toMatchObject({
      name: 'VideoNotCopied',
      message:
        'Cannot copy s3://remotion/renders/abc/out.mp4 to s3://videos/a.mp4: AccessDenied: AccessDenied!',
    });
    expect(s3.commandCalls(AbortMultipartUploadCommand)[0]?.args[0].input).toMatchObject({
      UploadId: 'upload-1',
    });
    expect(s3.commandCalls(CompleteMultipartUploadCommand)).toHaveLength(0);
  });

  test('that changes while it is copied is not delivered', async () => {
    s3.on(UploadPartCopyCommand, { PartNumber: 3 }).rejects(failure('PreconditionFailed', 412));
    await expect(copy()).rejects.toMatchObject({
      name: 'VideoNotCopied',
      message: expect.stringContaining('VideoChanged: The video was changed while it was being copied.'),
    });
    expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
  });

  test('leaves another object as it is, also when that came while the parts were copied', async () => {
    s3.on(CompleteMultipartUploadCommand).rejects(failure('PreconditionFailed', 412));
    s3.on(HeadObjectCommand, { Key: destination.key }).callsFake(async () => {
      if (isDelivered()) return { ContentLength: 9, ETag: '"other"' };
      throw failure('NotFound', 404);
    });
    await expect(copy()).rejects.toMatchObject({ name: 'DestinationExists' });
    expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
  });

  test('is not copied again where it is already, and not at all where another object is', async () => {
    s3.on(HeadObjectCommand, { Key: destination.key }).resolves(own);
    await expect(copy()).resolves.toEqual({ sizeInBytes: SIZE, etag: 'copy-13', isNew: false });
    s3.on(HeadObjectCommand, { Key: destination.key }).resolves({ ContentLength: 9, ETag: '"other"' });
    await expect(copy()).rejects.toMatchObject({ name: 'DestinationExists' });
    expect(s3.commandCalls(CreateMultipartUploadCommand)).toHaveLength(0);
  });

  test.each([
    ['its own finished copy is there', failure('PreconditionFailed', 412)],
    ['another attempt has completed the upload', failure('NoSuchUpload', 404)],
  ])('is delivered when %s', async (_what, error) => {
    s3.on(CompleteMultipartUploadCommand).rejects(error);
    await expect(copy()).resolves.toMatchObject({ etag: 'copy-13' });
  });

  test('with another checksum than its copy is not delivered', async () => {
    s3.on(HeadObjectCommand, { Key: source.key }).resolves({
      ContentLength: SIZE,
      ETag: '"source"',
      ChecksumCRC64NVME: 'one',
    });
    s3.on(HeadObjectCommand, { Key: destination.key }).resolves({ ...own, ChecksumCRC64NVME: 'two' });
    await expect(copy()).rejects.toMatchObject({
      name: 'VideoNotCopied',
      message: expect.stringContaining('The copy has the CRC64NVME checksum two, the video one.'),
    });
  });
});

describe('a copy whose function was killed', () => {
  const recorded = async () => {
    await copy();
    const record = String(s3.commandCalls(PutObjectCommand)[0]?.args[0].input.Body);
    s3.resetHistory();
    return record;
  };
  const leftBehind = (record: string) =>
    s3
      .on(GetObjectCommand, { Bucket: 'remotion', Key: 'renders/abc/copy.json' })
      .callsFake(() => ({ Body: sdkStreamMixin(Readable.from([Buffer.from(record)])) }));

  test('goes on with the parts that are missing', async () => {
    leftBehind(await recorded());
    s3.on(ListPartsCommand, { UploadId: 'upload-1' }).resolves({
      Parts: Array.from({ length: 9 }, (_, i) => ({
        PartNumber: i + 1,
        ETag: `"before-${i + 1}"`,
        ChecksumCRC64NVME: 'crc',
      })),
    });
    await copy();
    expect(s3.commandCalls(CreateMultipartUploadCommand)).toHaveLength(0);
    expect(inputs(UploadPartCopyCommand).map(({ PartNumber }) => PartNumber)).toEqual([10, 11, 12, 13]);
    const parts = s3.commandCalls(CompleteMultipartUploadCommand)[0]?.args[0].input.MultipartUpload?.Parts;
    expect(parts?.[0]).toEqual({ PartNumber: 1, ETag: '"before-1"', ChecksumCRC64NVME: 'crc' });
    expect(parts).toHaveLength(13);
  });

  test('begins anew when its upload has been ended', async () => {
    leftBehind(await recorded());
    s3.on(ListPartsCommand).rejects(failure('NoSuchUpload', 404));
    await copy();
    expect(inputs(UploadPartCopyCommand)).toHaveLength(13);
  });

  test.each([
    ['the video is another', { source: { ...source, bucket: 'other' } }],
    ['the destination is another', { destination: { ...destination, key: 'b.mp4' } }],
    ['the copy gets other headers', { settings: { ContentType: 'video/webm' } }],
  ])('begins anew when %s', async (_what, change) => {
    leftBehind(await recorded());
    s3.on(HeadObjectCommand, { Key: 'b.mp4' }).rejectsOnce(failure('NotFound', 404)).resolves(own);
    await copy(change);
    expect(s3.commandCalls(ListPartsCommand)).toHaveLength(0);
    expect(s3.commandCalls(CreateMultipartUploadCommand)).toHaveLength(1);
  });
});

describe('a destination in another region', () => {
  test('is written to there', async () => {
    const redirect = { $response: { headers: { 'x-amz-bucket-region': 'eu-central-1' } } };
    const regions: string[] = [];
    s3.on(CreateMultipartUploadCommand)
      .rejectsOnce(failure('PermanentRedirect', 301, redirect))
      .resolves({ UploadId: 'upload-1' });
    const inRegion = (region: string) => {
      regions.push(region);
      return options.inRegion(region);
    };
    await expect(copy({ inRegion })).resolves.toMatchObject({ etag: 'copy-13' });
    expect(regions).toEqual(['eu-central-1']);
    const clients = s3.commandCalls(UploadPartCopyCommand).map(({ thisValue }) => thisValue as S3Client);
    expect(await clients[0]?.config.region()).toBe('eu-central-1');
  });
});

describe('a video that was removed after its delivery', () => {
  beforeEach(() => {
    s3.on(HeadObjectCommand, { Key: source.key }).rejects(failure('NotFound', 404));
  });

  test('is found where it was delivered', async () => {
    s3.on(HeadObjectCommand, { Key: destination.key }).resolves(own);
    await expect(copy()).resolves.toEqual({ sizeInBytes: SIZE, etag: 'copy-13', isNew: false });
    expect(s3.commandCalls(CreateMultipartUploadCommand)).toHaveLength(0);
  });

  test('is missed when something else is there', async () => {
    s3.on(HeadObjectCommand, { Key: destination.key }).resolves({ ...own, ContentLength: 7 });
    await expect(copy()).rejects.toMatchObject({
      name: 'VideoNotCopied',
      message: expect.stringContaining('NotFound'),
    });
  });
});
