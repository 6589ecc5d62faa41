import type { S3Client } from '@aws-sdk/client-s3';
import type { RemotionDeployment } from '../render/remotion-deployment.ts';
import type { RenderClaims } from '../render/render-claims.ts';
import { ConditionalObjects } from '../runtime/conditional-objects.ts';
import type { Executions, SweptExecution } from './executions.ts';
import { hasLeftRender } from './left-behind.ts';

/** What a sweep leaves for the next. */
interface LastSweep {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** ARNs of the executions that ran then, or had ended so shortly before that their events were still on the way. */
  readonly running: readonly string[];
}

/** So long after an execution's end its event may still be on the way, in milliseconds. */
const ON_THE_WAY_IN_MS = 60_000;

/** Lists of executions come a little late. */
const OVERLAP_IN_MS = 120_000;

/** More than these are not kept, and the end of some goes unnoticed here. */
const MAX_KEPT = 50_000;

export interface SweepEndedOptions {
  readonly s3: S3Client;
  readonly claims: RenderClaims;
  readonly deployment: RemotionDeployment;
  /** Of the object with what the last sweep has left. */
  readonly key: string;
  readonly executions: Executions;
  readonly running: ReadonlySet<string>;
  /** Says whether nobody has cancelled it yet. */
  readonly cancel: (execution: SweptExecution) => Promise<boolean>;
}

/**
 * Looks at the executions that have ended since the last sweep, by comparing who runs (Step Functions lists by the
 * start, not by the end) and by those that have begun since, and cancels what they have left.
 *
 * @returns How many had left something.
 */
export async function sweepEnded(options: SweepEndedOptions): Promise<number> {
  const { s3, claims, deployment, key, executions, running, cancel } = options;
  const objects = new ConditionalObjects<LastSweep>(s3, deployment.bucketName);
  const last = await objects.read(key);
  const now = Date.now();
  const ended = new Set(last?.value.running.filter((arn) => !running.has(arn)));
  const since = (last?.value.at ?? now) - OVERLAP_IN_MS;
  for (const status of ['ABORTED', 'TIMED_OUT', 'FAILED'] as const)
    for (const arn of await executions.startedSince(since, status)) ended.add(arn);
  const onTheWay: string[] = [];
  let found = 0;
  for (const arn of ended) {
    const execution = await executions.describe(arn, true);
    if (!execution || ['RUNNING', 'SUCCEEDED'].includes(execution.status)) continue;
    if (now - (execution.endedAt ?? now) < ON_THE_WAY_IN_MS) onTheWay.push(arn);
    else if ((await hasLeftRender(s3, claims, deployment, execution)) && (await cancel(execution)))
      found += 1;
  }
  const next = { at: now, running: [...running, ...onTheWay].slice(0, MAX_KEPT) };
  if (last) await objects.replace(key, last.etag, next);
  else await objects.create(key, next);
  return found;
}
