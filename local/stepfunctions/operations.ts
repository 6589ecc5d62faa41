import { AwsError } from '../aws.ts';
import {
  describedExecution,
  describedStateMachine,
  describedStateMachineOf,
  epochSeconds,
  historyEvent,
  listedExecution,
  listedStateMachine,
} from './api-answers.ts';
import type { Execution } from './execution.ts';
import { childrenOf, describedMapRun, listedMapRun } from './map-run-answers.ts';
import { pageOf } from './paging.ts';
import type { StepFunctions } from './step-functions.ts';

type Kind = 'string' | 'number' | 'boolean';

export interface Operation {
  /** The parameters it takes. */
  readonly parameters: Readonly<Record<string, Kind>>;
  readonly required: readonly string[];
  /** The parameter with the ARN that IAM is asked about, the first of these that is given; `*` if absent. */
  readonly resource?: readonly string[];
  answer(stepFunctions: StepFunctions, parameters: Parameters): object;
}

/** Checked against the operation: the ARN it requires is there, and every parameter has its type. */
export interface Parameters {
  readonly stateMachineArn: string;
  readonly executionArn: string;
  readonly mapRunArn: string;
  readonly name?: string;
  readonly input?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly statusFilter?: string;
  readonly redriveFilter?: string;
  readonly includedData?: string;
  readonly clientToken?: string;
  readonly reverseOrder?: boolean;
  readonly includeExecutionData?: boolean;
  readonly maxConcurrency?: number;
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
  readonly maxResults?: number;
  readonly nextToken?: string;
  readonly taskToken: string;
  readonly output: string;
}

const PAGING = { maxResults: 'number', nextToken: 'string' } as const;

