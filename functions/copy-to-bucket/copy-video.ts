import {
  CopyObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { WorkflowError } from '../../statemachine/errors.ts';
import { regionOfBucket } from '../runtime/region-of-bucket.ts';
import { statusOf } from '../runtime/status-of.ts';
import { trimmed } from '../runtime/trimmed.ts';
import { copyInParts, videoChanged } from './copy-in-parts.ts';
import { type CopyPlan, planCopy } from './copy-plan.ts';
import {
  addressed,
  type CopyClients,
  type ObjectAddress,
  type ObjectSettings,
  onlyIfNothingIsThere,
  type PinnedCopy,
  pinned,
} from './pinned-copy.ts';

export interface CopyOptions {
  /** For messages. @default video */
  readonly what?: 'video' | 'artifact';
  /** Client for the region of the source. */
  readonly s3: S3Client;
  /** Makes a client for another region, when the destination is in one. */
  readonly inRegion: (region: string) => S3Client;
  readonly source: ObjectAddress;
  /** As Remotion reported it, for when the source has been removed after an earlier copy. */
  readonly sizeInBytes: number;
  readonly destination: ObjectAddress;
  /** Kept as the copy's user metadata, by which it is known again. */
  readonly renderId: string;
  readonly settings: ObjectSettings;
  /** Whether the copy may replace another object. */
  readonly overwrite: boolean;
}

/** A copy that is complete at its destination. */
export interface CopiedVideo {
  /** Whether this call wrote it, and did not find it there. */
  readonly isNew: boolean;
  readonly sizeInBytes: number;
  /** Without its quotes. */
  readonly etag: string;
}

/**
 * Copies a finished video inside S3 and checks what arrived. The destination is written in one go or not at
 * all, and a repeated copy finds its own finished work.
 *
 * The source is pinned by its ETag, so that what is checked is what was copied. No ACL is set: buckets with
 * owner-enforced object ownership accept none.
 *
 * @throws WorkflowError `DestinationExists`; `VideoNotCopied`, which says where the video still is.
 */
export async function copyVideo(options: CopyOptions): Promise<CopiedVideo> {
  const { s3, inRegion, source, destination } = options;
  try {
    try {
      return await copy({ source: s3, destination: s3 }, options);
    } catch (error) {
      const region = regionOfBucket(error);
      if (region === undefined) throw error;
      return await copy({ source: s3, destination: inRegion(region) }, options);
    }
  } catch (error) {
    if (error instanceof WorkflowError) throw error;
    const { name, message } = error as Error;
    throw new WorkflowError(
      'VideoNotCopied',
      `Cannot copy ${uri(source)} to ${uri(destination)}: ${name}: ${trimmed(message)}`,
      { cause: error },
    );
  }
}

type FoundVideo = Omit<CopiedVideo, 'isNew'>;

async function copy(clients: CopyClients, options: CopyOptions): Promise<CopiedVideo> {
  const { source, destination, renderId, settings, overwrite } = options;
  let original: HeadObjectCommandOutput;
  try {
    original = await head(clients.source, source);
  } catch (error) {
    const copied = await findCopied(clients, options).catch(() => undefined);
    if (!copied) throw error;
    return { ...copied, isNew: false };
  }
  const pinnedCopy: PinnedCopy = {
    source: { ...source, etag: original.ETag ?? '', sizeInBytes: original.ContentLength ?? 0 },
    destination,
    settings: {
      ...settings,
      ...ownSettings(settings, original),
      Metadata: { 'render-id': renderId },
    },
    overwrite,
  };
  const checked = () => check(clients, options, original);
  const plan = planCopy(pinnedCopy.source.sizeInBytes);
  // Parts are refused only when all are copied, and there are storages that do not know the condition at all.
  const there = await lookBefore(checked, overwrite);
  if (there) return { ...there, isNew: false };
  const isNew = await write(clients, pinnedCopy, plan).then(
    () => true,
    (error) => {
      if (!mayBeOwnWork(error, pinnedCopy)) throw error;
      return false;
    },
  );
  return { ...(await checked()), isNew };
}

/** The same copy, made before. Throws WorkflowError `DestinationExists` where another object may not be replaced. */
async function lookBefore(
  checked: () => Promise<FoundVideo>,
  overwrite: boolean,
): Promise<FoundVideo | undefined> {
  try {
    return await checked();
  } catch (error) {
    if (!overwrite && error instanceof WorkflowError) throw error;
    return undefined;
  }
}

async function write(
  clients: CopyClients,
  copy: PinnedCopy,
  { partSize, concurrency }: CopyPlan,
): Promise<void> {
  if (partSize !== undefined) return copyInParts(clients, copy, { partSize, concurrency });
  await clients.destination.send(
    new CopyObjectCommand({
      ...addressed(copy.destination),
      ...pinned(copy),
      ...onlyIfNothingIsThere(copy),
      ...copy.settings,
      MetadataDirective: 'REPLACE',
      TaggingDirective: 'REPLACE',
      ChecksumAlgorithm: 'CRC64NVME',
    }),
  );
}

/** Whether an error can come from the same copy, made before: something is there, or its upload is complete. */
function mayBeOwnWork(error: unknown, { overwrite }: PinnedCopy): boolean {
  if (overwrite && statusOf(error) === 412) throw videoChanged(error);
  return statusOf(error) === 412 || (error as Error).name === 'NoSuchUpload';
}

async function check(
  clients: CopyClients,
  options: CopyOptions,
  original: HeadObjectCommandOutput,
): Promise<FoundVideo> {
  const { destination, renderId } = options;
  const copied = await head(clients.destination, destination).catch((error) => {
    // Nothing was there to keep the copy from being written: it was the source that had changed.
    throw [403, 404].includes(statusOf(error)) ? videoChanged(error) : error;
  });
  if (copied.Metadata?.['render-id'] !== renderId) throw destinationExists(options, copied);
  if (copied.ContentLength !== original.ContentLength) {
    throw new Error(`The copy has ${copied.ContentLength} bytes, the video ${original.ContentLength}.`);
  }
  // Of CRC64NVME, S3 keeps only the checksum of the whole object. Not every object has one.
  const [from, to] = [original.ChecksumCRC64NVME, copied.ChecksumCRC64NVME];
  if (from !== undefined && to !== undefined && from !== to) {
    throw new Error(`The copy has the CRC64NVME checksum ${to}, the video ${from}.`);
  }
  return copiedVideo(copied);
}

/** The copy that an earlier execution made, when the video itself has been removed since. */
async function findCopied(
  clients: CopyClients,
  { destination, renderId, sizeInBytes }: CopyOptions,
): Promise<FoundVideo | undefined> {
  const copied = await head(clients.destination, destination);
  const isOurs = copied.Metadata?.['render-id'] === renderId && copied.ContentLength === sizeInBytes;
  return isOurs ? copiedVideo(copied) : undefined;
}

/** What Remotion gave the file that it is served with, where the workflow does not say it. */
function ownSettings(settings: ObjectSettings, original: HeadObjectCommandOutput): ObjectSettings {
  const ContentType = settings.ContentType ?? original.ContentType;
  const ContentDisposition = settings.ContentDisposition ?? original.ContentDisposition;
  return { ...(ContentType && { ContentType }), ...(ContentDisposition && { ContentDisposition }) };
}

function head(s3: S3Client, address: ObjectAddress): Promise<HeadObjectCommandOutput> {
  return s3.send(new HeadObjectCommand({ ...addressed(address), ChecksumMode: 'ENABLED' }));
}

function copiedVideo({ ContentLength = 0, ETag = '' }: HeadObjectCommandOutput): FoundVideo {
  return { sizeInBytes: ContentLength, etag: ETag.replaceAll('"', '') };
}

function destinationExists(
  { what = 'video', source, destination }: CopyOptions,
  { ContentLength, LastModified }: HeadObjectCommandOutput,
): WorkflowError {
  return new WorkflowError(
    'DestinationExists',
    `Another object (${ContentLength} bytes, ${LastModified?.toISOString()}) is at ${uri(destination)}. The ${what} is at ${uri(source)}.`,
  );
}

function uri({ bucket, key }: ObjectAddress): string {
  return `s3://${bucket}/${key}`;
}
