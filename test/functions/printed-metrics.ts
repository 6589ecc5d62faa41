import { jest } from '@jest/globals';

interface EmbeddedMetrics {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [key: string]: unknown;
}

/** A value as CloudWatch takes it out of a log line. */
export interface PrintedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly value: unknown;
  readonly dimensions: Readonly<Record<string, unknown>>;
}

/** Reads a line in CloudWatch's embedded metric format; nothing of a line that is none. */
export function readMetrics(line: string): PrintedMetric[] {
  if (!line.startsWith('{"_aws":')) return [];
  const embedded = JSON.parse(line) as EmbeddedMetrics;
  return embedded._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name, Unit }) => ({
        namespace: Namespace,
        name: Name,
        unit: Unit,
        value: embedded[Name],
        dimensions: Object.fromEntries(names.map((name) => [name, embedded[name]])),
      })),
    ),
  );
}

/** Collects what the functions of this process print from here on. They need `POWERTOOLS_DEV` and metrics that are not off. */
export function collectMetrics(): PrintedMetric[] {
  const printed: PrintedMetric[] = [];
  jest.spyOn(console, 'log').mockImplementation((line) => void printed.push(...readMetrics(String(line))));
  return printed;
}
