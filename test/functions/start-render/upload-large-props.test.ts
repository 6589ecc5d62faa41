import { jest } from '@jest/globals';
import type { RenderMediaOnLambdaInput } from '@remotion/lambda/client';
import { renderUploadingLargeProps } from '../../../functions/start-render/upload-large-props.ts';

Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
jest.spyOn(console, 'warn').mockReturnValue();

const BUCKET = 'remotionlambda-useast1-example';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly hostname: string;
  readonly body: unknown;
}
let sent: Sent[];

/** Answers for S3 and for Remotion's function. */
const requestHandler = {
  metadata: { handlerProtocol: 'http/1.1' },
  handle: async (request: Sent) => {
    sent.push(request);
    const isStart = request.path.endsWith('/invocations');
    const body = isStart ? JSON.stringify({ type: 'success', renderId: 'render-1', bucketName: BUCKET }) : '';
    return {
      response: {
        statusCode: 200,
        headers: { etag: '"1"' },
        body: Buffer.from(body),
      },
    };
  },
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
};

const render = (inputProps: Record<string, unknown>, more: object = {}) =>
  renderUploadingLargeProps({
    region: 'us-east-1',
    functionName: 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
    forceBucketName: BUCKET,
    serveUrl: 'https://example.com/site',
    composition: 'Invoice',
    codec: 'h264',
    inputProps,
    requestHandler,
    ...more,
  } as RenderMediaOnLambdaInput);

const startPayload = () => {
  const start = sent.find(({ path }) => path.endsWith('/invocations'));
  return JSON.parse(Buffer.from(start?.body as Uint8Array).toString());
};
const uploads = () => sent.filter(({ method }) => method === 'PUT');

beforeEach(() => {
  sent = [];
});

describe('props are', () => {
  test('in the payload while they fit', async () => {
    await render({ words: 'x'.repeat(180_000) });
    expect(uploads()).toEqual([]);
    expect(startPayload().inputProps.type).toBe('payload');
  });

  test.each([
    [
      'quotes, which are longer in the payload',
      { title: 'x', words: Array.from({ length: 38_000 }, () => 'ab') },
    ],
    ['letters of several bytes', { words: '語'.repeat(120_000) }],
    ['more than Remotion itself keeps in it', { words: 'x'.repeat(300_000) }],
    ['5 MB', { words: 'x'.repeat(5_000_000) }],
  ])('uploaded by Remotion when they are %s', async (_what, props) => {
    await render(props);
    const { inputProps } = startPayload();
    expect(inputProps).toEqual({ type: 'bucket-url', hash: expect.any(String), bucketName: BUCKET });
    expect(uploads().map(({ path, hostname }) => hostname + path)).toEqual([
      `${BUCKET}.s3.us-east-1.amazonaws.com/input-props/${inputProps.hash}.json`,
    ]);
    expect(String(uploads()[0]?.body)).toBe(JSON.stringify(props));
  });

  test('uploaded also when the other options leave no room for them', async () => {
    await render(
      { words: 'x'.repeat(150_000) },
      { envVariables: { TOKEN: 'y'.repeat(40_000), MORE: '"'.repeat(40_000) } },
    );
    expect(uploads()).toHaveLength(1);
  });

  test('not uploaded for the next render, which is small', async () => {
    await render({ words: '"'.repeat(150_000) });
    sent = [];
    await render({ words: 'x' });
    expect(uploads()).toEqual([]);
  });
});
