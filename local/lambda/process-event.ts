import { AwsError } from '../aws.ts';
import type { AcceptedEvent, EventProcessing, GivenUp } from './accepted-event.ts';
import { discardEvent } from './discard-event.ts';
import type { InvocationResult } from './invocation-result.ts';

const LONGEST_THROTTLED_WAIT_IN_MS = 5 * 60 * 1000;

/**
 * Invokes the function until it succeeds: again 1 and 2 minutes after a failure, as often as its configuration
 * says, and after a throttle from 1 second to 5 minutes later, as long as the event is young enough. Then the
 * event is discarded, to the queues that the function has for that.
 * @param signal ends it without a word
 */
export async function processEvent(
  event: AcceptedEvent,
  processing: EventProcessing,
  signal: AbortSignal,
): Promise<void> {
  const givenUp = await invokeUntilDone(event, processing, signal);
  if (givenUp) await discardEvent(event, givenUp, processing);
}

async function invokeUntilDone(
  event: AcceptedEvent,
  { clock, invoke }: EventProcessing,
  signal: AbortSignal,
): Promise<GivenUp | undefined> {
  const {
    maximumRetryAttempts = 2,
    maximumEventAgeInSeconds = 21_600,
    concurrencyLimit,
  } = event.configuration;
  if (concurrencyLimit === 0) return { condition: 'ZeroReservedConcurrency', invocations: 0 };
  const expiresAt = clock.now() + maximumEventAgeInSeconds * 1000;
  let result: InvocationResult | undefined;
  let invocations = 0;
  for (let throttles = 0; ; ) {
    const ran = await unlessThrottled(invoke(event));
    signal.throwIfAborted();
    if (ran && !ran.functionError) return undefined;
    if (ran) {
      result = ran;
      invocations += 1;
    }
    if (invocations > maximumRetryAttempts) return { condition: 'RetriesExhausted', invocations, result };
    const waitInMs = ran
      ? invocations * 60_000
      : Math.min(1000 * 2 ** throttles++, LONGEST_THROTTLED_WAIT_IN_MS);
    if (clock.now() + waitInMs > expiresAt) return { condition: 'EventAgeExceeded', invocations, result };
    await clock.sleep(waitInMs, signal);
  }
}

/** The result, or undefined if the function did not run for now. */
async function unlessThrottled(result: Promise<InvocationResult>): Promise<InvocationResult | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof AwsError && (error.status === 429 || error.status >= 500)) return undefined;
    throw error;
  }
}
