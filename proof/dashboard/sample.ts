/** A value of a metric at a time. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** What `metricKey` makes of the metric. */
  readonly metric: string;
  readonly value: number;
}

/** Tells metrics apart as CloudWatch does: by namespace, name and dimensions. */
export function metricKey(
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}

/** A statistic of values as CloudWatch has it: `Sum`, `Average`, `Maximum` or a percentile such as `p95`. */
export function statisticOf(statistic: string, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  if (statistic === 'Sum') return sum;
  if (statistic === 'Average') return sum / values.length;
  if (statistic === 'Maximum') return Math.max(...values);
  const percentile = Number(/^p(\d+)$/.exec(statistic)?.[1]);
  if (!(percentile > 0)) throw new Error(`"${statistic}" is no statistic that is known here.`);
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percentile / 100) * sorted.length) - 1] ?? 0;
}
