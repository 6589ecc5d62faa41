import { WorkflowError } from '../../statemachine/errors.ts';

/**
 * Of a render that has waited for as long as it may.
 *
 * @param place In the line, from 1.
 */
export function turnNotCome(place: number, waiting: number, waitedInSeconds: number): WorkflowError {
  return new WorkflowError(
    'RenderThrottled',
    `After ${waitedInSeconds} s, which is all that its startTimeoutInSeconds allows, the render was still number ${place} of ${waiting} that wait for their turn.`,
  );
}
