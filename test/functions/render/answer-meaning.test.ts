import { meaningOf, withoutQuotes } from '../../../functions/render/answer-meaning.ts';
import { REMOTION_ANSWERS } from '../../../functions/render/remotion-answers.ts';
import { remotionSentences } from './remotion-sentences.ts';

describe('the table of what Remotion answers', () => {
  const table = Object.values(REMOTION_ANSWERS).flat();

  test('has every sentence of the installed Remotion, and none that it does not have', () => {
    expect([...table].sort()).toEqual(remotionSentences());
  });

  test('sorts each of them once', () => {
    expect(table).toHaveLength(new Set(table).size);
  });

  test('has not too few: the search for them works', () => {
    expect(remotionSentences().length).toBeGreaterThan(300);
  });
});

describe('an answer of Remotion means', () => {
  test.each([
    ['"scale" must be smaller or equal than 16, but is 100'],
    [
      'Error: "scale" must be smaller or equal than 16, but is 100\n    at validateScale (/var/task/index.js:1:1)',
    ],
    ['Could not find composition with ID Invoise. Available compositions: Invoice, HelloWorld'],
    [
      'Remotion Lambda can only render based on a URL in the cloud. It seems like you passed a local file: src/index.ts. Read the setup guide',
    ],
    [
      'Error: Error while getting compositions: Tried to go to https://example.com/missing and verify that it is a Remotion project by checking if window.getStaticCompositions is defined.\nHowever',
    ],
    ["TypeError: Both 'framesPerLambda' and 'concurrency' were set. Please use only one of them."],
    ['"audioBitrate" must end in "K", "k" or "M", but got 12'],
    [
      `Payload is too big: 300000 bytes. Maximum size is 256 KB. This should not happen, please report this to the Remotion team. Payload: ${'x'.repeat(9_000)}`,
    ],
    ['RequestTooLargeException: Request must be smaller than 6291456 bytes'],
  ])('that the request can never succeed: %.60s', (text) => {
    expect(meaningOf(text)).toBe('impossible');
  });

  test.each([
    [
      'AWS Concurrency limit reached (Original Error: Rate Exceeded.). See https://www.remotion.dev/docs/lambda/troubleshooting/rate-limit for tips',
    ],
    [
      'Error: AWS Concurrency limit reached (Original Error: Rate Exceeded.). See https://www.remotion.dev/docs/lambda/troubleshooting/rate-limit for tips\n    at x',
    ],
    ['TooManyRequestsException: Rate Exceeded.\n    at x'],
    [
      'ServiceException: We currently do not have sufficient capacity in the region you requested. Our system',
    ],
  ])('that there was no capacity: %.60s', (text) => {
    expect(meaningOf(text)).toBe('noCapacity');
  });

  test.each([
    [
      'Version mismatch: When calling renderMediaOnLambda(), you passed remotion-render as the function, which has the version 4.0.1, but the @remotion/lambda package you used',
    ],
    [
      'AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/remotion-lambda-role/x is not authorized to perform: lambda:InvokeFunction',
    ],
  ])('that nothing was started: %.60s', (text) => {
    expect(meaningOf(text)).toBe('notStarted');
  });

  test.each([
    ['Page crashed!'],
    ['Lambda function returned error: Unhandled 3 must be an integer, but is 4'],
  ])('nothing of the kind: %.60s', (text) => {
    expect(meaningOf(text)).toBe('mayPass');
  });

  test.each([
    ['AccessDenied: User is not authorized to perform: s3:PutObject'],
    ["TypeError: Cannot read properties of undefined (reading 'total')"],
  ])('nothing when Remotion does not have its sentence: %s', (text) => {
    expect(meaningOf(text)).toBeUndefined();
  });
});

test('what an answer quotes of a request is left out', () => {
  const tooBig =
    'Payload is too big: 9 bytes. Please report this to the Remotion team. Payload: {"secret":1}\nmore';
  expect(withoutQuotes(tooBig)).toBe(
    'Payload is too big: 9 bytes. Please report this to the Remotion team. Payload: …',
  );
  const other = 'the @remotion/lambda package sent an incompatible payload: {"secret":1}. Expected it';
  expect(withoutQuotes(other)).toBe('the @remotion/lambda package sent an incompatible payload: …');
  expect(withoutQuotes('"scale" must be bigger than 0, but is 0')).toBe(
    '"scale" must be bigger than 0, but is 0',
  );
});
