import type { StartedRender } from '../../statemachine/contract.ts';
import { WorkflowError } from '../../statemachine/errors.ts';
import type { RenderClaim, RenderClaims, StoredClaim } from './render-claims.ts';

/** Who comes for a job, and with what. */
export interface JobRequest {
  readonly jobId: string;
  readonly executionArn: string;
  readonly requestHash: string;
}

/** What an execution may do for its job. */
export type ClaimDecision =
  /** The claim is this execution's, and nothing has been started for it. */
  | { readonly kind: 'start'; readonly stored: StoredClaim }
  /** The job's render is known. */
  | { readonly kind: 'join'; readonly render: StartedRender }
  /** A start may be happening, or may have happened: whoever comes has to look for its render. */
  | { readonly kind: 'look'; readonly stored: StoredClaim };

/** More than others can plausibly get in between. */
const MAX_ROUNDS = 5;

/**
 * Claims a job for an execution, so that of all executions of a job one starts its render.
 *
 * @param now Milliseconds since 1970.
 * @throws WorkflowError `DuplicateRenderRequest` when the claim is of another request; `RenderFailed`,
 * `RenderTimedOut` or another name of the claim's failure when this very execution comes back to a render of its
 * own that failed: that is for a new execution to try again.
 */
export async function claimJob(claims: RenderClaims, job: JobRequest, now: number): Promise<ClaimDecision> {
  const { jobId, executionArn: owner, requestHash } = job;
  const first: RenderClaim = { state: 'starting', owner, attempt: 1, claimedAt: now, requestHash };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const created = await claims.create(jobId, first);
    if (created) return { kind: 'start', stored: created };
    const existing = await claims.read(jobId);
    if (!existing) continue;
    const decision = decide(existing, job);
    if (decision !== 'take') return decision;
    const taken = await claims.replace(jobId, existing, { ...first, attempt: existing.claim.attempt + 1 });
    if (taken) return { kind: 'start', stored: taken };
  }
  throw new Error(`The claim of ${jobId} cannot be read, or is changed by others all the time.`);
}

function decide(
  stored: StoredClaim,
  { jobId, executionArn, requestHash }: JobRequest,
): ClaimDecision | 'take' {
  const { claim } = stored;
  if (claim.requestHash !== requestHash) {
    throw new WorkflowError(
      'DuplicateRenderRequest',
      `The jobId ${jobId} has been used by another request, in ${claim.owner}.`,
    );
  }
  switch (claim.state) {
    case 'open':
      return 'take';
    case 'started':
      return claim.render ? { kind: 'join', render: claim.render } : { kind: 'look', stored };
    case 'failed':
      if (claim.owner !== executionArn) return 'take';
      throw new WorkflowError(
        claim.failure ?? 'RenderFailed',
        `The render of this execution has ended before${claim.render ? ` (${claim.render.renderId})` : ''}.`,
      );
    default:
      return { kind: 'look', stored };
  }
}
