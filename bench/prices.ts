/**
 * AWS's list prices in us-east-1 without any free tier, in USD, as of 2026-11-23.
 *
 * Sources: https://aws.amazon.com/step-functions/pricing/ (standard workflows),
 * https://aws.amazon.com/lambda/pricing/ (arm64, first tier), https://aws.amazon.com/s3/pricing/ (S3 Standard;
 * HEAD costs what GET costs), https://aws.amazon.com/cloudwatch/pricing/ (standard logs, first 10,000 metrics),
 * https://aws.amazon.com/xray/pricing/, https://aws.amazon.com/eventbridge/pricing/,
 * https://aws.amazon.com/sqs/pricing/, https://aws.amazon.com/api-gateway/pricing/ (REST APIs).
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
