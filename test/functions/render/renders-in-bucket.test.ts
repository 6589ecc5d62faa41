import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { visitRenders } from '../../../functions/render/renders-in-bucket.ts';

const SINCE = Date.parse('2026-01-01T12:00:00Z');

/** An S3 client whose lists are answered with these objects, a page each, and which keeps what was asked for. */
function s3With(objects: Readonly<Record<string, string>>, pageSize: number) {
  const asked: Record<string, string>[] = [];
  const s3 = new S3Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: {
      async handle({ query }: { query: Record<string, string> }) {
        asked.push(query);
        const keys = Object.keys(objects)
          .filter((key) => key.startsWith(query.prefix ?? '') && key > (query['start-after'] ?? ''))
          .sort();
        const entries = keys
          .slice(0, pageSize)
          .map((key) => `<Contents><Key>${key}</Key><LastModified>${objects[key]}</LastModified></Contents>`);
        const xml = `<ListBucketResult><IsTruncated>${keys.length > pageSize}</IsTruncated>${entries.join('')}</ListBucketResult>`;
        return { response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(xml)]) } };
      },
    } as never,
  });
  return { s3, asked };
}

const NEW = '2026-01-01T12:00:01.000Z';
const OLD = '2026-01-01T11:59:59.000Z';

test('every render whose progress was written since is visited, over pages that the SDK reads only in part', async () => {
  const { s3 } = s3With(
    {
      'renders/a000000000/out.mp4': NEW,
      'renders/a000000000/progress.json': NEW,
      'renders/a111111111/progress.json': OLD,
      'renders/a222222222/out.mp4': OLD,
      'renders/a222222222/progress.json': NEW,
      'renders/z000000000/progress.json': NEW,
      'renders/1-day-a000000000/progress.json': NEW,
    },
    2,
  );
  const visited: string[] = [];
  await visitRenders(s3, { bucketName: 'bucket', since: SINCE }, async (renderId) => {
    visited.push(renderId);
    return false;
  });
  expect(visited.sort()).toEqual(['1-day-a000000000', 'a000000000', 'a222222222', 'z000000000']);
});

test('a list goes past the renders of another lifetime at once, and no further once something is found', async () => {
  const kept = Array.from({ length: 50 }, (_, i) => [
    `renders/1-day-${String(i).padStart(10, '0')}/out.mp4`,
    OLD,
  ]);
  const { s3, asked } = s3With({ ...Object.fromEntries(kept), 'renders/1zzzzzzzzz/progress.json': NEW }, 2);
  const visited: string[] = [];
  await visitRenders(s3, { bucketName: 'bucket', since: SINCE }, async (renderId) => {
    visited.push(renderId);
    return true;
  });
  expect(visited).toEqual(['1zzzzzzzzz']);
  expect(asked.filter(({ prefix }) => prefix === 'renders/1')).toHaveLength(2);
  expect(asked).toHaveLength(37);
});
