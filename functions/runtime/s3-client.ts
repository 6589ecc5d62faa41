import { S3Client } from '@aws-sdk/client-s3';
import { tracer } from './step-handler.ts';

/**
 * The S3 client of a step that makes short calls: each of up to three attempts has ten seconds, so that a call
 * that hangs is tried again within the function's time.
 *
 * @param region @default the function's own
 */
export function shortCallsS3Client(region?: string): S3Client {
  const requestHandler = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };
  return tracer.captureAWSv3Client(new S3Client({ ...(region && { region }), requestHandler }));
}
