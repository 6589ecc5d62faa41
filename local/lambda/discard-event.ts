import type { AcceptedEvent, EventProcessing, GivenUp } from './accepted-event.ts';
import { functionArn } from './function-configuration.ts';

const ERROR_MESSAGE_BYTES = 1024;

/** Sends what is left of an event to the function's dead-letter queue and on-failure destination, if it has them. */
export async function discardEvent(
  event: AcceptedEvent,
  givenUp: GivenUp,
  { clock, sendToQueue, log }: EventProcessing,
): Promise<void> {
  const { requestId, configuration, payload } = event;
  const { functionName, deadLetterQueueArn, onFailureQueueArn } = configuration;
  const { condition, invocations } = givenUp;
  log(functionName, `Event ${requestId} is discarded after ${invocations} invocations: ${condition}`);

  const send = async (queueArn: string | undefined, body: string, attributes = {}): Promise<void> => {
    if (queueArn === undefined) return;
    try {
      if (!sendToQueue) throw new Error('there are no queues here');
      await sendToQueue(functionName, queueArn, body, attributes);
    } catch (error) {
      log(functionName, `Event ${requestId} is not sent to ${queueArn}: ${error}`);
    }
  };
  await send(deadLetterQueueArn, payload, deadLetterAttributes(event, givenUp));
  await send(onFailureQueueArn, JSON.stringify(invocationRecord(event, givenUp, clock.now())));
}

/** `ErrorCode` is the status that the invocation API would have answered. */
function deadLetterAttributes(
  { requestId }: AcceptedEvent,
  { condition, result }: GivenUp,
): Record<string, string> {
  const { errorMessage = '' } = result ? JSON.parse(result.payload.toString()) : {};
  const throttled = condition === 'ZeroReservedConcurrency' ? condition : 'Rate Exceeded.';
  const message = Buffer.from(result ? errorMessage : throttled).subarray(0, ERROR_MESSAGE_BYTES);
  return {
    RequestID: requestId,
    ErrorCode: result ? '200' : '429',
    // SQS takes no empty attribute.
    ErrorMessage: message.toString() || 'no message',
  };
}

/** The document that Lambda sends to a destination. */
function invocationRecord(
  { requestId, configuration, payload }: AcceptedEvent,
  { condition, invocations, result }: GivenUp,
  now: number,
): object {
  return {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: {
      requestId,
      functionArn: `${functionArn(configuration.functionName)}:$LATEST`,
      condition,
      approximateInvokeCount: invocations,
    },
    requestPayload: JSON.parse(payload),
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: result.functionError,
      },
      responsePayload: JSON.parse(result.payload.toString()),
    }),
  };
}
