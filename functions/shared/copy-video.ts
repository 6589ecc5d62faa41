import { CopyObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { WorkflowError } from '../../statemachine/errors.ts';
import { trimmed } from './trimmed.ts';

export interface ObjectAddress {
  bucket: string;
  key: string;
}

/**
 * Copies a finished video inside S3 and checks what arrived.
 *
 * The source is pinned by its ETag, so that what is checked is what was copied. No ACL and no tags are set:
 * buckets with owner-enforced object ownership accept no ACL, and copying tags needs permissions of its own.
 *
 * @returns Size in bytes and ETag, without its quotes, of the copy.
 * @throws WorkflowError `VideoNotCopied`, which says where the video still is.
 */
export async function copyVideo(
  s3: S3Client,
  source: ObjectAddress,
  destination: ObjectAddress,
): Promise<{ sizeInBytes: number; etag: string }> {
  const from = { Bucket: source.bucket, Key: source.key };
  const to = { Bucket: destination.bucket, Key: destination.key };
  try {
    const original = await s3.send(new HeadObjectCommand(from));
    await s3.send(
      new CopyObjectCommand({
        ...to,
        CopySource: `${source.bucket}/${encodeURIComponent(source.key)}`,
        CopySourceIfMatch: original.ETag,
        MetadataDirective: 'REPLACE',
        TaggingDirective: 'REPLACE',
        ContentType: contentType(source.key),
      }),
    );
    const copy = await s3.send(new HeadObjectCommand(to));
    if (copy.ContentLength !== original.ContentLength) {
      throw new Error(`The copy has ${copy.ContentLength} bytes, the video ${original.ContentLength}.`);
    }
    return { sizeInBytes: copy.ContentLength ?? 0, etag: (copy.ETag ?? '').replaceAll('"', '') };
  } catch (error) {
    const { name, message } = error as Error;
    throw new WorkflowError(
      'VideoNotCopied',
      `Cannot copy s3://${source.bucket}/${source.key} to s3://${destination.bucket}/${destination.key}: ${name}: ${trimmed(message)}`,
      { cause: error },
    );
  }
}

/** Content types by the extensions that Remotion gives its outputs. Source: https://www.remotion.dev/docs/encoding */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  mkv: 'video/x-matroska',
  webm: 'video/webm',
  mov: 'video/quicktime',
  mxf: 'application/mxf',
  gif: 'image/gif',
  mp3: 'audio/mpeg',
  aac: 'audio/aac',
  wav: 'audio/wav',
};

/** The content type of an output of Remotion, by the extension of its key. */
export function contentType(key: string): string {
  return CONTENT_TYPES[key.slice(key.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
}
