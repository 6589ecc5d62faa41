import { WorkflowError } from '../../statemachine/errors.ts';
import type { RemotionProgress } from './remotion-progress.ts';
import type { KnownRender } from './render-claims.ts';

/** What the execution that started a render has spent: on it, and on those before it that were throttled. In USD. */
export function spentOn(
  { spentBeforeInUsd = 0 }: Pick<KnownRender, 'spentBeforeInUsd'>,
  { costs }: Pick<RemotionProgress, 'costs'>,
): number {
  // As exact as Remotion's own estimate, without what adding floating-point numbers leaves behind.
  return Math.round((spentBeforeInUsd + costs.accruedSoFar) * 1e5) / 1e5;
}

/** `RenderOverBudget` when the render has cost more than it may; nothing while it has not, or has no limit. */
export function overBudget(render: KnownRender, progress: RemotionProgress): WorkflowError | undefined {
  const { renderId, maxCostInUsd, spentBeforeInUsd } = render;
  const cost = spentOn(render, progress);
  if (maxCostInUsd === undefined || cost <= maxCostInUsd) return undefined;
  const before = spentBeforeInUsd
    ? `, with ${spentBeforeInUsd} USD for those before it that were throttled`
    : '';
  return new WorkflowError(
    'RenderOverBudget',
    `Render ${renderId} has cost ${cost} USD at ${Math.floor(progress.overallProgress * 100)} %${before}, more than its maxCostInUsd of ${maxCostInUsd}.`,
  );
}

/** Seconds until the cost reaches the limit, if it goes on growing as it has so far. */
export function secondsToBudget(render: KnownRender, progress: RemotionProgress, now: number): number {
  const { startedAt, maxCostInUsd } = render;
  const cost = progress.costs.accruedSoFar;
  if (maxCostInUsd === undefined || cost <= 0) return Number.POSITIVE_INFINITY;
  const elapsedInSeconds = Math.max(0, now - startedAt) / 1000;
  return Math.max(0, ((maxCostInUsd - spentOn(render, progress)) / cost) * elapsedInSeconds);
}
