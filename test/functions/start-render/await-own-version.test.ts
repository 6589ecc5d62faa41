import { LambdaClientInternals } from '@remotion/lambda/client';
import { awaitOwnVersion } from '../../../functions/start-render/await-own-version.ts';

const functionOf = (version: string) => `remotion-render-${version}-mem2048mb-disk2048mb-240sec`;
const { LAMBDA_VERSION_STRING } = LambdaClientInternals;

test.each([functionOf(LAMBDA_VERSION_STRING), 'renderer-of-ours'])('a start with %s goes on', (name) => {
  expect(() => awaitOwnVersion(name, 0)).not.toThrow();
});

test('a start with a function of another version waits until the stack has been changed, and not for ever', () => {
  const attempt = (giveUpAt: number) => () => awaitOwnVersion(functionOf('4-0-1'), giveUpAt);
  expect(attempt(Date.now() + 1000)).toThrow(
    expect.objectContaining({
      name: 'RenderStartPending',
      message: expect.stringContaining('is of Remotion 4.0.1, and StartRender of '),
    }),
  );
  expect(attempt(Date.now() - 1000)).toThrow(expect.objectContaining({ name: 'RenderNotStarted' }));
});
