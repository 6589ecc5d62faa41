import { BrowserSafeApis } from '@remotion/renderer/client';
import { parseRenderRequest } from '../../statemachine/parse-render-request.ts';
import { CODECS } from '../../statemachine/render-request-schema.ts';

const render = { serveUrl: 'https://example.com/site', composition: 'Invoice', codec: 'h264' };

function refusal(request: unknown, jobId: unknown = 'job-1'): string {
  try {
    parseRenderRequest(request, jobId);
  } catch (error) {
    expect((error as Error).name).toBe('InvalidRenderRequest');
    return (error as Error).message;
  }
  throw new Error('The request was accepted.');
}

describe('a request', () => {
  test('may say how the video is stored and served', () => {
    const destination = {
      bucket: 'videos',
      key: 'a.mp4',
      overwrite: true,
      cacheControl: 'max-age=60',
      contentDisposition: 'attachment; filename="a.mp4"',
      storageClass: 'GLACIER_IR',
      tags: { team: 'Vertrieb Süd', 'cost/centre': '4711' },
    };
    expect(parseRenderRequest({ render, destination }, 'job-1')).toMatchObject({ destination });
  });

  test('comes through unchanged, with the job id that the state machine chose', () => {
    const destination = { bucket: 'ours', key: 'a/{jobId}/{renderId}.mp4', overwrite: true };
    const request = {
      render,
      destination,
      startTimeoutInSeconds: 1_209_600,
      priority: 'high',
      maxCostInUsd: 0.5,
    };
    expect(parseRenderRequest(request, 'job-1')).toEqual({ ...request, jobId: 'job-1' });
  });

  test('may use render options that this project does not know', () => {
    const request = { render: { ...render, aNewRemotionOption: { deep: [1] }, crf: 18 } };
    expect(parseRenderRequest(request, 'job-1').render).toEqual(request.render);
  });

  test('may use every video and audio codec of Remotion Lambda', () => {
    const onLambda = BrowserSafeApis.validCodecs.filter(
      (codec) => !['av1', 'h264-mkv', 'h264-ts'].includes(codec),
    );
    expect([...CODECS].sort()).toEqual(onLambda.sort());
    for (const codec of CODECS) {
      expect(() => parseRenderRequest({ render: { ...render, codec } }, 'job-1')).not.toThrow();
    }
  });

  test("may have a context of the caller's own, of up to 2,048 bytes", () => {
    const context = { tenant: 'acme', 'order/no.': '4711', note: 'ü'.repeat(1000) };
    expect(parseRenderRequest({ render, context }, 'job-1').context).toEqual(context);
    const tooLong = refusal({ render, context: { note: 'ü'.repeat(1020) } });
    expect(tooLong).toContain(
      'context: given an object; accepted: an object of texts, of at most 2,048 bytes as JSON',
    );
    expect(refusal({ render, context: { attempt: 3 } })).toContain(
      'context.attempt: given a number; accepted: an object of texts',
    );
    expect(refusal({ render, context: ['acme'] })).toContain('context: given an array; accepted:');
  });

  test('may have a webhook without a secret', () => {
    const webhook = { url: 'https://example.com', secret: null };
    expect(() => parseRenderRequest({ render: { ...render, webhook } }, 'job-1')).not.toThrow();
  });
});

