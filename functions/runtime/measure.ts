import { Metrics } from '@aws-lambda-powertools/metrics';
import {
  BATCH_METRICS,
  type BatchMetricName,
  METRICS,
  METRICS_NAMESPACE,
  type MetricName,
} from './metric-definitions.ts';

const UNITS = { ...METRICS, ...BATCH_METRICS };

const metrics = new Metrics({ namespace: METRICS_NAMESPACE });

/**
 * Prints values of the workflow's metrics, from where CloudWatch takes them (embedded metric format).
 *
 * @param dimensions Values of the dimensions that the metrics have beside `service`.
 */
export function measure(
  values: Readonly<Partial<Record<MetricName | BatchMetricName, number>>>,
  dimensions: Readonly<Record<string, string>> = {},
): void {
  for (const [name, value] of Object.entries(values) as [keyof typeof UNITS, number][])
    metrics.addMetric(name, UNITS[name].unit, value);
  for (const [name, value] of Object.entries(dimensions)) metrics.addDimension(name, value);
  metrics.publishStoredMetrics();
}

/** @param time Milliseconds since 1970; clocks may disagree. */
export function secondsSince(time: number): number {
  return Math.max(0, Date.now() - time) / 1000;
}
