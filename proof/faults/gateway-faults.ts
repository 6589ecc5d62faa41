import { Readable } from 'node:stream';
import { AwsError, type AwsResponse } from '../../local/aws.ts';
import { ConnectionReset } from '../../local/gateway.ts';
import type { FaultKind, ObservedCall } from './fault-kind.ts';
import { LATE } from './fault-kind.ts';
import type { FaultMeans } from './fault-means.ts';
import { faultOfExecution } from './fault-of-execution.ts';

type Way = 's3' | 'lambda' | 'sts' | 'events';

/** The services' own names of an error. */
const ERRORS: Partial<Record<FaultKind, Record<Way, readonly [code: string, status: number]>>> = {
  throttled: {
    s3: ['SlowDown', 503],
    lambda: ['TooManyRequestsException', 429],
    sts: ['Throttling', 400],
    events: ['ThrottlingException', 400],
  },
  'internal-error': {
    s3: ['InternalError', 500],
    lambda: ['ServiceException', 500],
    sts: ['InternalFailure', 500],
    events: ['InternalException', 500],
  },
  'access-denied': {
    s3: ['AccessDenied', 403],
    lambda: ['AccessDeniedException', 403],
    sts: ['AccessDenied', 403],
    events: ['AccessDeniedException', 400],
  },
  'not-found': {
    s3: ['NoSuchKey', 404],
    lambda: ['ResourceNotFoundException', 404],
    sts: ['NotFound', 404],
    events: ['ResourceNotFoundException', 400],
  },
  'precondition-failed': {
    s3: ['PreconditionFailed', 412],
    lambda: ['PreconditionFailedException', 412],
    sts: ['PreconditionFailed', 412],
    events: ['PreconditionFailed', 412],
  },
  conflict: {
    s3: ['ConditionalRequestConflict', 409],
    lambda: ['ResourceConflictException', 409],
    sts: ['Conflict', 409],
    events: ['ConcurrentModificationException', 400],
  },
};

const NO_SUCH_UPLOAD = ['NoSuchUpload', 404] as const;
const ERROR = '<Error><Code>InternalError</Code><Message>Injected</Message></Error>';

/** Answers a call as the fault has it. Throws AwsError, ConnectionReset. */
export async function faultyAnswer(
  kind: FaultKind,
  { way, name }: ObservedCall,
  means: FaultMeans,
): Promise<AwsResponse> {
  const { next, wait } = means;
  const service = way === 'publication' ? 'events' : (way as Way);
  const error = kind === 'not-found' && /Upload|Part/.test(name) ? NO_SUCH_UPLOAD : ERRORS[kind]?.[service];
  if (error) throw new AwsError(error[0], `Injected: ${error[0]}`, error[1]);
  switch (kind) {
    case 'error-after':
      await next();
      throw new AwsError('InternalError', 'Injected: InternalError', 500);
    case 'reset-before':
      throw new ConnectionReset();
    case 'reset-after':
      await next();
      throw new ConnectionReset();
    case 'late-answer': {
      const answer = await next();
      await wait(LATE);
      return answer;
    }
    case 'late-effect':
      await wait(LATE);
      return next();
    case 'truncated':
      return truncated(await next());
    case 'garbled':
      return garbled(await next());
    case 'error-in-200':
      if (way !== 's3') return refusedEntry();
      return {
        status: 200,
        headers: { 'content-type': 'application/xml' },
        body: `<?xml version="1.0" encoding="UTF-8"?>\n${name.startsWith('DeleteObjects') ? `<DeleteResult>${ERROR}</DeleteResult>` : ERROR}`,
      };
    case 'killed-before':
      means.killCaller();
      throw new ConnectionReset();
    case 'killed-after':
      await next();
      means.killCaller();
      throw new ConnectionReset();
    default:
      return faultOfExecution(kind, means, 'a call through the gateway');
  }
}

/** EventBridge has taken the call, but not its entry. */
function refusedEntry(): AwsResponse {
  const entry = { ErrorCode: 'InternalFailure', ErrorMessage: 'Injected: InternalFailure' };
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ FailedEntryCount: 1, Entries: [entry] }),
  };
}

/** Half of the answer, then the connection is closed. */
async function truncated(answer: AwsResponse): Promise<AwsResponse> {
  const body = await bytesOf(answer);
  return {
    ...answer,
    headers: { ...answer.headers, 'content-length': String(body.length) },
    body: Readable.from(
      (async function* () {
        yield body.subarray(0, Math.ceil(body.length / 2));
        throw new ConnectionReset();
      })(),
    ),
  };
}

async function garbled(answer: AwsResponse): Promise<AwsResponse> {
  const body = await bytesOf(answer);
  return { ...answer, body: Buffer.from(body.map((byte) => byte ^ 0x15)) };
}

async function bytesOf({ body = '' }: AwsResponse): Promise<Buffer> {
  if (Buffer.isBuffer(body)) return body;
  if (typeof body === 'string') return Buffer.from(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
