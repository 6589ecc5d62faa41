import type { AwaitTurnInput, WaitingTurn } from '../../statemachine/contract.ts';
import { WorkflowError } from '../../statemachine/errors.ts';
import { invalidRenderRequest, parseRenderRequest } from '../../statemachine/parse-render-request.ts';
import { readAllowedDestinations } from '../render/destination.ts';
import { nameStepError } from '../render/name-step-error.ts';
import { requestedBy } from '../render/requested-by.ts';
import { stackProblems } from '../render/stack-problems.ts';
import { requireEnvironment } from '../runtime/environment.ts';
import { secondsSince } from '../runtime/measure.ts';
import { shortCallsS3Client } from '../runtime/s3-client.ts';
import { logger, stepHandler } from '../runtime/step-handler.ts';
import { readTurns } from '../turns/read-turns.ts';
import { noCapacity, startTimeoutOf } from '../turns/start-timeout.ts';
import { ticketId } from '../turns/ticket-id.ts';
import { turnNotCome } from '../turns/turn-not-come.ts';
import type { Turns } from '../turns/turns.ts';
import type { Ticket } from '../turns/waiting-line.ts';

const { REMOTION_BUCKET_NAME } = requireEnvironment(
  'REMOTION_BUCKET_NAME',
  'TURNS_PREFIX',
  'MAX_CONCURRENT_RENDERS',
);
const destinations = readAllowedDestinations();
const turns = readTurns(shortCallsS3Client(), REMOTION_BUCKET_NAME) as Turns;

/** A turn is lost when who has called dies just then. More often than this something else is wrong. */
const MOST_LOST_TURNS = 10;

/**
 * Checks the request against its schema and the stack's settings, so that none waits in vain, and leaves a ticket with
 * which its execution is called when its turn has come. That may be at once.
 */
export const handler = stepHandler<AwaitTurnInput, WaitingTurn>(
  'AwaitTurn',
  (input) => ({ jobId: requestedBy(input).jobId, executionArn: input.executionArn }),
  async (input) => {
    const { executionArn, enteredAt, throttledRenderId, taskToken, lastTicket, lostTurns = 0 } = input;
    if (lostTurns > MOST_LOST_TURNS)
      throw new WorkflowError('RenderNotStarted', `The render has lost its turn ${lostTurns} times.`);
    const requested = requestedBy(input);
    const request = parseRenderRequest(requested.request, requested.jobId);
    const problems = stackProblems(request, destinations);
    if (problems.length > 0) throw invalidRenderRequest(problems);
    const { jobId, priority = 'normal' } = request;
    const startTimeoutInSeconds = startTimeoutOf(request, turns);
    const arrivedAt = Date.parse(enteredAt);
    const giveUpAt = arrivedAt + startTimeoutInSeconds * 1000;
    if (throttledRenderId && Date.now() >= giveUpAt)
      throw noCapacity(throttledRenderId, startTimeoutInSeconds);
    const goesFirst = Boolean(throttledRenderId);
    const ticket = ticketId({ goesFirst, priority, arrivedAt, giveUpAt, executionArn, taskToken });
    const joined: Ticket = { id: ticket, executionArn, jobId, taskToken };
    try {
      await turns.line.join(joined);
      // Not quietly: while its execution runs, nobody else gives that place back. By its ticket, as an invocation that
      // comes late must not free the place that its execution has by now.
      if (lastTicket) await turns.handOut((place) => place.ticket === lastTicket, { joined });
    } catch (error) {
      throw nameStepError(error, { looking: false, giveUpAt });
    }
    if (!lastTicket) await turns.quietly(() => turns.handOut(undefined, { joined }));
    if (Date.now() >= giveUpAt) await giveUp(ticket, arrivedAt);
    logger.info('Waiting for its turn', { ticket });
    return { ticket, waitsUntil: new Date(giveUpAt).toISOString() };
  },
);

/** For a request that does not wait at all. Does nothing when its turn has come. */
async function giveUp(ticket: string, arrivedAt: number): Promise<void> {
  const line = await turns.line.all();
  const place = line.indexOf(ticket) + 1;
  if (place === 0) return;
  await turns.line.leave(ticket);
  throw turnNotCome(place, line.length, Math.round(secondsSince(arrivedAt)));
}
