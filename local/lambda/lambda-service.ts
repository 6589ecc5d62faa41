import { AwsError, type AwsRequest, type AwsResponse, type LocalService } from '../aws.ts';
import type { LocalFunction } from '../cloud-assembly/local-stack.ts';
import { readDescription } from './describe-function.ts';
import { functionArn } from './function-configuration.ts';
import type { FunctionHost } from './function-host.ts';
import { readFunctionName } from './function-name.ts';
import { streamInvocation } from './response-stream.ts';

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const INVOKE_WITH_RESPONSE_STREAM = /^\/2021-11-15\/functions\/([^/]+)\/response-streaming-invocations$/;

const RESERVED_CONCURRENCY = /^\/2017-10-31\/functions\/([^/]+)\/concurrency$/;

const PAYLOAD_LIMITS_IN_BYTES: Record<string, number> = { RequestResponse: 6_291_456, Event: 1_048_576 };

const JSON_ANSWER = { status: 200, headers: { 'content-type': 'application/json' } };

interface Operation {
  readonly streams: boolean;
  readonly functionName: string;
}

/**
 * Lambda's API as far as it invokes: `Invoke` (RequestResponse, Event) and `InvokeWithResponseStream`; what the
 * template says of the functions; and reserved concurrency.
 */
export class LambdaService implements LocalService {
  readonly signingName = 'lambda';
  readonly #host: FunctionHost;
  readonly #functions: readonly LocalFunction[];

  constructor(host: FunctionHost, functions: readonly LocalFunction[] = []) {
    this.#host = host;
    this.#functions = functions;
  }

  /** @throws AwsError `UnknownOperationException`, `ResourceNotFoundException` for another account or region */
  authorizations(request: AwsRequest) {
    const description = readDescription(request);
    if (description) return [{ action: description.action, resource: description.resource }];
    const reserved = reservationOf(request);
    if (reserved) return [{ action: reserved.action, resource: functionArn(reserved.functionName) }];
    return [{ action: 'lambda:InvokeFunction', resource: functionArn(operationOf(request).functionName) }];
  }

  /**
   * @throws AwsError `UnknownOperationException`, `ResourceNotFoundException`, `InvalidParameterValueException`,
   *   `InvalidRequestContentException`, `RequestEntityTooLargeException`, `TooManyRequestsException`
   */
  async handle(request: AwsRequest): Promise<AwsResponse> {
    const description = readDescription(request);
    if (description) return { ...JSON_ANSWER, body: JSON.stringify(description.answer(this.#functions)) };
    const reserved = reservationOf(request);
    if (reserved) {
      this.#host.limitConcurrency(reserved.functionName, reserved.limit);
      if (reserved.limit === undefined) return { status: 204 };
      return { ...JSON_ANSWER, body: JSON.stringify({ ReservedConcurrentExecutions: reserved.limit }) };
    }
    const { streams, functionName } = operationOf(request);
    this.#host.configuration(functionName);
    const invocationType = request.headers['x-amz-invocation-type'] || 'RequestResponse';
    const invocation = { functionName, payload: payloadOf(request, invocationType) };

    if (streams) {
      if (invocationType !== 'RequestResponse') throw unsupportedType(invocationType);
      return streamInvocation(this.#host, invocation);
    }
    if (invocationType === 'Event')
      return { status: 202, headers: { 'x-amzn-requestid': this.#host.invokeEvent(invocation) } };

    const { requestId, payload, functionError } = await this.#host.invoke(invocation);
    return {
      status: 200,
      headers: {
        'content-type': 'application/json',
        'x-amzn-requestid': requestId,
        'x-amz-executed-version': '$LATEST',
        ...(functionError && { 'x-amz-function-error': functionError }),
      },
      body: payload,
    };
  }

  errorResponse({ code, message, status }: AwsError): AwsResponse {
    return {
      status,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
      body: JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message }),
    };
  }
}

/** Concurrency that is reserved for a function, or not any more; undefined for a request that does neither. */
function reservationOf({ method, path, body }: AwsRequest) {
  const [, encodedName] = RESERVED_CONCURRENCY.exec(path) ?? [];
  if (!encodedName || (method !== 'PUT' && method !== 'DELETE')) return undefined;
  const limit: unknown =
    method === 'PUT' ? JSON.parse(body.toString()).ReservedConcurrentExecutions : undefined;
  if (method === 'PUT' && !(Number.isInteger(limit) && Number(limit) >= 0))
    throw new AwsError(
      'InvalidParameterValueException',
      'ReservedConcurrentExecutions is no number from 0 up',
    );
  return {
    action: method === 'PUT' ? 'lambda:PutFunctionConcurrency' : 'lambda:DeleteFunctionConcurrency',
    functionName: readFunctionName(decodeURIComponent(encodedName), undefined),
    limit: limit as number | undefined,
  };
}

function operationOf({ method, path, query }: AwsRequest): Operation {
  const streamed = INVOKE_WITH_RESPONSE_STREAM.exec(path);
  const encodedName = (streamed ?? INVOKE.exec(path))?.[1];
  if (method !== 'POST' || !encodedName)
    throw new AwsError(
      'UnknownOperationException',
      `Lambda on one machine invokes and describes functions and does nothing else: ${method} ${path}`,
      404,
    );
  const functionName = readFunctionName(decodeURIComponent(encodedName), query.get('Qualifier') ?? undefined);
  return { streams: streamed !== null, functionName };
}

function payloadOf({ body }: AwsRequest, invocationType: string): string {
  const limit = PAYLOAD_LIMITS_IN_BYTES[invocationType];
  if (limit === undefined) throw unsupportedType(invocationType);
  if (body.length > limit)
    throw new AwsError(
      'RequestEntityTooLargeException',
      `${body.length} byte payload is too large for the ${invocationType} invocation type (limit ${limit} bytes)`,
      413,
    );
  const payload = body.toString() || '{}';
  try {
    JSON.parse(payload);
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
  return payload;
}

function unsupportedType(invocationType: string): AwsError {
  return new AwsError('InvalidParameterValueException', `Unsupported invocation type ${invocationType}`);
}
