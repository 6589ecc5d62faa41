import { renderMediaInput } from '../../../functions/start-render/render-media-input.ts';

const settings = {
  region: 'us-east-1',
  functionName: 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
  forceBucketName: 'remotionlambda-useast1-example',
  defaultServeUrl: undefined,
  licenseKey: undefined,
} as const;
const sites = { url: 'https://d1.cloudfront.net', folders: {} };

test.each([
  ['of an existing bucket', settings],
  ['of the stack', { ...settings, sites }],
])(
  "a site that is a local file is refused with Remotion's own sentence, with the sites %s",
  (_which, given) => {
    const render = { serveUrl: 'src/index.ts', composition: 'Invoice', codec: 'h264' as const };
    expect(() => renderMediaInput(render, given as never)).toThrow(
      expect.objectContaining({
        name: 'InvalidRenderRequest',
        message: expect.stringContaining('It seems like you passed a local file: src/index.ts'),
      }),
    );
  },
);

describe('an output that is to be public', () => {
  const render = { serveUrl: 'promo', composition: 'Invoice', codec: 'h264', privacy: 'public' } as const;

  test("is refused before the render in the bucket of the stack's renderer, which takes no public ACL", () => {
    expect(() => renderMediaInput(render, { ...settings, sites })).toThrow(
      expect.objectContaining({
        name: 'InvalidRenderRequest',
        message: expect.stringMatching(/render\.privacy: .*accepted: private or no-acl/),
      }),
    );
  });

  test.each(['private', 'no-acl'] as const)('is no %s one, which goes there', (privacy) => {
    expect(renderMediaInput({ ...render, privacy }, { ...settings, sites })).toMatchObject({ privacy });
  });

  test("is for Remotion's own bucket to take", () => {
    expect(renderMediaInput(render, settings)).toMatchObject({ privacy: 'public' });
  });
});
