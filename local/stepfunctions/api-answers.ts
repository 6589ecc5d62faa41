import type { Execution, StateMachine } from './execution.ts';
import type { HistoryEvent } from './history.ts';
import { redriveStatus } from './redrivability.ts';

/** Fields of an event's details that carry the data of the execution. */
const DATA_FIELDS = new Set([
  'input',
  'inputDetails',
  'output',
  'outputDetails',
  'parameters',
  'assignedVariables',
  'assignedVariablesDetails',
]);

/** Answer of DescribeExecution. */
export function describedExecution(execution: Execution, withData: boolean): object {
  const { inputText, outputText, notRedrivableReason } = execution;
  return {
    ...listedExecution(execution),
    error: execution.error,
    cause: execution.cause,
    redriveStatus: redriveStatus(execution),
    redriveStatusReason: notRedrivableReason,
    ...(withData && {
      input: inputText,
      inputDetails: { included: true },
      ...(outputText !== undefined && { output: outputText, outputDetails: { included: true } }),
    }),
  };
}

/** An element of ListExecutions. */
export function listedExecution(execution: Execution): object {
  const { arn, name, machine, status, startDate, stopDate, redriveCount, redriveDate, partOf } = execution;
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status,
    startDate: epochSeconds(startDate),
    stopDate: stopDate === undefined ? undefined : epochSeconds(stopDate),
    ...(partOf && { mapRunArn: partOf.mapRunArn }),
    redriveCount,
    redriveDate: redriveDate === undefined ? undefined : epochSeconds(redriveDate),
  };
}

/** An element of GetExecutionHistory. */
export function historyEvent(event: HistoryEvent, withData: boolean): object {
  if (withData) return event;
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => [key, isDetails(value) ? withoutData(value) : value]),
  );
}

/** Answer of DescribeStateMachine. */
export function describedStateMachine(machine: StateMachine): object {
  return {
    ...listedStateMachine(machine),
    status: 'ACTIVE',
    definition: machine.definitionText,
    roleArn: machine.roleArn,
  };
}

/** Answer of DescribeStateMachineForExecution. */
export function describedStateMachineOf({ machine, partOf }: Execution): object {
  return {
    stateMachineArn: machine.arn,
    name: machine.name,
    definition: machine.definitionText,
    roleArn: machine.roleArn,
    updateDate: epochSeconds(machine.creationDate),
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
    ...(partOf && { mapRunArn: partOf.mapRunArn, label: machine.label }),
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
  };
}

/** An element of ListStateMachines. */
export function listedStateMachine({ arn, name, creationDate }: StateMachine): object {
  return { stateMachineArn: arn, name, type: 'STANDARD', creationDate: epochSeconds(creationDate) };
}

/** How the protocol writes a time given in milliseconds. */
export function epochSeconds(milliseconds: number): number {
  return milliseconds / 1000;
}

function isDetails(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function withoutData(details: object): object {
  return Object.fromEntries(Object.entries(details).filter(([field]) => !DATA_FIELDS.has(field)));
}
