import { statusOf } from './status-of.ts';

/** S3 answers a request that was sent to the wrong region with the region of the bucket. */
export function regionOfBucket(error: unknown): string | undefined {
  const { $response } = error as { $response?: { headers?: Record<string, string> } };
  const redirected = [301, 307, 400].includes(statusOf(error));
  return redirected ? $response?.headers?.['x-amz-bucket-region'] : undefined;
}
