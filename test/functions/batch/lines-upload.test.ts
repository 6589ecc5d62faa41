import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { LinesUpload } from '../../../functions/batch/lines-upload.ts';

const s3 = mockClient(S3Client);
beforeEach(() => s3.reset());

const upload = () => new LinesUpload(new S3Client({ region: 'us-east-1' }), 'bucket', 'a.csv', 'text/csv');
const inputs = (command: Parameters<typeof s3.commandCalls>[0]) =>
  s3.commandCalls(command).map(({ args }) => args[0].input as Record<string, unknown>);

test('few lines are one object', async () => {
  const lines = upload();
  for (const line of ['a', 'b']) await lines.write(line);
  await lines.end();
  expect(s3.calls()).toHaveLength(1);
  expect(inputs(PutObjectCommand)).toEqual([
    { Bucket: 'bucket', Key: 'a.csv', Body: Buffer.from('a\nb\n'), ContentType: 'text/csv' },
  ]);
});

test('many lines go there in parts, of which only one is in memory', async () => {
  s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'u' });
  s3.on(UploadPartCommand).callsFake(({ PartNumber }) => ({ ETag: `e${PartNumber}` }));
  const lines = upload();
  const mebibyte = 'x'.repeat(1024 ** 2 - 1);
  for (let i = 0; i < 17; i += 1) await lines.write(mebibyte);
  await lines.end();
  const parts = inputs(UploadPartCommand).map(({ PartNumber, Body }) => [
    PartNumber,
    (Body as Buffer).length,
  ]);
  const part = 8 * 1024 ** 2;
  expect(parts).toEqual([
    [1, part],
    [2, part],
    [3, 1024 ** 2],
  ]);
  expect(inputs(CreateMultipartUploadCommand)[0]).toMatchObject({ ContentType: 'text/csv' });
  expect(inputs(CompleteMultipartUploadCommand)).toEqual([
    {
      Bucket: 'bucket',
      Key: 'a.csv',
      UploadId: 'u',
      MultipartUpload: { Parts: [1, 2, 3].map((PartNumber) => ({ PartNumber, ETag: `e${PartNumber}` })) },
    },
  ]);
  expect(inputs(PutObjectCommand)).toEqual([]);
});
