import type { CancelOutcome, RenderEventDetail, StartedRender } from '../../statemachine/contract.ts';
import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import { trimmed } from '../runtime/trimmed.ts';
import type { ExecutionEnd } from './measure-end.ts';

/** What EventBridge sends when an execution was stopped, has timed out or failed, which not every Catch sees. */
export interface ExecutionStatusChange {
  readonly 'detail-type': 'Step Functions Execution Status Change';
  readonly detail: ExecutionEnd & {
    readonly executionArn: string;
    readonly name: string;
    /** JSON text; none when it was too large for the event, or is encrypted with a customer's key. */
    readonly input?: string | null;
    /** Milliseconds since 1970. */
    readonly startDate: number;
    /** Milliseconds since 1970. */
    readonly stopDate: number;
    readonly cause?: string | null;
  };
}

/** A render that the stopped execution has started or joined. */
export type RenderOfStopped = Pick<StartedRender, 'renderId' | 'startedAt' | 'logsUrl'> & {
  /** In USD; null if unknown. */
  readonly costInUsd: number | null;
};

const BECAME: Readonly<Record<CancelOutcome, string>> = {
  NothingStarted: 'No render was started.',
  NotOurs: 'The render of its job is that of another execution, and was not touched.',
  Finished: 'Its video was complete already, and may not be at its destination.',
  Cancelled: 'Its render was cancelled.',
  Unknown: 'Its render could not be found and may still be running.',
};

/** The detail of `Render Cancelled`. The same for every delivery of the same change. */
export function cancelledEvent(
  { executionArn, status, startDate, stopDate, error, cause }: ExecutionStatusChange['detail'],
  jobId: string | undefined,
  outcome: CancelOutcome,
  render: RenderOfStopped | undefined,
  context: Record<string, string> | null = null,
): RenderEventDetail<'Render Cancelled'> {
  const reason = [error, cause].filter((text) => text).join(': ');
  const ended =
    status === 'TIMED_OUT'
      ? 'The execution ran out of its time.'
      : `The execution was stopped${reason && `: ${trimmed(reason)}`}.`;
  const { remedy, retryable } = WORKFLOW_ERRORS.RenderCancelled;
  return {
    version: 1,
    jobId: jobId ?? null,
    context,
    renderId: render?.renderId ?? null,
    executionArn,
    status: status === 'TIMED_OUT' ? status : 'ABORTED',
    outcome,
    error: { name: 'RenderCancelled', message: `${ended} ${BECAME[outcome]}`, remedy, retryable },
    costInUsd: render?.costInUsd ?? null,
    logsUrl: render?.logsUrl ?? null,
    requestedAt: new Date(startDate).toISOString(),
    startedAt: render ? new Date(render.startedAt).toISOString() : null,
    finishedAt: new Date(stopDate).toISOString(),
    totalTimeInMs: stopDate - startDate,
  };
}
