import { isJsonObject, type Json } from './json.ts';

/**
 * How a task fails: the error name that Retry and Catch match, and the cause as the history shows it.
 * A service behind a task throws this and nothing else; any other error ends the execution with
 * `States.Runtime`.
 */
export class TaskError extends Error {
  readonly error: string;
  readonly causeText: string;
  constructor(error: string, causeText: string) {
    super(`${error}: ${causeText}`);
    this.name = 'TaskError';
    this.error = error;
    this.causeText = causeText;
  }
}

/**
 * The function ran and failed: `payload` is what the Lambda Invoke API answers with a FunctionError, for Node
 * `{ errorType, errorMessage, trace }`. Its `errorType` is the error's name.
 */
export function lambdaFunctionError(payload: Json): TaskError {
  const text = JSON.stringify(payload);
  if (isJsonObject(payload) && typeof payload.errorType === 'string' && payload.errorType !== '') {
    return new TaskError(payload.errorType, text);
  }
  return new TaskError(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${text}`,
  );
}

/**
 * EventBridge refused the call: `code` is the API's error. AWS documents only `EventBridge.FailedEntry`, for
 * entries that were refused; this name follows that of its other integrations.
 */
export function eventBridgeServiceError(code: string, status: number, message: string): TaskError {
  return new TaskError(
    'EventBridge.AmazonEventBridgeException',
    `${message} (Service: AmazonEventBridge; Status Code: ${status}; Error Code: ${code})`,
  );
}

/** Errors of the Step Functions API that have a name of their own; the rest are AWSStepFunctionsException (belief). */
const NAMED_STEP_FUNCTIONS_ERRORS = new Set([
  'ExecutionAlreadyExists',
  'ExecutionLimitExceeded',
  'InvalidArn',
  'InvalidExecutionInput',
  'InvalidName',
  'StateMachineDeleting',
  'StateMachineDoesNotExist',
]);

/** The Step Functions API refused the call: `code` is the API's error. */
export function stepFunctionsServiceError(code: string, status: number, message: string): TaskError {
  const name = NAMED_STEP_FUNCTIONS_ERRORS.has(code) ? `${code}Exception` : 'AWSStepFunctionsException';
  return new TaskError(
    `StepFunctions.${name}`,
    `${message} (Service: AWSStepFunctions; Status Code: ${status}; Error Code: ${code}; ` +
      'Request ID: 00000000-0000-0000-0000-000000000000; Proxy: null)',
  );
}

/** Errors of the Lambda API that Step Functions shows under a name of their own; the rest are AWSLambdaException. */
const NAMED_LAMBDA_ERRORS = new Set([
  'ResourceNotFoundException',
  'ServiceException',
  'TooManyRequestsException',
]);

/**
 * The Lambda API refused the call, so the function did not run for it: `code` is the API's error, e.g.
 * `TooManyRequestsException` (429), `ResourceNotFoundException` (404, message
 * `Function not found: <arn>:$LATEST`), `AccessDeniedException` (403).
 */
export function lambdaServiceError(
  code: string,
  status: number,
  message: string,
  requestId: string,
): TaskError {
  const name = NAMED_LAMBDA_ERRORS.has(code) ? code : 'AWSLambdaException';
  return new TaskError(
    `Lambda.${name}`,
    `${message} (Service: AWSLambda; Status Code: ${status}; Error Code: ${code}; ` +
      `Request ID: ${requestId}; Proxy: null)`,
  );
}
