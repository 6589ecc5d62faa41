import type { CallDetails } from './render-clients.ts';

/** What errors of the SDK may carry. */
interface SdkError extends Error, Partial<CallDetails> {
  readonly code?: string;
  readonly $retryable?: object;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const NETWORK_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
];

const REFUSED_CREDENTIALS = [
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
];

/**
 * Whether the same call may be answered a little later: the network, throttling, a failure of AWS, and an
 * execution that was started just now and is not known everywhere yet.
 */
export function isPassing(error: unknown): boolean {
  const { name, $retryable, $metadata } = error as SdkError;
  return (
    isNetwork(error as SdkError) ||
    $retryable !== undefined ||
    ($metadata?.httpStatusCode ?? 0) >= 500 ||
    /throttl|TooManyRequests/i.test(name)
  );
}

/** Whether AWS knows the caller, and lets it not do this. */
export function isAccessDenied(error: Error): boolean {
  const { name, $metadata } = error as SdkError;
  // S3 answers a HEAD without a body, and so without a name of its own.
  return (
    /^AccessDenied/.test(name) || ($metadata?.httpStatusCode === 403 && !REFUSED_CREDENTIALS.includes(name))
  );
}

/** What went wrong with a call of AWS and what to do about it, for the person at the terminal. */
export function describeAwsProblem(error: Error): string {
  const { name, message, code, action, region, endpoint } = error as SdkError;
  const where = endpoint ?? region ?? 'AWS';
  if (/region is missing/i.test(message)) {
    return problem(
      'There is no AWS region.',
      'Give it with --region or AWS_REGION, or in the profile that AWS_PROFILE names.',
    );
  }
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return problem(
      `There are no AWS credentials: ${firstLine(message)}`,
      'Sign in (aws sso login, aws login), name a profile in AWS_PROFILE, or run this where a role is at hand; "aws sts get-caller-identity" shows who you are.',
    );
  }
  if (REFUSED_CREDENTIALS.includes(name)) {
    return problem(
      `AWS does not take the credentials (${name}): ${firstLine(message)}`,
      'Sign in again, or look which credentials the shell has: "aws sts get-caller-identity" shows who you are.',
    );
  }
  if (isAccessDenied(error)) return accessDenied(message, action);
  if (isNetwork(error as SdkError)) {
    return problem(
      `${where} cannot be reached: ${firstLine(message) || code}`,
      endpoint
        ? 'AWS_ENDPOINT_URL says where to call; is "npm run local" still up there?'
        : `Look at the network, and whether ${region} is the right region (--region).`,
    );
  }
  if (name === 'StateMachineDoesNotExist') {
    return problem(
      `${firstLine(message)}; it is not in ${where}.`,
      'Compare the ARN with the stack\'s output "StateMachineArn"; "aws stepfunctions list-state-machines" lists what there is.',
    );
  }
  if (name === 'ExecutionDoesNotExist') {
    return problem(
      `${firstLine(message)}; it is not in ${where}.`,
      '"remotion-step-functions list" lists the newest executions. AWS forgets an execution 90 days after its end.',
    );
  }
  return action ? `${action} failed with ${name}: ${message}` : `${name}: ${message}`;
}

/** Whether the error is one of a call of AWS, so that `describeAwsProblem` has something to say. */
export function isAwsProblem(error: Error): boolean {
  return (error as SdkError).action !== undefined;
}

function accessDenied(message: string, action: string | undefined): string {
  const named = /not authorized to perform: ([\w:]+)(?: on resource: (\S+))?/.exec(message);
  // The SDK's operation has the action's name but for s3:HeadObject, which is not called here.
  const missing = named?.[1] ?? action ?? 'the call';
  const resource = named?.[2];
  return problem(
    `Access denied: ${message}`,
    `Let the role that this shell uses do ${missing}${resource ? ` on ${resource}` : ''}; docs/command.md has the whole policy.`,
  );
}

function isNetwork({ name, code = '' }: SdkError): boolean {
  return NETWORK_CODES.includes(code) || name === 'TimeoutError';
}

function problem(what: string, remedy: string): string {
  return `${what}\nWhat to do: ${remedy}`;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
