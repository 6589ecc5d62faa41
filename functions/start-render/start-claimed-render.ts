import type { RenderMediaOnLambdaInput } from '@remotion/lambda/client';
import { WorkflowError } from '../../statemachine/errors.ts';
import type { RenderClaim, RenderClaims, StoredClaim } from '../render/render-claims.ts';
import { logger, traced } from '../runtime/step-handler.ts';
import { ObservedRequestHandler } from './observed-request-handler.ts';
import { nameStartError } from './start-error.ts';
import { renderUploadingLargeProps } from './upload-large-props.ts';

/** A claimed job and until when its start may wait for capacity. */
export interface ClaimedStart {
  readonly jobId: string;
  readonly stored: StoredClaim;
  /** Milliseconds since 1970. */
  readonly giveUpAt: number;
}

/**
 * Starts the render of a claim.
 *
 * @returns The render's id.
 * @throws WorkflowError `RenderStartThrottled` while a throttled start may wait, then `RenderThrottled`;
 * `RenderNotStarted` and `InvalidRenderRequest`: nothing was started and the claim is open again;
 * `RenderStartPending`: the answer was lost.
 */
export async function startClaimedRender(
  claims: RenderClaims,
  { jobId, stored, giveUpAt }: ClaimedStart,
  options: RenderMediaOnLambdaInput,
): Promise<string> {
  const requestHandler = new ObservedRequestHandler({ connectionTimeout: 3_000 });
  try {
    return await traced('renderMediaOnLambda', async () => {
      try {
        return (await renderUploadingLargeProps({ ...options, requestHandler })).renderId;
      } catch (error) {
        // Named before it comes to the trace: Remotion's own error may quote the props.
        throw nameStartError(error, requestHandler.invoked);
      }
    });
  } catch (error) {
    const named = error as WorkflowError;
    if (named.name === 'StartOutcomeUnknown') {
      await settleQuietly(claims, jobId, stored, { unanswered: true });
      throw new WorkflowError('RenderStartPending', named.message);
    }
    await settleQuietly(claims, jobId, stored, { state: 'open' });
    if (named.name === 'RenderThrottled' && Date.now() < giveUpAt) {
      throw new WorkflowError('RenderStartThrottled', named.message);
    }
    throw named;
  }
}

/**
 * Writes into the claim what its start has come to. That this fails stops nothing: the workflow knows it, and
 * others find the render by its token.
 */
export async function settleQuietly(
  claims: RenderClaims,
  jobId: string,
  stored: StoredClaim,
  known: Partial<RenderClaim>,
): Promise<void> {
  await claims.settle(jobId, stored, known).catch((error: Error) => {
    logger.warn('The claim could not be completed', { errorName: error.name, errorMessage: error.message });
  });
}
