/** Progress at one time. */
export interface ProgressPoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** 0 to 100. */
  readonly percent: number;
}

/**
 * Seconds until 100 % at the pace between the first and the last point, as seen from the last one.
 * Undefined where the points show no pace, and when there is nothing left.
 */
export function secondsLeft(first: ProgressPoint, last: ProgressPoint): number | undefined {
  const percentPerSecond = ((last.percent - first.percent) / (last.at - first.at)) * 1000;
  if (!(percentPerSecond > 0) || last.percent >= 100) return undefined;
  return (100 - last.percent) / percentPerSecond;
}

/** `about 40 s left`, `about 3 min left`. */
export function describeSecondsLeft(seconds: number): string {
  if (seconds < 1) return 'nearly done';
  if (seconds < 90) return `about ${Math.round(seconds)} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}