/** The operations this service has. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  StartExecution: {
    parameters: { stateMachineArn: 'string', name: 'string', input: 'string', traceHeader: 'string' },
    required: ['stateMachineArn'],
    resource: ['stateMachineArn'],
    answer(stepFunctions, { stateMachineArn, name, input }) {
      const { arn, startDate } = stepFunctions.startExecution({ stateMachineArn, name, input });
      return { executionArn: arn, startDate: epochSeconds(startDate) };
    },
  },
  StopExecution: {
    parameters: { executionArn: 'string', error: 'string', cause: 'string' },
    required: ['executionArn'],
    resource: ['executionArn'],
    answer(stepFunctions, { executionArn, error, cause }) {
      const execution = stepFunctions.execution(executionArn);
      execution.stop(error, cause);
      return { stopDate: epochSeconds(execution.stopDate as number) };
    },
  },
  RedriveExecution: {
    parameters: { executionArn: 'string', clientToken: 'string' },
    required: ['executionArn'],
    resource: ['executionArn'],
    answer(stepFunctions, { executionArn, clientToken }) {
      return { redriveDate: epochSeconds(stepFunctions.redriveExecution(executionArn, clientToken)) };
    },
  },
  DescribeExecution: {
    parameters: { executionArn: 'string', includedData: 'string' },
    required: ['executionArn'],
    resource: ['executionArn'],
    answer(stepFunctions, { executionArn, includedData }) {
      return describedExecution(stepFunctions.execution(executionArn), includedData !== 'METADATA_ONLY');
    },
  },
  GetExecutionHistory: {
    parameters: {
      ...PAGING,
      executionArn: 'string',
      reverseOrder: 'boolean',
      includeExecutionData: 'boolean',
    },
    required: ['executionArn'],
    resource: ['executionArn'],
    answer(stepFunctions, parameters) {
      const { executionArn, reverseOrder = false, includeExecutionData = true } = parameters;
      const { events } = stepFunctions.execution(executionArn);
      const inOrder = reverseOrder ? events.toReversed() : events;
      const scope = `${executionArn} ${reverseOrder}`;
      const page = pageOf(inOrder, ({ id }) => String(id), scope, parameters);
      return {
        events: page.items.map((event) => historyEvent(event, includeExecutionData)),
        nextToken: page.nextToken,
      };
    },
  },
  ListExecutions: {
    parameters: {
      ...PAGING,
      stateMachineArn: 'string',
      mapRunArn: 'string',
      statusFilter: 'string',
      redriveFilter: 'string',
    },
    required: [],
    resource: ['stateMachineArn', 'mapRunArn'],
    answer(stepFunctions, parameters) {
      const { stateMachineArn, mapRunArn, statusFilter, redriveFilter } = parameters;
      if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
        throw new AwsError('ValidationException', 'Must provide either a state machine ARN or a map run ARN');
      }
      const scope = `${stateMachineArn} ${mapRunArn} ${statusFilter} ${redriveFilter}`;
      const isWanted = ({ status, redriveCount }: { status: string; redriveCount: number }) =>
        (statusFilter === undefined || status === statusFilter) &&
        (redriveFilter === undefined || redriveFilter === (redriveCount > 0 ? 'REDRIVEN' : 'NOT_REDRIVEN'));
      if (mapRunArn !== undefined) {
        const mapRun = stepFunctions.mapRuns.get(mapRunArn);
        const children = childrenOf(mapRun).toReversed();
        const page = pageOf(children, ({ executionArn }) => executionArn, scope, parameters, isWanted);
        return { executions: page.items, nextToken: page.nextToken };
      }
      const machine = stepFunctions.stateMachine(stateMachineArn);
      const newestFirst = stepFunctions.executions.toReversed();
      const wanted = (execution: Execution) => execution.machine.arn === machine.arn && isWanted(execution);
      const page = pageOf(newestFirst, ({ arn }) => arn, scope, parameters, wanted);
      return { executions: page.items.map(listedExecution), nextToken: page.nextToken };
    },
  },
  SendTaskSuccess: {
    parameters: { taskToken: 'string', output: 'string' },
    required: ['taskToken', 'output'],
    answer(stepFunctions, { taskToken, output }) {
      stepFunctions.taskTokens.succeed(taskToken, output);
      return {};
    },
  },
  SendTaskFailure: {
    parameters: { taskToken: 'string', error: 'string', cause: 'string' },
    required: ['taskToken'],
    answer(stepFunctions, { taskToken, error, cause }) {
      stepFunctions.taskTokens.fail(taskToken, error, cause);
      return {};
    },
  },
  ListMapRuns: {
    parameters: { ...PAGING, executionArn: 'string' },
    required: ['executionArn'],
    resource: ['executionArn'],
    answer(stepFunctions, parameters) {
      const { arn } = stepFunctions.execution(parameters.executionArn);
      const newestFirst = stepFunctions.mapRuns.of(arn).toReversed();
      const page = pageOf(newestFirst, (mapRun) => mapRun.arn, `map runs of ${arn}`, parameters);
      return { mapRuns: page.items.map(listedMapRun), nextToken: page.nextToken };
    },
  },
  DescribeMapRun: {
    parameters: { mapRunArn: 'string' },
    required: ['mapRunArn'],
    resource: ['mapRunArn'],
    answer: (stepFunctions, { mapRunArn }) => describedMapRun(stepFunctions.mapRuns.get(mapRunArn)),
  },
  UpdateMapRun: {
    parameters: {
      mapRunArn: 'string',
      maxConcurrency: 'number',
      toleratedFailureCount: 'number',
      toleratedFailurePercentage: 'number',
    },
    required: ['mapRunArn'],
    resource: ['mapRunArn'],
    answer(stepFunctions, { mapRunArn, ...limits }) {
      stepFunctions.mapRuns.update(mapRunArn, limits);
      return {};
    },
  },
  DescribeStateMachineForExecution: {
    parameters: { executionArn: 'string' },
    required: ['executionArn'],
    resource: ['executionArn'],
    answer: (stepFunctions, { executionArn }) =>
      describedStateMachineOf(stepFunctions.execution(executionArn)),
  },
  DescribeStateMachine: {
    parameters: { stateMachineArn: 'string' },
    required: ['stateMachineArn'],
    resource: ['stateMachineArn'],
    answer(stepFunctions, { stateMachineArn }) {
      return describedStateMachine(stepFunctions.stateMachine(stateMachineArn));
    },
  },
  ListStateMachines: {
    parameters: PAGING,
    required: [],
    answer(stepFunctions, parameters) {
      const page = pageOf(stepFunctions.stateMachines, ({ arn }) => arn, 'machines', parameters);
      return { stateMachines: page.items.map(listedStateMachine), nextToken: page.nextToken };
    },
  },
};
