import type { Retrier } from './definition.ts';

/**
 * Milliseconds to wait before the retry that follows `retriesBefore` retries by this retrier, or undefined
 * when it has none left. With full jitter, `random` (from 0 up to 1) picks a part of the delay.
 */
export function retryDelay(
  retrier: Retrier,
  retriesBefore: number,
  random: () => number,
): number | undefined {
  if (retriesBefore >= (retrier.MaxAttempts ?? 3)) return undefined;
  const seconds = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** retriesBefore;
  const capped = Math.min(seconds, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return 1000 * (retrier.JitterStrategy === 'FULL' ? capped * random() : capped);
}
