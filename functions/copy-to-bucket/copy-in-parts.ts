import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  paginateListParts,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { statusOf } from '../runtime/status-of.ts';
import { type CopyPlan, type PartRange, partRanges } from './copy-plan.ts';
import { readInterruptedCopy, recordCopy } from './interrupted-copy.ts';
import { addressed, type CopyClients, onlyIfNothingIsThere, type PinnedCopy, pinned } from './pinned-copy.ts';

/** Finished parts, by their number. */
type Parts = Map<number, CompletedPart>;

/**
 * Copies an object in parts, several at once. Goes on with the upload of the same copy that was interrupted, if
 * there is one; a failure ends the upload, so that nothing is left to pay for.
 *
 * @throws Error of S3: 412 when the destination exists, `NoSuchUpload` when another attempt has completed or
 * ended the upload meanwhile; `VideoChanged` when the source is not what it was.
 */
export async function copyInParts(
  clients: CopyClients,
  copy: PinnedCopy,
  { partSize, concurrency }: Required<CopyPlan>,
): Promise<void> {
  const s3 = clients.destination;
  const { uploadId, parts, begun } = await openUpload(clients, copy);
  const upload = { ...addressed(copy.destination), UploadId: uploadId };
  const missing = partRanges(copy.source.sizeInBytes, partSize).filter(
    ({ partNumber }) => !parts.has(partNumber),
  );
  try {
    if (begun) await recordCopy(clients.source, copy, uploadId);
    await copyParts(s3, copy, uploadId, missing, parts, concurrency);
    await s3.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        ...onlyIfNothingIsThere(copy),
        ChecksumType: 'FULL_OBJECT',
        MpuObjectSize: copy.source.sizeInBytes,
        MultipartUpload: { Parts: [...parts.values()].sort(byNumber) },
      }),
    );
  } catch (error) {
    // That it cannot be ended tells less than why it had to be; the bucket's lifecycle rule ends what is left.
    await s3.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

async function openUpload(
  clients: CopyClients,
  copy: PinnedCopy,
): Promise<{ uploadId: string; parts: Parts; begun: boolean }> {
  const interrupted = await readInterruptedCopy(clients.source, copy);
  const parts = interrupted && (await listParts(clients.destination, copy, interrupted));
  if (interrupted && parts) return { uploadId: interrupted, parts, begun: false };
  const { UploadId = '' } = await clients.destination.send(
    new CreateMultipartUploadCommand({
      ...addressed(copy.destination),
      ...copy.settings,
      ChecksumAlgorithm: 'CRC64NVME',
      ChecksumType: 'FULL_OBJECT',
    }),
  );
  return { uploadId: UploadId, parts: new Map(), begun: true };
}

/** The parts that an upload has; undefined when it has been completed or ended. */
async function listParts(s3: S3Client, copy: PinnedCopy, uploadId: string): Promise<Parts | undefined> {
  const parts: Parts = new Map();
  try {
    const pages = paginateListParts({ client: s3 }, { ...addressed(copy.destination), UploadId: uploadId });
    for await (const { Parts = [] } of pages) {
      for (const { PartNumber = 0, ETag, ChecksumCRC64NVME } of Parts) {
        parts.set(PartNumber, completed(PartNumber, { ETag, ChecksumCRC64NVME }));
      }
    }
    return parts;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Copies the missing parts; the first that fails stops the others. */
async function copyParts(
  s3: S3Client,
  copy: PinnedCopy,
  uploadId: string,
  missing: readonly PartRange[],
  parts: Parts,
  concurrency: number,
): Promise<void> {
  const stop = new AbortController();
  const queue = missing.values();
  const worker = async () => {
    for (const range of queue) {
      stop.signal.throwIfAborted();
      parts.set(range.partNumber, await copyPart(s3, copy, uploadId, range, stop.signal));
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, missing.length) }, () =>
    worker().catch((error) => {
      stop.abort(error);
      throw error;
    }),
  );
  // All have ended before the upload is: S3 may otherwise keep a part that comes late.
  await Promise.allSettled(workers);
  stop.signal.throwIfAborted();
}

async function copyPart(
  s3: S3Client,
  copy: PinnedCopy,
  uploadId: string,
  { partNumber, first, last }: PartRange,
  abortSignal: AbortSignal,
): Promise<CompletedPart> {
  const command = new UploadPartCopyCommand({
    ...addressed(copy.destination),
    ...pinned(copy),
    UploadId: uploadId,
    PartNumber: partNumber,
    CopySourceRange: `bytes=${first}-${last}`,
  });
  try {
    const { CopyPartResult = {} } = await s3.send(command, { abortSignal });
    return completed(partNumber, CopyPartResult);
  } catch (error) {
    if (statusOf(error) === 412) throw videoChanged(error);
    throw error;
  }
}

/** The source of a copy is not what it was when the copy began. */
export function videoChanged(cause?: unknown): Error {
  const error = new Error('The video was changed while it was being copied.', { cause });
  error.name = 'VideoChanged';
  return error;
}

function completed(
  PartNumber: number,
  { ETag, ChecksumCRC64NVME }: Pick<CompletedPart, 'ETag' | 'ChecksumCRC64NVME'>,
): CompletedPart {
  return { PartNumber, ETag, ...(ChecksumCRC64NVME && { ChecksumCRC64NVME }) };
}

function byNumber(a: CompletedPart, b: CompletedPart): number {
  return (a.PartNumber ?? 0) - (b.PartNumber ?? 0);
}
