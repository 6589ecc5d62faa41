import { nameStartError } from '../../../functions/start-render/start-error.ts';

const serviceError = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });

/** An error that the function has answered: Remotion's client makes one of it, with the function's stack. */
const answered = (message: string, name = 'Error') =>
  Object.assign(new Error(message), {
    stack: `${name}: ${message}\n    at startHandler (/var/task/index.js:1:1)`,
  });

const LOCAL_FILE =
  'Remotion Lambda can only render based on a URL in the cloud. It seems like you passed a local file: src/index.ts. Read the setup guide for Remotion Lambda https://remotion.dev/docs/lambda/setup';

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
    [
      'a function of another version',
      new Error(
        'Version mismatch: When calling renderMediaOnLambda(), you passed remotion-render as the function, which has the version 4.0.1, but the @remotion/lambda package you used to invoke the function has version 4.0.527.',
      ),
      true,
      'RenderNotStarted',
    ],
    ['a site that is a local file', answered(LOCAL_FILE), true, 'InvalidRenderRequest'],
    [
      "a role of Remotion's function that may not invoke it",
      answered(
        'User: arn:aws:sts::123456789012:assumed-role/remotion-lambda-role/x is not authorized to perform: lambda:InvokeFunction',
        'AccessDeniedException',
      ),
      true,
      'RenderNotStarted',
    ],
    [
      "a throttled launch, which Remotion's start could not ask for",
      answered('Rate Exceeded.', 'TooManyRequestsException'),
      true,
      'RenderThrottled',
    ],
    [
      'a request that Lambda finds too large',
      serviceError('RequestTooLargeException', 413),
      true,
      'InvalidRenderRequest',
    ],
    [
      'credentials that AWS does not know, of which Remotion makes an error of its own',
      new Error(
        'UnrecognizedClientException: The AWS credentials provided were probably mixed up. Learn how to fix this issue here: https://remotion.dev',
      ),
      true,
      'RenderNotStarted',
    ],
    [
      'a progress that Remotion could not write, perhaps after its launch',
      answered('Access Denied', 'AccessDenied'),
      true,
      'StartOutcomeUnknown',
    ],
    ['an answer that Remotion does not have', answered('No.'), true, 'StartOutcomeUnknown'],
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

  test('does not tell what Remotion quotes of the request', () => {
    const message =
      'Payload is too big: 266059 bytes. Maximum size is 256 KB. This should not happen, please report this to the Remotion team. Payload: {"inputProps":"Jane Doe"}';
    const named = nameStartError(answered(message), true);
    expect(named.name).toBe('InvalidRenderRequest');
    expect(`${named.message} ${named.stack} ${String(named.cause)}`).not.toContain('Jane');
  });
});
