import { requireEnvironment } from '../../../functions/runtime/environment.ts';

process.env.AWS_REGION = 'us-east-1';

test('a function whose deployment is incomplete fails while it loads and names every missing variable', () => {
  expect(() => requireEnvironment('AWS_REGION', 'NOT_SET', 'NOT_SET_EITHER')).toThrow(
    expect.objectContaining({
      name: 'MissingEnvironmentVariable',
      message: 'The function needs the environment variable NOT_SET and NOT_SET_EITHER.',
    }),
  );
});
