import { posix } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { readObject } from '../runtime/read-object.ts';
import { addressed, type ObjectAddress, type PinnedCopy } from './pinned-copy.ts';

/** Object beside a render's output that says which upload copies it. */
export const COPY_RECORD_NAME = 'copy.json';

interface CopyRecord {
  readonly uploadId: string;
  readonly copy: PinnedCopy;
}

/**
 * The upload that a copy began before its function was killed; undefined when none is known, or when it was of
 * another state of the source, of another destination or with other settings.
 */
export async function readInterruptedCopy(s3: S3Client, copy: PinnedCopy): Promise<string | undefined> {
  const found = await readObject(s3, addressed(recordOf(copy)));
  if (!found) return undefined;
  const record: CopyRecord = JSON.parse(found.text);
  return JSON.stringify(record.copy) === JSON.stringify(copy) ? record.uploadId : undefined;
}

/** Writes down which upload a copy has begun: S3's list of uploads does not say what an upload is of. */
export async function recordCopy(s3: S3Client, copy: PinnedCopy, uploadId: string): Promise<void> {
  const record: CopyRecord = { uploadId, copy };
  await s3.send(
    new PutObjectCommand({
      ...addressed(recordOf(copy)),
      Body: JSON.stringify(record),
      ContentType: 'application/json',
    }),
  );
}

function recordOf({ source }: PinnedCopy): ObjectAddress {
  return { ...source, key: posix.join(posix.dirname(source.key), COPY_RECORD_NAME) };
}
