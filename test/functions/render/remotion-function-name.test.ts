import { remotionFunctionTimeoutInMs } from '../../../functions/render/remotion-function-name.ts';

test('a function fails while it loads when its Remotion function has a name from which no timeout can be read', () => {
  expect(() => remotionFunctionTimeoutInMs('my-function')).toThrow(
    expect.objectContaining({ name: 'InvalidRemotionFunctionName' }),
  );
});
