import type { S3Client } from '@aws-sdk/client-s3';
import type { RenderMediaOnLambdaInput } from '@remotion/lambda/client';
import type { StartedRender } from '../../statemachine/contract.ts';
import { WorkflowError } from '../../statemachine/errors.ts';
import { fateOf } from '../render/look-at-render.ts';
import { lookForRender } from '../render/look-for-render.ts';
import { nameStepError } from '../render/name-step-error.ts';
import type { RemotionDeployment } from '../render/remotion-deployment.ts';
import { type KnownRender, type RenderClaims, renderOfClaim } from '../render/render-claims.ts';
import { carryingToken } from '../render/render-token.ts';
import { claimJob, type JobRequest } from './claim-job.ts';
import { settleQuietly, startClaimedRender } from './start-claimed-render.ts';

export interface StartJobOptions {
  readonly s3: S3Client;
  readonly claims: RenderClaims;
  readonly job: JobRequest;
  readonly deployment: RemotionDeployment;
  readonly options: RenderMediaOnLambdaInput;
  /** Until when a start may wait: for capacity, or for a cancelled render to stop. Milliseconds since 1970. */
  readonly giveUpAt: number;
  /** Looks whether the video may go to its destination, before a render is started for it. */
  readonly lookAtDestination: () => Promise<void>;
  /** What the workflow keeps of a render. */
  readonly describe: (render: KnownRender) => StartedRender;
}

/**
 * Starts the one render of a job: claims the job, and joins its render, looks for a render whose start was not
 * answered, or starts it.
 *
 * @throws WorkflowError with the names that `claimJob`, `lookAtDestination`, `lookForRender` and
 * `startClaimedRender` throw, and
 * `RenderNotStarted` or `StartOutcomeUnknown` when S3 refuses what they need.
 */
export async function startJob(options: StartJobOptions): Promise<StartedRender> {
  const { s3, claims, job, deployment, giveUpAt, describe } = options;
  const { jobId } = job;
  const lookAt = (render: KnownRender) => fateOf(s3, deployment, render);
  const decision = await claimJob(claims, job, lookAt).catch((error: Error) => {
    const isOver = error.name === 'RenderStartPending' && Date.now() >= giveUpAt;
    throw isOver ? new WorkflowError('RenderNotStarted', error.message) : error;
  });
  if (decision.kind === 'join') return joined(describe(decision.render), decision.isOwn);
  const { stored } = decision;
  if (decision.kind === 'start') {
    await options.lookAtDestination().catch(async (error: Error) => {
      await settleQuietly(claims, jobId, stored, { state: 'open' });
      throw error;
    });
    const input = { ...options.options, ...carryingToken(stored.claim) };
    const renderId = await startClaimedRender(claims, { jobId, stored, giveUpAt }, input);
    const render = renderOfClaim(stored.claim, renderId);
    await settleQuietly(claims, jobId, stored, { state: 'started', render });
    return describe(render);
  }
  try {
    const render = await lookForRender(s3, claims, deployment.bucketName, jobId, stored, Date.now());
    const isOwn = stored.claim.owner === job.executionArn;
    if (isOwn || (await lookAt(render)).fate !== 'dead') {
      await settleQuietly(claims, jobId, stored, { state: 'started', render });
      return joined(describe(render), isOwn);
    }
    await claims.settle(jobId, stored, { state: 'started', render });
  } catch (error) {
    throw nameStepError(error, { looking: true, giveUpAt });
  }
  // The render of another execution that is known to have died: the job can be claimed anew.
  return startJob(options);
}

function joined(render: StartedRender, isOwn: boolean): StartedRender {
  return { ...render, joined: true, ...(!isOwn && { ofOtherExecution: true }) };
}
