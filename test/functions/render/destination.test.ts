import { chooseDestination } from '../../../functions/render/destination.ts';
import { destinationKey } from '../../../functions/render/destination-key.ts';

const job = { jobId: 'order-4711' };
const allowed = { buckets: ['ours', 'theirs'], tags: false };
const values = { ...job, renderId: 'abcde12345', outputKey: 'renders/abcde12345/out.webm' };

describe('the destination', () => {
  test("is the stack's bucket when the request names none", () => {
    expect(chooseDestination(job, allowed)).toEqual({ bucket: 'ours' });
  });

  test('may be any bucket that the stack may write to', () => {
    const destination = { bucket: 'theirs', key: 'a.mp4' };
    expect(chooseDestination({ ...job, destination }, allowed)).toEqual(destination);
  });

  test('is refused before the render when the stack may not write to it', () => {
    expect(() => chooseDestination({ ...job, destination: { bucket: 'other' } }, allowed)).toThrow(
      'destination.bucket: given "other"; accepted: ours or theirs',
    );
  });

  test('is refused before the render when its key would be too long for S3', () => {
    const destination = { key: '{jobId}/'.repeat(120) };
    expect(() => chooseDestination({ ...job, destination }, allowed)).toThrow('destination.key: given');
  });
});

describe('tags', () => {
  const destination = { tags: { team: 'sales' } };

  test('are refused before the render when the stack may not set them', () => {
    expect(() => chooseDestination({ ...job, destination }, allowed)).toThrow(
      'destination.tags: given an object; accepted: no tags: this stack is deployed without destinationTags',
    );
  });

  test('go with the video when the stack may set them', () => {
    expect(chooseDestination({ ...job, destination }, { ...allowed, tags: true })).toEqual({
      bucket: 'ours',
      ...destination,
    });
  });
});

describe('the key', () => {
  test('is by default one that no other render has, with the extension of the output', () => {
    expect(destinationKey(undefined, values)).toBe('videos/order-4711/abcde12345.webm');
  });

  test('has the ids wherever the request wants them', () => {
    expect(destinationKey('{jobId}/{renderId}-{jobId}.webm', values)).toBe(
      'order-4711/abcde12345-order-4711.webm',
    );
  });
});

describe('downloadBehavior acts on the delivered video:', () => {
  const disposition = (fileName: string | null) =>
    chooseDestination(
      { jobId: 'job', render: { downloadBehavior: { type: 'download', fileName } } },
      { buckets: ['videos'], tags: false },
    ).contentDisposition;

  test.each([
    ['video.mp4', 'attachment; filename="video.mp4"'],
    [null, 'attachment'],
    ["März '26.mp4", `attachment; filename="M_rz '26.mp4"; filename*=UTF-8''M%C3%A4rz%20%2726.mp4`],
  ])('a download as %s', (fileName, header) => {
    expect(disposition(fileName)).toBe(header);
  });

  test('playing needs no header', () => {
    const render = { downloadBehavior: { type: 'play-in-browser' } } as const;
    const chosen = chooseDestination({ jobId: 'job', render }, { buckets: ['videos'], tags: false });
    expect(chosen).toEqual({ bucket: 'videos' });
  });

  test('it contradicts a contentDisposition of the destination', () => {
    const render = { downloadBehavior: { type: 'download', fileName: null } } as const;
    const destination = { contentDisposition: 'inline' };
    expect(() =>
      chooseDestination({ jobId: 'job', render, destination }, { buckets: ['videos'], tags: false }),
    ).toThrow('either render.downloadBehavior or destination.contentDisposition, not both');
  });
});

describe('a key is refused before the render is paid for', () => {
  test.each([
    ['videos/{jobId}.mp4', 'prores', undefined, '.mov, which Remotion gives prores'],
    ['videos/{jobId}.mp4', 'h264', 'pcm-16', '.mkv, which Remotion gives h264 with pcm-16'],
    ['videos/{jobId}.srt', 'h264', undefined, '.mp4, which Remotion gives h264'],
  ] as const)('%s of codec %s and audio codec %s', (key, codec, audioCodec, why) => {
    const render = { codec, ...(audioCodec && { audioCodec }) };
    const request = { jobId: 'job', render, destination: { key } };
    expect(() => chooseDestination(request, { buckets: ['videos'], tags: false })).toThrow(why);
  });

  test('but not where {extension} says what Remotion makes of it', () => {
    const request = {
      jobId: 'job',
      render: { codec: 'prores' },
      destination: { key: '{jobId}.{extension}' },
    };
    expect(chooseDestination(request as never, { buckets: ['videos'], tags: false }).key).toBe(
      '{jobId}.{extension}',
    );
    expect(destinationKey('{jobId}.{extension}', { jobId: 'job', renderId: 'r', outputKey: 'out.mov' })).toBe(
      'job.mov',
    );
  });
});

test('headers that S3 would refuse after the render are refused before it', () => {
  const render = { downloadBehavior: { type: 'download', fileName: '\u8acb'.repeat(250) } } as const;
  expect(() => chooseDestination({ jobId: 'job', render }, { buckets: ['videos'], tags: false })).toThrow(
    /destination: given "\d+ bytes"; accepted: cacheControl and contentDisposition .* at most 1948 bytes/,
  );
});
