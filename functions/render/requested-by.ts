import type { RequestInput } from '../../statemachine/contract.ts';
import { type ReadRequest, readRequest } from '../../statemachine/read-request.ts';

/** What the execution that calls a function was asked for. */
export function requestedBy({ executionArn, input, request, jobId }: RequestInput): ReadRequest {
  // Where a request without envelopes comes beside its jobId, that is the request's own. An input may be null.
  const asked = input === undefined ? withJobId(request, jobId) : input;
  return readRequest(asked, executionArn.split(':').at(-1) ?? '');
}

function withJobId(request: unknown, jobId: unknown): unknown {
  return typeof request === 'object' && jobId !== undefined ? { ...request, jobId } : request;
}
