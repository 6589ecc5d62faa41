import { WorkflowError, type WorkflowErrorName } from '../../statemachine/errors.ts';
import { meaningOf, withoutQuotes } from '../render/answer-meaning.ts';
import { statusOf } from '../runtime/status-of.ts';
import { trimmed } from '../runtime/trimmed.ts';

/**
 * Names an error of `renderMediaOnLambda` by what it says about the render. Only what certainly started nothing
 * may be tried again: Remotion has no idempotency key, a repeated start is a second render.
 *
 * @param invoked Whether the request that starts the render had left this function.
 */
export function nameStartError(error: unknown, invoked: boolean): WorkflowError {
  const { name, message, stack = message, $metadata } = error as Error & { $metadata?: object };
  const status = statusOf(error);
  const as = (workflowName: WorkflowErrorName, what: string) =>
    new WorkflowError(workflowName, `${what} ${name}: ${trimmed(withoutQuotes(message))}`);

  // Of an error that the function answers, Remotion's client has the function's stack, which says its name.
  const meaning = meaningOf(status === 0 ? stack : `${name}: ${message}`);
  const isAnswered = status < 500;
  if (isAnswered && meaning === 'noCapacity') return as('RenderThrottled', 'Lambda throttled the start.');
  if (isAnswered && meaning === 'impossible')
    return as('InvalidRenderRequest', 'Remotion refused the request.');
  const isOwnRefusal = !invoked && $metadata === undefined && meaning !== 'notStarted';
  if (isOwnRefusal) return as('InvalidRenderRequest', 'Remotion refused the request.');
  const refused = status >= 400 && status < 500;
  if (!invoked || refused || meaning === 'notStarted') {
    return as('RenderNotStarted', 'The render was not started.');
  }
  return as(
    'StartOutcomeUnknown',
    'The answer to the start is missing or is an error; a render may be running.',
  );
}
