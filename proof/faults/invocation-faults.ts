import { AwsError } from '../../local/aws.ts';
import type { InvocationResult } from '../../local/lambda/invocation-result.ts';
import { type FaultKind, LATE } from './fault-kind.ts';
import type { FaultMeans } from './fault-means.ts';
import { faultOfExecution } from './fault-of-execution.ts';

type InvocationMeans = Omit<FaultMeans<InvocationResult>, 'killCaller'>;

/** What a state machine gets for an invocation of a function, as the fault has it. Throws AwsError, Error. */
export async function faultyInvocation(kind: FaultKind, means: InvocationMeans): Promise<InvocationResult> {
  const { next, wait } = means;
  switch (kind) {
    case 'throttled':
      throw new AwsError('TooManyRequestsException', 'Injected: Rate Exceeded.', 429);
    case 'internal-error':
      throw new AwsError('ServiceException', 'Injected: ServiceException', 500);
    case 'error-after':
      await next();
      throw new AwsError('ServiceException', 'Injected: ServiceException', 500);
    case 'access-denied':
      throw new AwsError('AccessDeniedException', 'Injected: AccessDeniedException', 403);
    case 'not-found':
      throw new AwsError('ResourceNotFoundException', 'Injected: Function not found', 404);
    case 'reset-before':
      throw new Error('Injected: Connection reset');
    case 'reset-after':
      await next();
      throw new Error('Injected: Connection reset');
    case 'late-answer': {
      const answer = await next();
      await wait(LATE);
      return answer;
    }
    case 'killed-before':
      return failure('Runtime.ExitError', 'Runtime exited with error: signal: killed');
    case 'killed-after':
      await next();
      return failure('Runtime.ExitError', 'Runtime exited with error: signal: killed');
    case 'timed-out':
      await next();
      return failure('Sandbox.Timedout', 'Task timed out');
    default:
      return faultOfExecution(kind, means, 'an invocation');
  }
}

function failure(errorType: string, reason: string): InvocationResult {
  const payload = JSON.stringify({ errorType, errorMessage: `RequestId: injected Error: ${reason}` });
  return { requestId: 'injected', payload: Buffer.from(payload), functionError: 'Unhandled' };
}
