import { randomUUID } from 'node:crypto';
import { WorkflowError } from '../../statemachine/errors.ts';
import type { LastLook } from '../render/look-at-render.ts';
import type { KnownRender, RenderClaim, RenderClaims, StoredClaim } from '../render/render-claims.ts';

/** Who comes for a job, and with what. */
export interface JobRequest {
  readonly jobId: string;
  readonly executionArn: string;
  readonly requestHash: string;
  /** The hash that 0.1.0 has made of the request. */
  readonly formerRequestHash: string;
  /** How long Remotion is to keep the render's files. @default - for good */
  readonly deleteAfter?: string;
  /** The Remotion function that a render is started with. */
  readonly functionName: string;
  /** What a render may cost that is started for it. @default - anything */
  readonly maxCostInUsd?: number;
  /** The execution's own render, which it has seen end. @default - none */
  readonly endedRenderId?: string;
}

/** What an execution may do for its job. */
export type ClaimDecision =
  /** The claim is this execution's, and nothing has been started for it. */
  | { readonly kind: 'start'; readonly stored: StoredClaim }
  /** The job's render is known, and is running or finished. */
  | { readonly kind: 'join'; readonly render: KnownRender; readonly isOwn: boolean }
  /** A start may be happening, or may have happened: whoever comes has to look for its render. */
  | { readonly kind: 'look'; readonly stored: StoredClaim };

/** Nothing runs for the job: it may be claimed. */
interface FreeJob {
  readonly kind: 'take';
  /** What renders of this execution have cost that were throttled, in USD. */
  readonly spentBeforeInUsd?: number | undefined;
}

/** More than others can plausibly get in between. */
const MAX_ROUNDS = 5;

/**
 * Claims a job for an execution, so that of all executions of a job one starts its render.
 *
 * @param lookAt Says what has become of the render of another execution, which may have ended without saying so.
 * @throws WorkflowError `DuplicateRenderRequest` when something was started for another request and has not failed;
 * `RenderStartPending` while a render that was cancelled or has ended is not seen to have stopped;
 * `RenderOverBudget` when its throttled renders have cost all that it may spend; `RenderFailed`, `RenderTimedOut` or
 * another name of the claim's failure when this very execution comes back to a render of its own that failed:
 * that is for a new execution to try again.
 */
export async function claimJob(
  claims: RenderClaims,
  job: JobRequest,
  lookAt: (render: KnownRender) => Promise<LastLook>,
): Promise<ClaimDecision> {
  const { jobId, executionArn: owner, requestHash, functionName, deleteAfter, maxCostInUsd } = job;
  await claims.adoptFormer(jobId, owner);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const first: RenderClaim = {
      state: 'starting',
      owner,
      attempt: 1,
      claimedAt: Date.now(),
      requestHash,
      token: randomUUID(),
      ...(deleteAfter !== undefined && { deleteAfter }),
      functionName,
      ...(maxCostInUsd !== undefined && { maxCostInUsd }),
    };
    const created = await claims.create(jobId, first);
    if (created) return { kind: 'start', stored: created };
    const existing = await claims.read(jobId);
    if (!existing) continue;
    const decision = await decide(claims, existing, job, lookAt);
    if (decision.kind !== 'take') return decision;
    const { spentBeforeInUsd } = decision;
    if (spentBeforeInUsd !== undefined && maxCostInUsd !== undefined && spentBeforeInUsd >= maxCostInUsd)
      throw new WorkflowError(
        'RenderOverBudget',
        `The renders of this execution that were throttled have cost ${spentBeforeInUsd} USD, and its maxCostInUsd is ${maxCostInUsd}.`,
      );
    const taken = await claims.replace(jobId, existing, {
      ...first,
      attempt: existing.claim.attempt + 1,
      ...(spentBeforeInUsd !== undefined && { spentBeforeInUsd }),
    });
    if (taken) return { kind: 'start', stored: taken };
  }
  throw new Error(`The claim of ${jobId} cannot be read, or is changed by others all the time.`);
}

async function decide(
  claims: RenderClaims,
  stored: StoredClaim,
  { jobId, executionArn, requestHash, formerRequestHash, endedRenderId }: JobRequest,
  lookAt: (render: KnownRender) => Promise<LastLook>,
): Promise<ClaimDecision | FreeJob> {
  const { state, owner, render, failure, spentBeforeInUsd } = stored.claim;
  const isOwn = owner === executionArn;
  if (state === 'failed' && isOwn) {
    const which = render ? ` (${render.renderId})` : '';
    throw new WorkflowError(
      failure ?? 'RenderFailed',
      `The render of this execution has ended before${which}.`,
    );
  }
  if (state === 'open' || (state === 'failed' && !render))
    return { kind: 'take', ...(isOwn && { spentBeforeInUsd }) };
  // An execution has one request, whatever was deployed since.
  const isOther = !isOwn && ![requestHash, formerRequestHash].includes(stored.claim.requestHash);
  const refuse = () => {
    throw new WorkflowError(
      'DuplicateRenderRequest',
      `The jobId ${jobId} has been used by a request for another video or destination, in ${owner}.`,
    );
  };
  // A request that has failed may be corrected.
  if (isOther && state !== 'failed') refuse();
  if (!render) return { kind: 'look', stored };
  const hasEnded = isOwn && render.renderId === endedRenderId;
  if (isOwn && !hasEnded) return { kind: 'join', render, isOwn };

  const { fate, costInUsd } = await lookAt(render);
  // What has not begun and was cancelled stops as soon as it begins.
  if (fate === 'dead' || (fate === 'queued' && state === 'failed'))
    return { kind: 'take', ...(hasEnded && { spentBeforeInUsd: costInUsd }) };
  if (fate === 'running' && (hasEnded || state === 'failed')) {
    const what = hasEnded ? 'has not ended yet' : 'was cancelled and has not stopped yet';
    throw new WorkflowError('RenderStartPending', `Render ${render.renderId} ${what}.`);
  }
  if (isOther) refuse();
  // A render may finish after it was told to stop; its video is as good as any.
  if (state === 'failed') await claims.settle(jobId, stored, { state: 'started', failure: undefined });
  return { kind: 'join', render, isOwn };
}
