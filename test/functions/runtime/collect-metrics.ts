import { jest } from '@jest/globals';
import { type PrintedMetric, readMetrics } from '../../../proof/dashboard/embedded-metrics.ts';

/** Collects what the functions of this process print from here on. They need `POWERTOOLS_DEV` and metrics that are not off. */
export function collectMetrics(): PrintedMetric[] {
  const printed: PrintedMetric[] = [];
  jest.spyOn(console, 'log').mockImplementation((line) => void printed.push(...readMetrics(String(line))));
  return printed;
}
