/**
 * What a copy inside one region costs in us-east-1, in USD.
 * Source: https://aws.amazon.com/s3/pricing/ and https://aws.amazon.com/lambda/pricing/ (Arm), as of 2026-11-23.
 */
const PRICES = {
  /** COPY, PUT, POST and LIST. DELETE is free. */
  write: 0.005 / 1000,
  /** GET and HEAD. */
  read: 0.0004 / 1000,
  gigabyteSecond: 0.0000133334,
};

/** Memory of the CopyToBucket function, in GB. */
const MEMORY_IN_GB = 256 / 1024;

/** @param methods HTTP methods of the requests that were sent. */
export function copyCostInUsd(methods: readonly string[], seconds: number): number {
  const reads = methods.filter((method) => method === 'GET' || method === 'HEAD').length;
  const requests = reads * PRICES.read + (methods.length - reads) * PRICES.write;
  return requests + seconds * MEMORY_IN_GB * PRICES.gigabyteSecond;
}
