import type { FaultKind } from './fault-kind.ts';
import type { FaultMeans } from './fault-means.ts';

/**
 * Lets a fault happen that is one of the execution and not of the call, which takes effect.
 *
 * @param what The kind of call, for the error.
 * @throws Error for a fault of another kind.
 */
export async function faultOfExecution<Answer>(
  kind: FaultKind,
  {
    next,
    stopExecution,
    repeatRequest,
    takeDestination,
  }: Pick<FaultMeans<Answer>, 'next' | 'stopExecution' | 'repeatRequest' | 'takeDestination'>,
  what: string,
): Promise<Answer> {
  switch (kind) {
    case 'stopped':
      stopExecution();
      return next();
    case 'stopped-after': {
      const answer = await next();
      stopExecution();
      return answer;
    }
    case 'repeated':
      repeatRequest();
      return next();
    case 'destination-taken':
      await takeDestination();
      return next();
    default:
      throw new Error(`The fault "${kind}" cannot happen to ${what}.`);
  }
}
