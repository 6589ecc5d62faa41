import { jest } from '@jest/globals';
import { AwsError } from '../../../local/aws.ts';
import { VirtualClock } from '../../../local/clock.ts';
import type { SendToQueue } from '../../../local/lambda/accepted-event.ts';
import type { FunctionConfiguration } from '../../../local/lambda/function-configuration.ts';
import type { InvocationResult } from '../../../local/lambda/invocation-result.ts';
import { processEvent } from '../../../local/lambda/process-event.ts';

const ON_FAILURE = 'arn:aws:sqs:us-east-1:123456789012:on-failure';
const DEAD_LETTERS = 'arn:aws:sqs:us-east-1:123456789012:dead-letters';

const failed = (errorMessage: string): InvocationResult => ({
  requestId: 'request-1',
  payload: Buffer.from(JSON.stringify({ errorType: 'Error', errorMessage })),
  functionError: 'Unhandled',
});
const succeeded: InvocationResult = { requestId: 'request-1', payload: Buffer.from('1') };
const throttled = new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);

/** Processes one event whose runs have the given outcomes, the last one for good. */
async function process(
  outcomes: readonly (InvocationResult | Error)[],
  configuration: Partial<FunctionConfiguration> = {},
  sendToQueue: SendToQueue | undefined = async () => {},
) {
  const clock = new VirtualClock();
  const start = clock.now();
  const runsAtSecond: number[] = [];
  const lines: string[] = [];
  const send = jest.fn(sendToQueue);
  const event = {
    requestId: 'request-1',
    payload: '{"order":7}',
    configuration: {
      functionName: 'work',
      folder: '/',
      handler: 'index.handler',
      timeoutInSeconds: 3,
      memoryInMegabytes: 128,
      ...configuration,
    },
  };
  const invoke = async () => {
    const outcome = outcomes[Math.min(runsAtSecond.length, outcomes.length - 1)];
    runsAtSecond.push((clock.now() - start) / 1000);
    if (outcome instanceof Error) throw outcome;
    return outcome as InvocationResult;
  };
  const log = (name: string, line: string) => lines.push(`${name}: ${line}`);
  await processEvent(event, { clock, invoke, sendToQueue: send, log }, new AbortController().signal);
  const messages = send.mock.calls.map(([name, queueArn, body, attributes]) => ({
    name,
    queueArn,
    body: JSON.parse(body),
    attributes,
  }));
  return { runsAtSecond, lines, messages };
}

describe('an event', () => {
  it('that succeeds runs once and is discarded nowhere', async () => {
    const queues = { deadLetterQueueArn: DEAD_LETTERS, onFailureQueueArn: ON_FAILURE };
    const { runsAtSecond, messages } = await process([succeeded], queues);
    expect(runsAtSecond).toEqual([0]);
    expect(messages).toEqual([]);
  });

  it('that fails is tried again after one minute, and after two more', async () => {
    expect((await process([failed('no')])).runsAtSecond).toEqual([0, 60, 180]);
    expect((await process([failed('no'), succeeded])).runsAtSecond).toEqual([0, 60]);
  });

  it.each([0, 1])('is tried again %i times where the function is configured so', async (attempts) => {
    const { runsAtSecond } = await process([failed('no')], { maximumRetryAttempts: attempts });
    expect(runsAtSecond).toHaveLength(1 + attempts);
  });

  it('that is throttled is tried again ever later, which takes no retry from it', async () => {
    const outcomes = [throttled, throttled, throttled, failed('no'), succeeded];
    const { runsAtSecond } = await process(outcomes, { maximumRetryAttempts: 1 });
    expect(runsAtSecond).toEqual([0, 1, 3, 7, 67]);
  });

  it('that is throttled for six hours is discarded, tried every five minutes at last', async () => {
    const { runsAtSecond, messages } = await process([throttled], {
      onFailureQueueArn: ON_FAILURE,
      deadLetterQueueArn: DEAD_LETTERS,
    });
    expect(runsAtSecond.at(-1)).toBeLessThanOrEqual(21_600);
    expect(Number(runsAtSecond.at(-1)) - Number(runsAtSecond.at(-2))).toBe(300);
    expect(messages).toMatchObject([
      { queueArn: DEAD_LETTERS, attributes: { ErrorCode: '429', ErrorMessage: 'Rate Exceeded.' } },
      { body: { requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 } } },
    ]);
  });

  it('is not kept for a retry when it would be too old for it', async () => {
    const limits = { maximumEventAgeInSeconds: 100, onFailureQueueArn: ON_FAILURE };
    const { runsAtSecond, messages } = await process([failed('no')], limits);
    expect(runsAtSecond).toEqual([0, 60]);
    expect(messages[0]?.body.requestContext.condition).toBe('EventAgeExceeded');
  });

  it('never runs where the function may not run at all', async () => {
    const none = { concurrencyLimit: 0, onFailureQueueArn: ON_FAILURE };
    const { runsAtSecond, messages } = await process([succeeded], none);
    expect(runsAtSecond).toEqual([]);
    expect(messages[0]?.body.requestContext.condition).toBe('ZeroReservedConcurrency');
  });
});

describe('a discarded event', () => {
  it('reaches the on-failure destination with the record of its invocation', async () => {
    const { messages } = await process([failed('no')], { onFailureQueueArn: ON_FAILURE });
    expect(messages).toEqual([
      {
        name: 'work',
        queueArn: ON_FAILURE,
        attributes: {},
        body: {
          version: '1.0',
          timestamp: '2026-01-01T00:03:00.000Z',
          requestContext: {
            requestId: 'request-1',
            functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:work:$LATEST',
            condition: 'RetriesExhausted',
            approximateInvokeCount: 3,
          },
          requestPayload: { order: 7 },
          responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
          responsePayload: { errorType: 'Error', errorMessage: 'no' },
        },
      },
    ]);
  });

  it('reaches the dead-letter queue as it came, with the error in attributes', async () => {
    const { messages } = await process([failed('n'.repeat(2000))], { deadLetterQueueArn: DEAD_LETTERS });
    expect(messages).toEqual([
      {
        name: 'work',
        queueArn: DEAD_LETTERS,
        body: { order: 7 },
        attributes: { RequestID: 'request-1', ErrorCode: '200', ErrorMessage: 'n'.repeat(1024) },
      },
    ]);
  });

  it('is logged, and so is a queue that does not take it', async () => {
    const refuse = async () => {
      throw new AwsError('AccessDeniedException', 'not you', 403);
    };
    const { lines } = await process([failed('no')], { deadLetterQueueArn: DEAD_LETTERS }, refuse);
    expect(lines).toEqual([
      'work: Event request-1 is discarded after 3 invocations: RetriesExhausted',
      `work: Event request-1 is not sent to ${DEAD_LETTERS}: AccessDeniedException: not you`,
    ]);
  });
});
