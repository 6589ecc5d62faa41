import { WorkflowError } from '../../statemachine/errors.ts';
import type { RemotionProgress } from './remotion-progress.ts';
import type { KnownRender } from './render-claims.ts';

/** `RenderOverBudget` when the render has cost more than it may; nothing while it has not, or has no limit. */
export function overBudget(
  { renderId, maxCostInUsd }: KnownRender,
  { costs, overallProgress }: RemotionProgress,
): WorkflowError | undefined {
  const cost = costs.accruedSoFar;
  if (maxCostInUsd === undefined || cost <= maxCostInUsd) return undefined;
  return new WorkflowError(
    'RenderOverBudget',
    `Render ${renderId} has cost ${cost} USD at ${Math.floor(overallProgress * 100)} %, more than its maxCostInUsd of ${maxCostInUsd}.`,
  );
}

/** Seconds until the cost reaches the limit, if it goes on growing as it has so far. */
export function secondsToBudget(
  { startedAt, maxCostInUsd }: KnownRender,
  { costs }: RemotionProgress,
  now: number,
): number {
  const cost = costs.accruedSoFar;
  if (maxCostInUsd === undefined || cost <= 0) return Number.POSITIVE_INFINITY;
  const elapsedInSeconds = Math.max(0, now - startedAt) / 1000;
  return Math.max(0, ((maxCostInUsd - cost) / cost) * elapsedInSeconds);
}
