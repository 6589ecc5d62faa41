/**
 * AWS's list prices in us-east-1 without any free tier, in USD, as of 2026-11-23.
 *
 * Sources: https://aws.amazon.com/step-functions/pricing/ (standard workflows),
 * https://aws.amazon.com/lambda/pricing/ (arm64, first tier), https://aws.amazon.com/s3/pricing/ (S3 Standard;
 * HEAD costs what GET costs).
 */
export const PRICES = {
  stateTransition: 0.025 / 1000,
  lambdaRequest: 0.2 / 1_000_000,
  lambdaGigabyteSecond: 0.000_013_333_4,
  s3Read: 0.0004 / 1000,
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
