import { nameStartError } from '../../../functions/start-render/start-error.ts';

const serviceError = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });

describe('an error of the start', () => {
  test.each([
    ['a throttled invocation', serviceError('TooManyRequestsException', 429), true, 'RenderThrottled'],
    [
      'a function that does not exist',
      serviceError('ResourceNotFoundException', 404),
      true,
      'RenderNotStarted',
    ],
    ['a denied invocation', serviceError('AccessDeniedException', 403), true, 'RenderNotStarted'],
    ['large props that could not be written', serviceError('SlowDown', 503), false, 'RenderNotStarted'],
    ['a function of another version', new Error('Version mismatch: …'), true, 'RenderNotStarted'],
    [
      "an option that Remotion's client refuses",
      new TypeError('no such codec'),
      false,
      'InvalidRenderRequest',
    ],
    ['a server error', serviceError('ServiceException', 500), true, 'StartOutcomeUnknown'],
    [
      'a lost connection',
      Object.assign(new Error('socket hang up'), { $metadata: { attempts: 1 } }),
      true,
      'StartOutcomeUnknown',
    ],
    [
      'a function that died',
      new Error('Lambda function returned error: Unhandled'),
      true,
      'StartOutcomeUnknown',
    ],
  ])('%s has one name', (_what, error, invoked, name) => {
    const named = nameStartError(error, invoked);
    expect(named.name).toBe(name);
    expect(named.message).toContain(error.message);
  });
});
