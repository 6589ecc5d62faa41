import {
  CopyObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { WorkflowError } from '../../statemachine/errors.ts';
import { contentType } from './content-type.ts';
import { statusOf } from './render-claims.ts';
import { trimmed } from './trimmed.ts';

export interface ObjectAddress {
  bucket: string;
  key: string;
}

export interface CopiedVideo {
  readonly sizeInBytes: number;
  /** Without its quotes. */
  readonly etag: string;
}

export interface CopyOptions {
  readonly source: ObjectAddress;
  readonly destination: ObjectAddress;
  /** Kept as the copy's user metadata, by which it is known again. */
  readonly jobId: string;
  readonly renderId: string;
  /** Whether the copy may replace another object. */
  readonly overwrite: boolean;
}

/**
 * Copies a finished video inside S3 and checks what arrived. The destination is written in one go or not at
 * all, and a repeated copy finds its own finished work.
 *
 * The source is pinned by its ETag, so that what is checked is what was copied. No ACL and no tags are set:
 * buckets with owner-enforced object ownership accept no ACL, and copying tags needs permissions of its own.
 *
 * @throws WorkflowError `DestinationExists`; `VideoNotCopied`, which says where the video still is.
 */
export async function copyVideo(s3: S3Client, options: CopyOptions): Promise<CopiedVideo> {
  try {
    return await copy(s3, options);
  } catch (error) {
    if (error instanceof WorkflowError) throw error;
    const { source, destination } = options;
    const { name, message } = error as Error;
    throw new WorkflowError(
      'VideoNotCopied',
      `Cannot copy ${uri(source)} to ${uri(destination)}: ${name}: ${trimmed(message)}`,
      { cause: error },
    );
  }
}

async function copy(s3: S3Client, options: CopyOptions): Promise<CopiedVideo> {
  const { source, destination, jobId, renderId, overwrite } = options;
  const to = { Bucket: destination.bucket, Key: destination.key };
  let original: HeadObjectCommandOutput;
  try {
    original = await s3.send(new HeadObjectCommand({ Bucket: source.bucket, Key: source.key }));
  } catch (error) {
    // A render's files are removed after a while; its video may have been delivered before.
    const delivered = await s3.send(new HeadObjectCommand(to)).catch(() => undefined);
    if (delivered?.Metadata?.['render-id'] !== renderId) throw error;
    return describeCopy(delivered);
  }
  try {
    await s3.send(
      new CopyObjectCommand({
        ...to,
        CopySource: `${source.bucket}/${encodeURIComponent(source.key)}`,
        CopySourceIfMatch: original.ETag,
        ...(!overwrite && { IfNoneMatch: '*' }),
        MetadataDirective: 'REPLACE',
        Metadata: { 'job-id': jobId, 'render-id': renderId },
        TaggingDirective: 'REPLACE',
        ContentType: contentType(source.key),
      }),
    );
  } catch (error) {
    // Something is at the destination: perhaps this copy, made before.
    if (overwrite || statusOf(error) !== 412) throw error;
  }
  const copied = await s3.send(new HeadObjectCommand(to));
  if (copied.Metadata?.['render-id'] !== renderId) throw destinationExists(destination, source, copied);
  if (copied.ContentLength !== original.ContentLength) {
    throw new Error(`The copy has ${copied.ContentLength} bytes, the video ${original.ContentLength}.`);
  }
  return describeCopy(copied);
}

function describeCopy({ ContentLength = 0, ETag = '' }: HeadObjectCommandOutput): CopiedVideo {
  return { sizeInBytes: ContentLength, etag: ETag.replaceAll('"', '') };
}

function destinationExists(
  destination: ObjectAddress,
  source: ObjectAddress,
  { ContentLength, LastModified }: HeadObjectCommandOutput,
): WorkflowError {
  return new WorkflowError(
    'DestinationExists',
    `Another object (${ContentLength} bytes, ${LastModified?.toISOString()}) is at ${uri(destination)}. The video is at ${uri(source)}.`,
  );
}

function uri({ bucket, key }: ObjectAddress): string {
  return `s3://${bucket}/${key}`;
}
