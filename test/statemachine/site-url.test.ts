import { chooseFunction } from '../../functions/render/renderer-settings.ts';
import { siteUrl } from '../../statemachine/site-url.ts';

const sites = { url: 'https://d1.cloudfront.net', folders: { 'hello-world': 'hello-world-0123456789' } };

describe('the site of a request', () => {
  test.each([
    ['https://example.com/site/index.html', 'https://example.com/site/index.html'],
    ['hello-world', 'https://d1.cloudfront.net/hello-world-0123456789/index.html'],
    ['of-another', 'https://d1.cloudfront.net/of-another/index.html'],
    ['constructor', 'https://d1.cloudfront.net/constructor/index.html'],
  ])('%s is found at %s', (given, url) => {
    expect(siteUrl(given, sites)).toBe(url);
  });
});

describe('the size of a request', () => {
  test('chooses among the functions of the stack; without one it is the default', () => {
    expect(chooseFunction({}, 'usual', { large: 'big' })).toBe('usual');
    expect(chooseFunction({ size: 'large' }, 'usual', { large: 'big' })).toBe('big');
  });

  test.each([
    [{ large: 'big', small: 'little' }, 'one of large, small'],
    [{}, 'none: the stack has one size'],
  ])('that is none of them is refused with what is accepted', (others, accepted) => {
    expect(() => chooseFunction({ size: 'huge' }, 'usual', others)).toThrow(
      expect.objectContaining({
        name: 'InvalidRenderRequest',
        message: expect.stringContaining(`size: given "huge"; accepted: ${accepted}`),
      }),
    );
  });
});
