import type {
  CancelOutcome,
  CancelRenderInput,
  FailureCause,
  FailureReport,
  StepFailure,
} from '../../statemachine/contract.ts';
import { FAILS_AGAIN, WORKFLOW_ERRORS, type WorkflowErrorName } from '../../statemachine/errors.ts';
import { trimmed } from '../runtime/trimmed.ts';

/** Step Functions takes 32,768 characters of cause; most of them would help nobody. */
const MAX_MESSAGE_LENGTH = 8_000;

/** As of a jobId that is valid; what was sent in its place may be as long as a request. */
const MAX_JOB_ID_LENGTH = 128;

/** Names that know of no render, for when one was found all the same. */
const SAYS_NO_RENDER = ['InvalidRenderRequest', 'RenderNotStarted', 'RenderThrottled', 'StartOutcomeUnknown'];

/** What a failed execution ends with: one of the workflow's names, and what a person needs to know. */
export function reportFailure(
  { render, throttledRenderId, failure, costInUsd = null }: CancelRenderInput,
  jobId: unknown,
  context: Record<string, string> | null,
  outcome: CancelOutcome,
): FailureReport {
  const error = nameFailure(failure, outcome, throttledRenderId);
  const { remedy, retryable } = WORKFLOW_ERRORS[error];
  const message = describeFailure(failure, error);
  const cause: FailureCause = {
    jobId: typeof jobId === 'string' ? trimmed(jobId, MAX_JOB_ID_LENGTH) : null,
    context,
    renderId: render?.renderId ?? null,
    message: trimmed(message, MAX_MESSAGE_LENGTH),
    remedy,
    logsUrl: render?.logsUrl ?? null,
    costInUsd,
    retryable: retryable && !message.endsWith(FAILS_AGAIN),
  };
  return { error, cause: JSON.stringify(cause) };
}

function nameFailure(
  { step, error }: StepFailure,
  outcome: CancelOutcome,
  throttledRenderId: CancelRenderInput['throttledRenderId'],
): WorkflowErrorName {
  // A later attempt cannot say what an earlier one has started.
  if (step === 'StartRender' && outcome === 'Unknown') return 'StartOutcomeUnknown';
  if (step === 'StartRender' && (SAYS_NO_RENDER.includes(error) || !(error in WORKFLOW_ERRORS))) {
    if (outcome === 'Cancelled') return throttledRenderId ? 'RenderThrottled' : 'RenderCancelled';
    if (outcome === 'Finished') return 'VideoNotCopied';
  }
  if (error in WORKFLOW_ERRORS) return error as WorkflowErrorName;
  if (step === 'GetRenderProgress') return 'RenderProgressUnavailable';
  if (step === 'CopyToBucket') return 'VideoNotCopied';
  return ['Lambda.TooManyRequestsException', 'RenderStartThrottled'].includes(error)
    ? 'RenderThrottled'
    : 'RenderNotStarted';
}

/** The message of a function's error, which Step Functions has as JSON; else the cause as it is. */
function describeFailure({ step, error, cause }: StepFailure, name: WorkflowErrorName): string {
  let message = cause;
  try {
    message = JSON.parse(cause).errorMessage ?? cause;
  } catch {
    // Causes of AWS are plain text.
  }
  if (error === name) return message;
  return message === ''
    ? `${step} did not answer in time (${error}).`
    : `${step} failed with ${error}: ${message}`;
}
