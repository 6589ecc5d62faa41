import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import {
  type BatchMetricName,
  ERROR_DIMENSION,
  METRICS_NAMESPACE,
  type MetricName,
  SERVICE_DIMENSION,
} from '../../functions/runtime/metric-definitions.ts';

/** A metric that the functions emit, for an alarm or a dashboard. */
export function renderMetric(
  serviceName: string,
  metricName: MetricName | BatchMetricName,
  options: MetricOptions,
): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { [SERVICE_DIMENSION]: serviceName },
    ...options,
  });
}

/** How often executions ended in an error of that name. */
export function failuresMetric(serviceName: string, error: string, options: MetricOptions): Metric {
  const dimensionsMap = { [SERVICE_DIMENSION]: serviceName, [ERROR_DIMENSION]: error };
  return renderMetric(serviceName, 'RendersFailed', { ...options, dimensionsMap });
}
