const MIN_SECONDS = 1;
const MAX_SECONDS = 15;

/**
 * How long to wait before the next look at a render, in whole seconds from 1 to 15.
 *
 * A quarter of the time that seems to be left: each look halves what the estimate can be wrong by, and the last
 * ones come close to the finish. Before there is progress nothing can be estimated; then it is a quarter of the
 * time that has passed.
 */
export function secondsUntilNextLook({
  overallProgress,
  elapsedInMs,
}: {
  /** 0 to 1, as Remotion reports it. */
  overallProgress: number;
  /** Since the render was started, in milliseconds. */
  elapsedInMs: number;
}): number {
  const elapsed = Math.max(0, elapsedInMs) / 1000;
  const left = overallProgress > 0 ? (elapsed * (1 - overallProgress)) / overallProgress : elapsed;
  return Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, Math.round(left / 4)));
}
