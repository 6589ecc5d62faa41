import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { cancelRenderOnLambda } from '@remotion/lambda/client';
import type { CancelOutcome } from '../../statemachine/contract.ts';
import { WORKFLOW_ERRORS, type WorkflowErrorName } from '../../statemachine/errors.ts';
import { renderRequestSchema } from '../../statemachine/render-request-schema.ts';
import { findOutput, findRender } from '../render/find-render.ts';
import { mayStillAnswer, START_WINDOW_IN_MS } from '../render/look-for-render.ts';
import type { RemotionDeployment } from '../render/remotion-deployment.ts';
import {
  type KnownRender,
  type RenderClaim,
  type RenderClaims,
  renderOfClaim,
  type StoredClaim,
} from '../render/render-claims.ts';
import { traced } from '../runtime/step-handler.ts';

const POLL_INTERVAL_IN_MS = 2_000;

/** Between two searches, which cost more than a look at the claim. */
const SEARCH_INTERVAL_IN_MS = 5_000;

export interface CancelJobOptions {
  readonly s3: S3Client;
  readonly claims: RenderClaims;
  readonly deployment: RemotionDeployment;
  readonly jobId: string;
  /** The execution that failed or was stopped. */
  readonly executionArn: string;
  /** The request, where StartRender may still run and come to its claim: it must not start anything any more. */
  readonly request?: unknown;
  /** Id of the render that the execution knew of. */
  readonly renderId?: string | undefined;
  /** Name of the error on the failure path. */
  readonly error?: string | undefined;
}

/**
 * Cancels the render that an execution has claimed, if it still runs, and settles the claim. Waits for a start
 * that is under way, up to the 90 seconds that it can take. Doing it again changes nothing.
 */
export async function cancelJob(options: CancelJobOptions): Promise<CancelOutcome> {
  await options.claims.adoptFormer(options.jobId, options.executionArn);
  for (;;) {
    const stored = await options.claims.read(options.jobId);
    const outcome = stored ? await cancelClaim(options, stored) : await cancelWithoutClaim(options);
    if (outcome) return outcome;
    await sleep(POLL_INTERVAL_IN_MS);
  }
}

/** One look at the claim; undefined when it has to be looked at again. */
async function cancelClaim(
  options: CancelJobOptions,
  stored: StoredClaim,
): Promise<CancelOutcome | undefined> {
  const { claims, jobId, executionArn, request } = options;
  const { claim } = stored;
  if (claim.owner !== executionArn) return 'NotOurs';
  if (claim.state === 'failed') return claim.render ? 'Cancelled' : 'NothingStarted';
  const { renderId } = options;
  // The execution may know of a render of which its claim does not.
  const known = claim.render ?? (renderId === undefined ? undefined : renderOfClaim(claim, renderId));
  if (known) return cancelRender(options, stored, known);
  if (claim.state === 'unknown') return 'Unknown';
  if (claim.state === 'open') {
    if (request === undefined) return 'NothingStarted';
    const next: RenderClaim = { ...claim, state: 'failed', failure: 'RenderCancelled' };
    return (await claims.replace(jobId, stored, next)) && 'NothingStarted';
  }
  return awaitStart(options, stored);
}

/** For a claim that is `starting`: its render is known soon, or is never known. */
async function awaitStart(
  options: CancelJobOptions,
  stored: StoredClaim,
): Promise<CancelOutcome | undefined> {
  const { s3, claims, deployment, jobId } = options;
  const { claim } = stored;
  if (!claim.cancelRequested) {
    await claims.replace(jobId, stored, { ...claim, cancelRequested: true });
    return undefined;
  }
  if (mayStillAnswer(claim, Date.now())) return undefined;
  const found = await findRender(s3, deployment.bucketName, jobId, claim);
  if (found) return cancelRender(options, stored, found);
  if (Date.now() - claim.claimedAt < START_WINDOW_IN_MS) {
    await sleep(SEARCH_INTERVAL_IN_MS);
    return undefined;
  }
  await claims.settle(jobId, stored, { state: 'unknown' });
  return 'Unknown';
}

/** Undefined when the execution has claimed its job anew meanwhile: that has to be looked at, too. */
async function cancelRender(
  { s3, claims, deployment, jobId, error }: CancelJobOptions,
  stored: StoredClaim | undefined,
  render: KnownRender,
): Promise<CancelOutcome | undefined> {
  const { region, bucketName } = deployment;
  const { renderId } = render;
  if (await findOutput(s3, bucketName, renderId)) {
    if (stored && stored.claim.state !== 'started')
      await claims.settle(jobId, stored, { state: 'started', render });
    return 'Finished';
  }
  await traced('cancelRenderOnLambda', () => cancelRenderOnLambda({ region, bucketName, renderId }));
  const failure =
    error !== undefined && error in WORKFLOW_ERRORS ? (error as WorkflowErrorName) : 'RenderCancelled';
  if (stored) {
    const { owner, attempt } = stored.claim;
    const instead = await claims.settle(jobId, stored, { state: 'failed', failure, render });
    // After a render that was throttled, whose cancel changes nothing for the next.
    if (instead?.owner === owner && instead.attempt !== attempt) return undefined;
  }
  return 'Cancelled';
}

/** The claim cannot be read, or StartRender has not come to it: then the job is claimed in its place. */
async function cancelWithoutClaim(options: CancelJobOptions): Promise<CancelOutcome | undefined> {
  const { claims, jobId, executionArn: owner, request, renderId } = options;
  if (renderId !== undefined) return cancelRender(options, undefined, { renderId, startedAt: Date.now() });
  const parsed = renderRequestSchema.safeParse(request);
  if (!parsed.success) return 'NothingStarted';
  const claim: RenderClaim = {
    state: 'failed',
    owner,
    attempt: 1,
    claimedAt: Date.now(),
    requestHash: '',
    failure: 'RenderCancelled',
  };
  return (await claims.create(jobId, claim)) && 'NothingStarted';
}
