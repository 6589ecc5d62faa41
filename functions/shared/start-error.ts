import { WorkflowError, type WorkflowErrorName } from '../../statemachine/errors.ts';
import { trimmed } from './trimmed.ts';

/**
 * Names an error of `renderMediaOnLambda` by what it says about the render. Only what certainly started nothing
 * may be tried again: Remotion has no idempotency key, a repeated start is a second render.
 *
 * @param invoked Whether the request that starts the render had left this function.
 */
export function nameStartError(error: unknown, invoked: boolean): WorkflowError {
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  const as = (workflowName: WorkflowErrorName, what: string) =>
    new WorkflowError(workflowName, `${what} ${name}: ${trimmed(message)}`, { cause: error });

  if (name === 'TooManyRequestsException') return as('RenderThrottled', 'Lambda throttled the start.');
  if (!invoked && $metadata === undefined) return as('InvalidRenderRequest', 'Remotion refused an option.');
  const refused = status >= 400 && status < 500;
  // The function checks its client's version before anything else.
  if (!invoked || refused || message.startsWith('Version mismatch')) {
    return as('RenderNotStarted', 'The render was not started.');
  }
  return as(
    'StartOutcomeUnknown',
    'The answer to the start is missing or is an error; a render may be running.',
  );
}
