import type { S3Client } from '@aws-sdk/client-s3';
import type { StartedRender } from '../../statemachine/contract.ts';
import type { WorkflowErrorName } from '../../statemachine/errors.ts';
import { ConditionalObjects, type StoredValue } from '../runtime/conditional-objects.ts';

/** Where 0.1.0 kept the claims of all workflows of a Remotion bucket. */
const FORMER_PREFIX = 'render-jobs/';

/** A render that Remotion has accepted. */
export type KnownRender = Pick<
  StartedRender,
  'renderId' | 'startedAt' | 'functionName' | 'maxCostInUsd' | 'spentBeforeInUsd'
>;

/** Who renders a job, and how far that is known to be. At most one claim exists for a job. */
export interface RenderClaim {
  /**
   * `starting`: a start may be happening. `open`: certainly none happened, the next may take it.
   * `started`: the render is known. `failed`: the render failed or was cancelled, a new execution may claim anew.
   * `unknown`: a start may have happened, but its render was not found.
   */
  readonly state: 'starting' | 'open' | 'started' | 'failed' | 'unknown';
  /** ARN of the execution that claimed the job. */
  readonly owner: string;
  /** Counts the claims of the job from 1. */
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly claimedAt: number;
  /** Of what decides the video; empty where nothing was started that could be joined. */
  readonly requestHash: string;
  /** Travels with the render, and tells those who see it nothing. Claims of 0.1.0 have none. */
  readonly token?: string;
  /** How long Remotion is to keep the render's files, with which the render's id begins. */
  readonly deleteAfter?: string;
  /** The start of a claim that is `starting` has ended without an answer: its render can be looked for. */
  readonly unanswered?: true;
  /** The Remotion function that is to render: another may be deployed while it does. */
  readonly functionName?: string;
  /** What the render may cost: the limit of the execution that starts it, also for those that join it. */
  readonly maxCostInUsd?: number;
  /** What renders of the owner have cost before that were throttled, in USD. */
  readonly spentBeforeInUsd?: number;
  /** The owner was stopped: the render has to be cancelled as soon as it is known. */
  readonly cancelRequested?: boolean;
  readonly render?: KnownRender;
  /** Why the claim is `failed`. */
  readonly failure?: WorkflowErrorName;
}

/**
 * The render that was started for a claim.
 *
 * @param startedAt Milliseconds since 1970; by default the time of the claim.
 */
export function renderOfClaim(
  { claimedAt, functionName, maxCostInUsd, spentBeforeInUsd }: RenderClaim,
  renderId: string,
  startedAt = claimedAt,
): KnownRender {
  return {
    renderId,
    startedAt,
    ...(functionName !== undefined && { functionName }),
    ...(maxCostInUsd !== undefined && { maxCostInUsd }),
    ...(spentBeforeInUsd !== undefined && { spentBeforeInUsd }),
  };
}

/** A claim as it stands in the bucket. */
export interface StoredClaim {
  readonly claim: RenderClaim;
  readonly etag: string;
}

/**
 * The claims of jobs: objects in the Remotion bucket that are only ever written on a condition, so that of all
 * who want to change a claim exactly one does.
 */
export class RenderClaims {
  readonly #objects: ConditionalObjects<RenderClaim>;
  readonly #prefix: string;

  /** @param prefix of the claims' keys: that of one workflow, as others have jobs of the same ids */
  constructor(s3: S3Client, bucketName: string, prefix: string) {
    this.#objects = new ConditionalObjects(s3, bucketName);
    this.#prefix = prefix;
  }

  /** Takes over a claim that 0.1.0 has written for the job, if it was for an execution of the same state machine. */
  async adoptFormer(jobId: string, executionArn: string): Promise<void> {
    const former = await this.#objects.read(`${FORMER_PREFIX}${jobId}.json`);
    if (former && stateMachineOf(former.value.owner) === stateMachineOf(executionArn))
      await this.create(jobId, former.value);
  }

  async read(jobId: string): Promise<StoredClaim | undefined> {
    return asClaim(await this.#objects.read(this.#keyOf(jobId)));
  }

  /** Writes the first claim of a job; undefined when there is one already. */
  async create(jobId: string, claim: RenderClaim): Promise<StoredClaim | undefined> {
    return asClaim(await this.#objects.create(this.#keyOf(jobId), claim));
  }

  /** Replaces a claim; undefined when somebody has changed it since it was read. */
  async replace(jobId: string, { etag }: StoredClaim, next: RenderClaim): Promise<StoredClaim | undefined> {
    return asClaim(await this.#objects.replace(this.#keyOf(jobId), etag, next));
  }

  /**
   * Writes what has become known of a claim, over whatever else happens to it; does nothing once the job has
   * been claimed anew or somebody else has settled the claim.
   *
   * @returns The claim that stands instead, where it has done nothing and there is one.
   */
  async settle(
    jobId: string,
    stored: StoredClaim,
    known: Partial<RenderClaim>,
  ): Promise<RenderClaim | undefined> {
    let current: StoredClaim | undefined = stored;
    while (current?.claim.state === stored.claim.state && current.claim.attempt === stored.claim.attempt) {
      if (await this.replace(jobId, current, { ...current.claim, ...known })) return undefined;
      current = await this.read(jobId);
    }
    return current?.claim;
  }

  #keyOf(jobId: string): string {
    return `${this.#prefix}${jobId}.json`;
  }
}

function asClaim(stored: StoredValue<RenderClaim> | undefined): StoredClaim | undefined {
  return stored && { claim: stored.value, etag: stored.etag };
}

/** Of `arn:aws:states:<region>:<account>:execution:<state machine>:<name>`. */
function stateMachineOf(executionArn: string): string {
  return executionArn.slice(0, executionArn.lastIndexOf(':'));
}
