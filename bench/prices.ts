/**
 * AWS's list prices in us-east-1 without any free tier, in USD, as of 2026-11-23.
 *
 * Sources: https://aws.amazon.com/step-functions/pricing/ (standard workflows),
 * https://aws.amazon.com/lambda/pricing/ (arm64, first tier), https://aws.amazon.com/s3/pricing/ (S3 Standard;
 * HEAD costs what GET costs, DELETE nothing, COPY and LIST what PUT costs), https://aws.amazon.com/cloudwatch/pricing/ (standard logs, first 10,000 metrics),
 * https://aws.amazon.com/xray/pricing/, https://aws.amazon.com/eventbridge/pricing/,
 * https://aws.amazon.com/sqs/pricing/, https://aws.amazon.com/api-gateway/pricing/ (REST APIs),
 * https://aws.amazon.com/dynamodb/pricing/on-demand/ (a write of up to 1 KB, also one that its condition refuses).
 */
export const PRICES = {
  stateTransition: 0.025 / 1000,
  lambdaRequest: 0.2 / 1_000_000,
  lambdaGigabyteSecond: 0.000_013_333_4,
  s3Read: 0.0004 / 1000,
  s3Write: 0.005 / 1000,
  logGigabyte: 0.5,
  trace: 5 / 1_000_000,
  customEvent: 1 / 1_000_000,
  pipeRequest: 0.4 / 1_000_000,
  queueRequest: 0.4 / 1_000_000,
  apiRequest: 3.5 / 1_000_000,
  tableWrite: 0.625 / 1_000_000,
  metricMonth: 0.3,
  alarmMonth: 0.1,
  dashboardMonth: 3,
} as const;

/** What a policy used to follow a render. */
export interface Usage {
  stateTransitions: number;
  invocations: number;
  gigabyteSeconds: number;
  s3Reads: number;
}

/** In USD. */
export function costOf({ stateTransitions, invocations, gigabyteSeconds, s3Reads }: Usage): number {
  return (
    stateTransitions * PRICES.stateTransition +
    invocations * PRICES.lambdaRequest +
    gigabyteSeconds * PRICES.lambdaGigabyteSecond +
    s3Reads * PRICES.s3Read
  );
}

/** Memory of the CopyToBucket function, in GB. */
const COPY_MEMORY_IN_GB = 256 / 1024;

/** A copy by a function, in USD. @param methods HTTP methods of the requests that were sent, none of them DELETE */
export function copyCostInUsd(methods: readonly string[], seconds: number): number {
  const reads = methods.filter((method) => method === 'GET' || method === 'HEAD').length;
  const requests = reads * PRICES.s3Read + (methods.length - reads) * PRICES.s3Write;
  return requests + seconds * COPY_MEMORY_IN_GB * PRICES.lambdaGigabyteSecond;
}
