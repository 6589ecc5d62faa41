import { CopyObjectCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { copyArtifacts, listedArtifacts } from '../../../functions/copy-to-bucket/copy-artifacts.ts';

const mock = mockClient(S3Client);
const s3 = new S3Client({ region: 'us-east-1' });
const notFound = Object.assign(new Error('no'), { name: 'NotFound', $metadata: { httpStatusCode: 404 } });

const copied = {
  ContentLength: 7,
  ETag: '"a"',
  Metadata: { 'render-id': 'abc' },
};

beforeEach(() => {
  mock.reset();
  mock.on(ListObjectsV2Command).resolves({
    Contents: [{ Key: 'renders/abc/artifacts/captions.srt', Size: 7 }],
  });
  mock
    .on(HeadObjectCommand, { Bucket: 'remotion' })
    .resolves({ ContentLength: 7, ETag: '"a"', ContentType: 'application/x-subrip' });
  mock.on(HeadObjectCommand, { Bucket: 'videos' }).rejectsOnce(notFound).resolves(copied);
  mock.on(CopyObjectCommand).resolves({});
});

const copy = (overwrite = false) =>
  copyArtifacts({
    s3,
    inRegion: () => s3,
    source: { bucket: 'remotion', key: 'renders/abc/out.mp4' },
    sizeInBytes: 100,
    destination: { bucket: 'videos', key: 'orders/4711.mp4' },
    renderId: 'abc',
    settings: { ContentType: 'video/mp4', ContentDisposition: 'attachment', StorageClass: 'STANDARD_IA' },
    overwrite,
  });

test('what a composition has emitted is delivered beside its video and named', async () => {
  await expect(copy()).resolves.toEqual({
    artifacts: [{ filename: 'captions.srt', key: 'orders/4711/captions.srt', sizeInBytes: 7 }],
    sourceKeys: ['renders/abc/artifacts/captions.srt'],
  });
});

test('it replaces nothing, is of its own kind, and is kept as the video is', async () => {
  await copy();
  const [call] = mock.commandCalls(CopyObjectCommand);
  expect(call?.args[0].input).toMatchObject({
    CopySource: 'remotion/renders%2Fabc%2Fartifacts%2Fcaptions.srt',
    IfNoneMatch: '*',
    ContentType: 'application/x-subrip',
    StorageClass: 'STANDARD_IA',
  });
  expect(call?.args[0].input.ContentDisposition).toBeUndefined();
});

test('another object at its place ends in the name that the video would', async () => {
  mock.on(HeadObjectCommand, { Bucket: 'videos' }).resolves({ ...copied, Metadata: {} });
  await expect(copy()).rejects.toMatchObject({
    name: 'DestinationExists',
    message: expect.stringContaining('The artifact is at s3://remotion/renders/abc/artifacts/captions.srt'),
  });
});

test('an output names as many artifacts as it can hold, and says how many it cannot', () => {
  const artifact = (i: number) => ({ filename: `${i}.png`, key: `k/${'x'.repeat(900)}${i}`, sizeInBytes: 1 });
  const all = Array.from({ length: 300 }, (_, i) => artifact(i));
  const { artifacts, artifactsNotListed } = listedArtifacts(all);
  expect(artifacts.length + (artifactsNotListed ?? 0)).toBe(300);
  expect(JSON.stringify(artifacts).length).toBeLessThan(104_000);
  expect(listedArtifacts(all.slice(0, 2))).toEqual({ artifacts: all.slice(0, 2) });
});
