import { WorkflowError } from '../../statemachine/errors.ts';
import { statusOf } from '../runtime/status-of.ts';
import { trimmed } from '../runtime/trimmed.ts';

/**
 * Names an error of the calls around the start: the turn, the claim, the search for a render, the input props. Whatever
 * may pass is tried again while there is time.
 *
 * @param looking Whether the render of an unanswered start was looked for, so that one may be running.
 * @param giveUpAt Milliseconds since 1970.
 */
export function nameStepError(
  error: unknown,
  { looking, giveUpAt }: { looking: boolean; giveUpAt: number },
): Error {
  if (error instanceof WorkflowError) return error;
  const { name, message } = error as Error;
  const status = statusOf(error);
  const isFinal = Date.now() >= giveUpAt || (status >= 400 && status < 500);
  const text = `${name}: ${trimmed(message)}`;
  if (!isFinal) return new WorkflowError('RenderStartPending', text, { cause: error });
  return looking
    ? new WorkflowError('StartOutcomeUnknown', `The render cannot be looked for. ${text}`, { cause: error })
    : new WorkflowError('RenderNotStarted', `The start was not attempted. ${text}`, { cause: error });
}
