import type { RecordRowInput, RowResult } from '../../statemachine/batch-contract.ts';
import type { FailureCause, RenderResult } from '../../statemachine/contract.ts';
import { trimmed } from '../runtime/trimmed.ts';

/** What is known of an execution that has failed: its description, as far as there is one. */
interface FailedExecution {
  readonly ExecutionArn?: string;
  readonly Status?: string;
  readonly Error?: string;
  readonly Cause?: string;
  readonly StartDate?: number;
  readonly StopDate?: number;
}

const MAX_MESSAGE_LENGTH = 2_000;

/** The line of results.jsonl of a row whose execution has ended. */
export function rowResult({ row, ended, failure }: RecordRowInput): RowResult {
  const { row: number, jobId } = row;
  if (ended) {
    const { s3Uri, costInUsd } = ended.Output as RenderResult;
    return {
      row: number,
      jobId,
      status: 'succeeded',
      s3Uri,
      costInUsd,
      seconds: secondsOf(ended),
      error: null,
      message: null,
      remedy: null,
      executionArn: ended.ExecutionArn,
    };
  }
  const { error = '', cause = '' } = failure ?? {};
  const execution = error === 'States.TaskFailed' ? failedExecution(cause) : {};
  const told = parsedCause(execution.Cause);
  return {
    row: number,
    jobId,
    status: 'failed',
    s3Uri: null,
    costInUsd: told?.costInUsd ?? null,
    seconds: secondsOf(execution),
    error: nameOf(execution) ?? error,
    message: trimmed(told?.message ?? execution.Cause ?? cause, MAX_MESSAGE_LENGTH),
    remedy: told?.remedy ?? null,
    executionArn: execution.ExecutionArn ?? null,
  };
}

function nameOf({ Error: error, Status }: FailedExecution): string | undefined {
  if (Status === 'ABORTED') return 'RenderCancelled';
  if (Status === 'TIMED_OUT') return 'RenderTimedOut';
  return error;
}

/**
 * The description of a failed execution in the cause of `States.TaskFailed`, of which Step Functions may cut the end
 * off: its fields are in the order of their names, so that what matters comes first.
 */
function failedExecution(cause: string): FailedExecution {
  try {
    return JSON.parse(cause);
  } catch {
    const text = (field: string) => {
      const quoted = new RegExp(`"${field}":("(?:[^"\\\\]|\\\\.)*")`).exec(cause)?.[1];
      return quoted && { [field]: JSON.parse(quoted) };
    };
    return { ...text('Cause'), ...text('Error'), ...text('ExecutionArn') };
  }
}

function parsedCause(cause: string | undefined): Partial<FailureCause> | undefined {
  try {
    return JSON.parse(cause ?? '');
  } catch {
    return undefined;
  }
}

function secondsOf({ StartDate, StopDate }: FailedExecution): number | null {
  if (StartDate === undefined || StopDate === undefined) return null;
  return (StopDate - StartDate) / 1000;
}
