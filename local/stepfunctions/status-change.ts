import type { Execution, ExecutionStatus } from './execution.ts';
import { byteLength } from './json.ts';
import { redriveStatus } from './redrivability.ts';

/**
 * Bytes of the escaped input and the escaped output together above which AWS leaves them out of the event.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
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
  // With a customer's key the event has neither input and output nor error and cause:
  // https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html. That they are null is belief.
  const isReadable = execution.machine.keyArn === undefined;
  const outputFits = isReadable && escapedBytes(outputText) <= MAX_EVENT_DATA_BYTES;
  const bothFit = isReadable && escapedBytes(inputText) + escapedBytes(outputText) <= MAX_EVENT_DATA_BYTES;
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
    error: (isReadable && execution.error) || null,
    cause: (isReadable && execution.cause) || null,
    stateMachineVersionArn: null,
    stateMachineAliasArn: null,
    redriveCount: execution.redriveCount,
    redriveDate: execution.redriveDate ?? null,
    redriveStatus: redriveStatus(execution),
    redriveStatusReason: notRedrivableReason ?? null,
  };
}

/** As a string in JSON, without its quotes. */
function escapedBytes(text = ''): number {
  return byteLength(JSON.stringify(text)) - 2;
}
