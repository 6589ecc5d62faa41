import {
  type Authorization,
  AwsError,
  type AwsRequest,
  type AwsResponse,
  type LocalService,
} from '../aws.ts';
import {
  describedExecution,
  describedStateMachine,
  epochSeconds,
  historyEvent,
  listedExecution,
  listedStateMachine,
} from './api-answers.ts';
import type { Execution } from './execution.ts';
import { stateMachineArnOf } from './execution-arn.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { pageOf } from './paging.ts';
import type { StepFunctions } from './step-functions.ts';

type Kind = 'string' | 'number' | 'boolean';

interface Operation {
  /** The parameters it takes. */
  readonly parameters: Readonly<Record<string, Kind>>;
  readonly required: readonly string[];
  /** The parameter with the ARN that IAM is asked about; `*` if absent. */
  readonly resource?: string;
  answer(stepFunctions: StepFunctions, parameters: Parameters): object;
}

/** Checked against the operation: the ARN it requires is there, and every parameter has its type. */
interface Parameters {
  readonly stateMachineArn: string;
  readonly executionArn: string;
  readonly name?: string;
  readonly input?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly statusFilter?: string;
  readonly includedData?: string;
  readonly clientToken?: string;
  readonly reverseOrder?: boolean;
  readonly includeExecutionData?: boolean;
  readonly maxResults?: number;
  readonly nextToken?: string;
  readonly taskToken: string;
  readonly output: string;
}

const PAGING = { maxResults: 'number', nextToken: 'string' } as const;

/** The operations this service has. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  StartExecution: {
    parameters: { stateMachineArn: 'string', name: 'string', input: 'string', traceHeader: 'string' },
    required: ['stateMachineArn'],
    resource: 'stateMachineArn',
    answer(stepFunctions, { stateMachineArn, name, input }) {
      const { arn, startDate } = stepFunctions.startExecution({ stateMachineArn, name, input });
      return { executionArn: arn, startDate: epochSeconds(startDate) };
    },
  },
  StopExecution: {
    parameters: { executionArn: 'string', error: 'string', cause: 'string' },
    required: ['executionArn'],
    resource: 'executionArn',
    answer(stepFunctions, { executionArn, error, cause }) {
      const execution = stepFunctions.execution(executionArn);
      execution.stop(error, cause);
      return { stopDate: epochSeconds(execution.stopDate as number) };
    },
  },
  RedriveExecution: {
    parameters: { executionArn: 'string', clientToken: 'string' },
    required: ['executionArn'],
    resource: 'executionArn',
    answer(stepFunctions, { executionArn, clientToken }) {
      return { redriveDate: epochSeconds(stepFunctions.redriveExecution(executionArn, clientToken)) };
    },
  },
  DescribeExecution: {
    parameters: { executionArn: 'string', includedData: 'string' },
    required: ['executionArn'],
    resource: 'executionArn',
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
    resource: 'executionArn',
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
    parameters: { ...PAGING, stateMachineArn: 'string', statusFilter: 'string' },
    required: ['stateMachineArn'],
    resource: 'stateMachineArn',
    answer(stepFunctions, parameters) {
      const { stateMachineArn, statusFilter } = parameters;
      const machine = stepFunctions.stateMachine(stateMachineArn);
      const newestFirst = stepFunctions.executions.toReversed();
      const wanted = (execution: Execution) =>
        execution.machine.arn === machine.arn &&
        (statusFilter === undefined || execution.status === statusFilter);
      const scope = `${stateMachineArn} ${statusFilter}`;
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
  DescribeStateMachine: {
    parameters: { stateMachineArn: 'string' },
    required: ['stateMachineArn'],
    resource: 'stateMachineArn',
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

/** The Step Functions API over machines and executions in memory. */
export class StepFunctionsService implements LocalService {
  readonly signingName = 'states';
  readonly #stepFunctions: StepFunctions;

  constructor(stepFunctions: StepFunctions) {
    this.#stepFunctions = stepFunctions;
  }

  authorizations(request: AwsRequest): Authorization[] {
    const name = operationName(request);
    const body = readBody(request);
    if (name.startsWith('SendTask')) return this.#answering(`states:${name}`, String(body.taskToken));
    const parameter = OPERATIONS[name]?.resource;
    const arn = parameter && body[parameter];
    const asked = { action: `states:${name}`, resource: typeof arn === 'string' ? arn : '*' };
    if (name !== 'DescribeExecution') return [asked];
    return [asked, ...this.#withKey(stateMachineArnOf(asked.resource), 'kms:Decrypt')];
  }

  /**
   * A token is of a state machine. That its customer's key is asked for both is belief: AWS names the errors only.
   * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
   */
  #answering(action: string, token: string): Authorization[] {
    const resource = this.#stepFunctions.taskTokens.stateMachineOf(token) ?? '*';
    return [{ action, resource }, ...this.#withKey(resource, 'kms:Decrypt', 'kms:GenerateDataKey')];
  }

  /** Who reads or writes an execution that is encrypted with a customer's key has to use that. */
  #withKey(stateMachineArn: string, ...actions: string[]): Authorization[] {
    const machine = this.#stepFunctions.stateMachines.find(({ arn }) => arn === stateMachineArn);
    if (machine?.keyArn === undefined) return [];
    const { keyArn: resource } = machine;
    const conditions = { 'kms:EncryptionContext:aws:states:stateMachineArn': machine.arn };
    return actions.map((action) => ({ action, resource, conditions }));
  }

  async handle(request: AwsRequest): Promise<AwsResponse> {
    const name = operationName(request);
    const operation = OPERATIONS[name];
    if (!operation) {
      throw new AwsError('UnknownOperationException', `Step Functions ${name} is not supported here`);
    }
    const parameters = checkParameters(name, operation, readBody(request));
    return json(200, operation.answer(this.#stepFunctions, parameters));
  }

  errorResponse(error: AwsError): AwsResponse {
    const { status, code, message } = error;
    return json(status, { __type: code, message }, { 'x-amzn-errortype': code });
  }
}

function operationName({ headers }: AwsRequest): string {
  return headers['x-amz-target']?.replace(/^AWSStepFunctions\./, '') ?? '(no x-amz-target)';
}

function readBody({ body }: AwsRequest): JsonObject {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Answered below, as what is JSON but no object.
  }
  throw new AwsError('SerializationException', 'The request body is not a JSON object');
}

function checkParameters(name: string, { parameters, required }: Operation, body: JsonObject): Parameters {
  for (const parameter of required) {
    if (body[parameter] === undefined || body[parameter] === null) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value null at '${parameter}' failed to satisfy constraint: Member must not be null`,
      );
    }
  }
  const given = Object.entries(body).filter(([, value]) => value !== null);
  for (const [parameter, value] of given) {
    const kind = parameters[parameter];
    if (!kind) {
      throw new AwsError('ValidationException', `${name}: the parameter ${parameter} is not supported here`);
    }
    if (typeof value !== kind) {
      throw new AwsError('SerializationException', `${name}: the parameter ${parameter} must be a ${kind}`);
    }
  }
  return Object.fromEntries(given) as unknown as Parameters;
}

function json(status: number, body: object, headers: Record<string, string> = {}): AwsResponse {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', ...headers },
    body: JSON.stringify(body),
  };
}
