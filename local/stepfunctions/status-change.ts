import type { Execution, ExecutionStatus } from './execution.ts';
import { byteLength } from './json.ts';

/** Bytes of input and output together above which AWS leaves them out of the event. */
const MAX_EVENT_DATA_BYTES = 248 * 1024;

/** Whether the event has the data: it may be left out for its size. */
interface DataDetails {
  readonly included: boolean;
}

/** `detail` of EventBridge's `Step Functions Execution Status Change` (source `aws.states`). */
export interface ExecutionStatusChange {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  /** Milliseconds since 1970. */
  readonly startDate: number;
  /** Milliseconds since 1970. */
  readonly stopDate: number | null;
  readonly input: string | null;
  readonly inputDetails: DataDetails;
  readonly output: string | null;
  readonly outputDetails: DataDetails | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly stateMachineVersionArn: null;
  readonly stateMachineAliasArn: null;
  readonly redriveCount: number;
  /** Milliseconds since 1970. */
  readonly redriveDate: number | null;
  readonly redriveStatus: string;
  readonly redriveStatusReason: string | null;
}

/** What an execution's change of status tells EventBridge. */
export function executionStatusChange(execution: Execution): ExecutionStatusChange {
  const { inputText, outputText, notRedrivableReason } = execution;
  const outputFits = byteLength(outputText ?? '') <= MAX_EVENT_DATA_BYTES;
  const bothFit = byteLength(inputText) + byteLength(outputText ?? '') <= MAX_EVENT_DATA_BYTES;
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    startDate: execution.startDate,
    stopDate: execution.stopDate ?? null,
    input: bothFit ? inputText : null,
    inputDetails: { included: bothFit },
    output: outputFits ? (outputText ?? null) : null,
    outputDetails: outputText === undefined ? null : { included: outputFits },
    error: execution.error ?? null,
    cause: execution.cause ?? null,
    stateMachineVersionArn: null,
    stateMachineAliasArn: null,
    redriveCount: execution.redriveCount,
    redriveDate: execution.redriveDate ?? null,
    redriveStatus: notRedrivableReason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    redriveStatusReason: notRedrivableReason ?? null,
  };
}
