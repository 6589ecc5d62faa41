interface EmbeddedMetrics {
  readonly _aws: {
    readonly Timestamp: number;
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
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Reads a line in CloudWatch's embedded metric format; nothing of a line that is none. */
export function readMetrics(line: string): PrintedMetric[] {
  if (!line.startsWith('{"_aws":')) return [];
  const embedded = JSON.parse(line) as EmbeddedMetrics;
  return embedded._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name, Unit }) => ({
        time: embedded._aws.Timestamp,
        namespace: Namespace,
        name: Name,
        unit: Unit,
        value: Number(embedded[Name]),
        dimensions: Object.fromEntries(names.map((name) => [name, String(embedded[name])])),
      })),
    ),
  );
}
