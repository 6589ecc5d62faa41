import type { WriterConfig } from './definition.ts';
import type { Json, JsonObject } from './json.ts';
import type { ChildExecution, MapRun, MapRunChild } from './map-run.ts';

/** How an execution of a Map Run that ended, or never began, shows in the results. */
export function resultOf(mapRun: MapRun, child: MapRunChild, { Transformation }: WriterConfig): Json[] {
  const { execution } = child;
  if (!execution) {
    return [{ Input: child.inputText, InputDetails: { Included: true }, Status: 'PENDING' }];
  }
  if (execution.status !== 'SUCCEEDED' || Transformation === 'NONE') return [recordOf(mapRun, execution)];
  const output = JSON.parse(execution.outputText ?? 'null') as Json;
  return Transformation === 'FLATTEN' && Array.isArray(output) ? output : [output];
}

/** As DescribeExecution has it, in the names and the order of a result file. */
function recordOf({ stateMachineArn }: MapRun, execution: ChildExecution): JsonObject {
  const { error, cause, outputText, notRedrivableReason, redriveDate, stopDate } = execution;
  return {
    ...(cause !== undefined && { Cause: cause }),
    ...(error !== undefined && { Error: error }),
    ExecutionArn: execution.arn,
    Input: execution.inputText,
    InputDetails: { Included: true },
    Name: execution.name,
    ...(outputText !== undefined && { Output: outputText }),
    OutputDetails: { Included: true },
    RedriveCount: execution.redriveCount,
    ...(redriveDate !== undefined && { RedriveDate: isoTime(redriveDate) }),
    RedriveStatus: notRedrivableReason === undefined ? 'REDRIVABLE_BY_MAP_RUN' : 'NOT_REDRIVABLE',
    ...(notRedrivableReason !== undefined && { RedriveStatusReason: notRedrivableReason }),
    StartDate: isoTime(execution.startDate),
    StateMachineArn: stateMachineArn,
    Status: execution.status,
    ...(stopDate !== undefined && { StopDate: isoTime(stopDate) }),
  };
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
