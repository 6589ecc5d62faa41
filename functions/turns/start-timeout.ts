import type { RenderRequest } from '../../statemachine/contract.ts';
import { WorkflowError } from '../../statemachine/errors.ts';
import type { Turns } from './turns.ts';

const DEFAULT_IN_SECONDS = 300;

/** Where renders wait for each other they wait for longer. */
const DEFAULT_WITH_TURNS_IN_SECONDS = 86_400;

/**
 * How long a request waits for the start of its render, in seconds.
 *
 * @param turns Undefined where renders have no limit.
 */
export function startTimeoutOf({ startTimeoutInSeconds }: RenderRequest, turns: Turns | undefined): number {
  return startTimeoutInSeconds ?? (turns ? DEFAULT_WITH_TURNS_IN_SECONDS : DEFAULT_IN_SECONDS);
}

/** Of a render that was throttled and has no time left in which it may be started anew. */
export function noCapacity(renderId: string, startTimeoutInSeconds: number): WorkflowError {
  return new WorkflowError(
    'RenderThrottled',
    `Lambda had no capacity for a function of render ${renderId}, and the ${startTimeoutInSeconds} s are over in which the render may be started anew.`,
  );
}
