import type { S3Client } from '@aws-sdk/client-s3';
import { Turns } from './turns.ts';

/** The turns of the renders as the environment has them; undefined where it has none, as renders have no limit. */
export function readTurns(s3: S3Client, bucketName: string): Turns | undefined {
  const { TURNS_PREFIX: prefix, MAX_CONCURRENT_RENDERS } = process.env;
  if (!prefix) return undefined;
  const limit = MAX_CONCURRENT_RENDERS === undefined ? undefined : Number(MAX_CONCURRENT_RENDERS);
  if (limit !== undefined && !(limit >= 1)) throw new Error('MAX_CONCURRENT_RENDERS is no number from 1 up.');
  return new Turns({ s3, bucketName, prefix, limit });
}
