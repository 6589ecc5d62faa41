import type { S3Client } from '@aws-sdk/client-s3';
import { WorkflowError } from '../../statemachine/errors.ts';
import { findRender } from './find-render.ts';
import type { KnownRender, RenderClaim, RenderClaims, StoredClaim } from './render-claims.ts';

/**
 * How long after a claim its start may still be under way, in milliseconds: longer than StartRender's function
 * can run, and long enough for Remotion to have read the composition.
 */
export const START_WINDOW_IN_MS = 90_000;

/** In which StartRender's function, which has 60 seconds, can write the answer to its start, in milliseconds. */
const ANSWER_WINDOW_IN_MS = 65_000;

/** Whether the start of a claim may still be answered: until then its render is not looked for. */
export function mayStillAnswer({ state, unanswered, claimedAt }: RenderClaim, now: number): boolean {
  return state === 'starting' && !unanswered && now - claimedAt < ANSWER_WINDOW_IN_MS;
}

/**
 * Looks for the render of a claim whose start has not been answered.
 *
 * @returns The render.
 * @throws WorkflowError `RenderStartPending` while it can still appear, then `StartOutcomeUnknown`.
 */
export async function lookForRender(
  s3: S3Client,
  claims: RenderClaims,
  bucketName: string,
  jobId: string,
  stored: StoredClaim,
  now: number,
): Promise<KnownRender> {
  const render = mayStillAnswer(stored.claim, now)
    ? undefined
    : await findRender(s3, bucketName, jobId, stored.claim);
  if (render) return render;
  if (stored.claim.state === 'starting') {
    if (now - stored.claim.claimedAt < START_WINDOW_IN_MS) {
      throw new WorkflowError(
        'RenderStartPending',
        `The start of ${jobId}'s render has not been answered yet.`,
      );
    }
    await claims.settle(jobId, stored, { state: 'unknown' });
  }
  throw new WorkflowError(
    'StartOutcomeUnknown',
    `The answer to the start of ${jobId}'s render was lost, and none of the renders in s3://${bucketName}/renders/ is of this job.`,
  );
}
