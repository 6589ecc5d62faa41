import { GetObjectCommand, type GetObjectCommandInput, type S3Client } from '@aws-sdk/client-s3';
import { statusOf } from './status-of.ts';

/** What an object says, and which writing of it that is; undefined when it is not there. */
export async function readObject(
  s3: S3Client,
  object: GetObjectCommandInput,
): Promise<{ text: string; etag: string } | undefined> {
  try {
    const { Body, ETag = '' } = await s3.send(new GetObjectCommand(object));
    return { text: (await Body?.transformToString()) ?? '', etag: ETag };
  } catch (error) {
    // Without s3:ListBucket on the whole bucket, S3 says 403 of a key that does not exist.
    if ([403, 404].includes(statusOf(error))) return undefined;
    throw error;
  }
}