describe('a refusal names the field, what was given and what is accepted', () => {
  test.each([
    ['nothing at all', undefined, 'request: given nothing; accepted: an object with render'],
    ['text', 'render it', 'request: given a string; accepted: an object with render'],
    ['an array', [{ render }], 'request: given an array; accepted: an object with render'],
    ['no render', {}, 'render: given nothing; accepted: an object with the options of renderMediaOnLambda'],
    [
      'no composition',
      { render: { ...render, composition: undefined } },
      'render.composition: given nothing; accepted: the id of a composition',
    ],
    ['an empty composition', { render: { ...render, composition: '' } }, 'render.composition: given "";'],
    [
      'an unknown codec',
      { render: { ...render, codec: 'h266' } },
      'render.codec: given "h266"; accepted: one of h264, h265',
    ],
    ['a number as site', { render: { ...render, serveUrl: 7 } }, 'render.serveUrl: given 7; accepted:'],
    [
      'props that are no object',
      { render: { ...render, inputProps: 'secret' } },
      'render.inputProps: given a string; accepted: an object',
    ],
    [
      'props twice',
      { render: { ...render, inputProps: {}, inputPropsUri: 's3://bucket/input-props/a.json' } },
      'render.inputPropsUri: given "s3://bucket/input-props/a.json"; accepted: either inputProps or inputPropsUri',
    ],
    [
      'props at a web address',
      { render: { ...render, inputPropsUri: 'https://example.com' } },
      'render.inputPropsUri: given "https://example.com"; accepted: s3://<Remotion bucket>/input-props/<name>',
    ],
    [
      'an unknown field',
      { render, composition: 'a' },
      'composition: not a field of a request; accepted: an object with render',
    ],
    [
      'an unknown destination field',
      { render, destination: { prefix: 'a' } },
      'destination.prefix: not a field of a request; accepted: an object with bucket, key, overwrite',
    ],
    [
      'a key that begins with a slash',
      { render, destination: { key: '/a.mp4' } },
      'destination.key: given "/a.mp4"; accepted: an object key',
    ],
    [
      'an unknown placeholder',
      { render, destination: { key: '{id}.mp4' } },
      'destination.key: given "{id}.mp4"; accepted: an object key',
    ],
    [
      'a word as overwrite',
      { render, destination: { overwrite: 'yes' } },
      'destination.overwrite: given "yes"; accepted: true or false',
    ],
    [
      'a header with a line break',
      { render, destination: { cacheControl: 'a\r\nb: c' } },
      'destination.cacheControl: given "a\\r\\nb: c"; accepted: a header of 1 to 1,024 ASCII characters',
    ],
    [
      'an unknown storage class',
      { render, destination: { storageClass: 'COLD' } },
      'destination.storageClass: given "COLD"; accepted: one of STANDARD, INTELLIGENT_TIERING',
    ],
    [
      'a tag that AWS keeps for itself',
      { render, destination: { tags: { 'aws:team': 'a' } } },
      'destination.tags: given an object; accepted: an object of up to 10 tags',
    ],
    [
      'a tag that is a number',
      { render, destination: { tags: { cost: 7 } } },
      'destination.tags.cost: given 7; accepted: an object of up to 10 tags',
    ],
    [
      'more patience than the workflow has',
      { render, startTimeoutInSeconds: 1_209_601 },
      'startTimeoutInSeconds: given a number; accepted: a number of seconds from 0 to 1209600',
    ],
    [
      'a priority of its own',
      { render, priority: 'urgent' },
      'priority: given "urgent"; accepted: one of high, normal, low',
    ],
    [
      'a render that may cost nothing',
      { render, maxCostInUsd: 0 },
      'maxCostInUsd: given 0; accepted: a number of USD greater than 0',
    ],
    [
      'a limit of costs that is text',
      { render, maxCostInUsd: '0.5' },
      'maxCostInUsd: given "0.5"; accepted: a number of USD greater than 0',
    ],
    [
      'a time after which Remotion cannot delete',
      { render: { ...render, deleteAfter: '2-days' } },
      'render.deleteAfter: given a string; accepted: one of 1-day, 3-days, 7-days, 30-days',
    ],
    [
      'a signed URL that is too much for a name',
      { render: { ...render, inputPropsUri: 'https://example.com/a?signature=hunter2' } },
      'render.inputPropsUri: given "https://example.com/a?…";',
    ],
    ['an empty bucket', { render, destination: { bucket: '' } }, 'destination.bucket: given "";'],
    ['a number as jobId', { jobId: 5, render }, 'jobId: given 5; accepted: 1 to 128 letters'],
  ])('%s', (_what, request, message) => {
    expect(refusal(request)).toContain(message);
  });

  test.each([
    'region',
    'functionName',
    'forceBucketName',
    'forcePathStyle',
    'requestHandler',
    'enableCancellation',
    'rendererFunctionName',
    'outName',
    'licenseKey',
    'apiKey',
    's3OutputProvider',
  ])('render.%s, which the workflow owns', (option) => {
    expect(refusal({ render: { ...render, [option]: 'x' } })).toContain(
      `render.${option}: given a string; not accepted`,
    );
  });

  test('a job id from the execution name that cannot be part of an object key', () => {
    expect(refusal({ render }, 'größe')).toContain('jobId: given "größe"; accepted: 1 to 128 letters');
  });

  test('every wrong field at once', () => {
    const message = refusal({ jobId: '', render: { codec: 'x', region: 'eu' }, extra: 1 });
    for (const field of ['jobId', 'render.composition', 'render.codec', 'render.region', 'extra']) {
      expect(message).toMatch(new RegExp(`^${field}: `, 'm'));
    }
  });

  test('without showing a secret, which has no place in an execution', () => {
    const message = refusal({
      render: { ...render, webhook: { url: 'https://example.com', secret: 'hunter2' }, apiKey: 'hunter2' },
    });
    expect(message).toContain('render.webhook.secret: given a string; accepted: null');
    expect(message).not.toContain('hunter2');
  });
});

describe('a key that S3, its consoles or tools cannot handle is refused', () => {
  test.each([
    '../{jobId}.mp4',
    'videos/../{jobId}.mp4',
    'videos/./a.mp4',
    '/videos/a.mp4',
    'videos//a.mp4',
    'videos/{jobId}/',
    'videos/ /a.mp4',
    'videos\\a.mp4',
    'videos/a\u0000.mp4',
    'videos/\ud800.mp4',
    'soap',
    'videos/{jobId}.',
    '{name}.mp4',
  ])('%j', (key) => {
    const request = { render: { composition: 'Invoice', codec: 'h264' }, destination: { key } };
    expect(() => parseRenderRequest(request, 'job')).toThrow(
      /destination\.key: given .*; accepted: an object key/,
    );
  });

  test.each(['videos/März 2026/{jobId}.mp4', 'a..b/{renderId}', '{jobId}.{extension}', '🎬.mp4'])(
    'but %j is taken',
    (key) => {
      const request = { render: { composition: 'Invoice', codec: 'h264' }, destination: { key } };
      expect(parseRenderRequest(request, 'job').destination).toEqual({ key });
    },
  );
});
