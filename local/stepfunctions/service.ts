import {
  type Authorization,
  AwsError,
  type AwsRequest,
  type AwsResponse,
  type LocalService,
} from '../aws.ts';
import { stateMachineArnOf } from './execution-arn.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { OPERATIONS, type Operation, type Parameters } from './operations.ts';
import type { StepFunctions } from './step-functions.ts';

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
    const arn = OPERATIONS[name]?.resource?.map((parameter) => body[parameter]).find(Boolean);
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
    const [ownArn] = stateMachineArn.split('/');
    const machine = this.#stepFunctions.stateMachines.find(({ arn }) => arn === ownArn);
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
